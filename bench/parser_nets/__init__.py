"""Nets with the shapes and costs of the published parsers, and random weights."""
