"""The Dagster code location. definitions.py and cli/ sit on top and see everything else."""
