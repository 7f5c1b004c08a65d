"""Sensors: they look at the outside world and request runs; they never make anything themselves."""
