"""Virtual try-on as a library: it knows no Dagster. core <- engines, stores <- wiring."""
