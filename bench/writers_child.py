"""One of the processes of `bench writers`."""

from __future__ import annotations

import json
import os
from pathlib import Path

from bench.filling import Site, fill
from tryon.core.stages.tally import Status


def write(site: Site, told: Path) -> None:
    """Fill the whole matrix, whoever else does, and write down the keys that this process published."""
    tally = fill(site.open(), f"writer-{os.getpid()}")
    assert not tally.failed, [entry.message for entry in tally.failed][:5]
    told.write_text(json.dumps([e.product.key for e in tally.entries if e.status is Status.MADE]))
