"""`fashion` over engines that cost nothing, whose dresser says that it began and then waits to be let go."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

from bench.null_engines import NullDresser
from fashion_assets.cli import app
from fashion_assets.commands import opening
from tests.cli.null_fashion import open_null
from tryon.core.ports import Dressed, DressJob
from tryon.core.words import Refused

honest = NullDresser.dress


def dress(self: NullDresser, batch: Sequence[DressJob]) -> list[Dressed | Refused]:
    Path(os.environ["SLOW_BEGAN"]).touch()
    while not Path(os.environ["SLOW_GATE"]).exists():
        time.sleep(0.02)
    return honest(self, batch)


if __name__ == "__main__":
    NullDresser.dress = dress  # type: ignore[method-assign]
    opening.open_pipeline = open_null
    app()
