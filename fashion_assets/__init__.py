"""The Dagster code location. definitions.py and cli.py sit on top and see everything else."""
