"""Several processes fill one matrix at once, on real files and one real SQLite file."""

from __future__ import annotations

import json
import tempfile
import time
from collections import Counter
from pathlib import Path

from bench.children import finish, start
from bench.filling import Site
from bench.truth import repeated, wrong_bytes
from bench.writers_child import write

MOST_SECONDS = 540.0


def measure(writers: int = 8, users: int = 20, tops: int = 6, bottoms: int = 6) -> dict[str, object]:
    """keys: engine passes that one writer alone would need. engine_calls: passes of all writers together.
    duplicates: products that more than one writer says it published, and published generations beyond the first."""
    with tempfile.TemporaryDirectory(prefix="fashion-bench-") as folder:
        site = Site(Path(folder), batch=16)
        site.upload(users, tops, bottoms)
        keys = _passes(site)
        started = time.perf_counter()
        told = [site.folder / f"writer-{n}.json" for n in range(writers)]
        children = [start(write, site, path) for path in told]
        for child in children:
            finish(child, MOST_SECONDS)
        seconds = time.perf_counter() - started
        made = Counter(key for path in told for key in json.loads(path.read_text()))
        pipeline = site.open()
        assert pipeline.plan().nothing, "the writers left something unmade"
        return {
            "writers": writers,
            "keys": keys,
            "engine_calls": site.calls.count,
            "duplicates": sum(count - 1 for count in made.values()) + repeated(pipeline),
            "wrong_bytes": wrong_bytes(pipeline),
            "seconds": round(seconds, 1),
            "most_by_one_writer": max(len(json.loads(path.read_text())) for path in told),
            "products": len(made),
        }


def _passes(site: Site) -> int:
    """From a plan over the registered uploads, before anything is made."""
    pipeline = site.open()
    pipeline.reconcile()
    return sum(pipeline.plan().passes.values())
