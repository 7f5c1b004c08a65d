"""The command line `fashion`: names and options only; fashion_assets/commands/ does the work.

Exit codes: 0 done, 1 something is missing or failed (and said), 2 bad use.
"""

from fashion_assets.cli import (  # each registers its commands  # each registers its commands
    audit,
    automation,  # each registers its commands
    erasing,  # each registers its commands
    keeping,  # each registers its commands
    looking,
    making,
    models,  # each registers its commands
    pictures,
    ui,
    uploads,
)
from fashion_assets.cli.app import app

__all__ = ["app", "audit", "looking", "making", "uploads"]
__all__ = ["app", "automation", "looking", "making", "uploads"]
__all__ = ["app", "keeping", "looking", "making", "uploads"]
__all__ = ["app", "erasing", "looking", "making", "uploads"]
__all__ = ["app", "looking", "making", "pictures", "ui", "uploads"]
__all__ = ["app", "looking", "making", "models", "uploads"]
