"""Dagster resources: thin wrappers of tryon.wiring."""
