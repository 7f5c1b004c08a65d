"""Virtual try-on as a library: it knows no Dagster. core <- engines, stores <- wiring."""

VERSION = "0.1.0"
"""As in pyproject.toml: in a container only the files are there, and no package that could be asked."""
