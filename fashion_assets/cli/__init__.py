"""The command line `fashion`: names and options only; fashion_assets/commands/ does the work.

Exit codes: 0 done, 1 something is missing or failed (and said), 2 bad use.
"""

# Each module registers its commands.
from fashion_assets.cli import (
    audit,
    automation,
    check,
    erasing,
    keeping,
    looking,
    making,
    models,
    openapi,
    pictures,
    serve,
    ui,
    uploads,
)
from fashion_assets.cli.app import app

__all__ = [
    "app",
    "audit",
    "automation",
    "check",
    "erasing",
    "keeping",
    "looking",
    "making",
    "models",
    "openapi",
    "pictures",
    "serve",
    "ui",
    "uploads",
]
