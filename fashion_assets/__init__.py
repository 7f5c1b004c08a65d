"""The Dagster code location. definitions.py and cli.py sit on top and see everything else."""

import warnings

import dagster as dg

# Mapping user x item onto its dimensions, and chunked backfills, are beta in Dagster 1.13. They do what we
# need (tests/dagster holds them to it), so the warning at every load would only hide others.
warnings.filterwarnings("ignore", category=dg.BetaWarning)
