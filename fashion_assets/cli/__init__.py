"""The command line `fashion`: names and options only; fashion_assets/commands/ does the work.

Exit codes: 0 done, 1 something is missing or failed (and said), 2 bad use.
"""

from fashion_assets.cli import looking, making, pictures, ui, uploads  # each registers its commands
from fashion_assets.cli.app import app

__all__ = ["app", "looking", "making", "pictures", "ui", "uploads"]
