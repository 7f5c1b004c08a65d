"""Change one garment's photo: exactly the outfits that show it are made again."""

from __future__ import annotations

from bench.arena import arena
from bench.uploads import write_item
from tryon.core.ports import Records
from tryon.core.recipes import Stage


def measure(users: int, tops: int, bottoms: int) -> dict[str, object]:
    """expected: users x (the single, and every two-piece outfit of the changed top). recomputed: engine passes
    that the next run really made for try-ons."""
    with arena(users, tops, bottoms) as place:
        place.operator.pregenerate()
        write_item(place.uploads, "t0000", ["tops"], seed=999)
        before = _tryons(place.pipeline.records)
        summary = place.operator.pregenerate()
        recomputed = _tryons(place.pipeline.records) - before
        assert not summary.failed and place.pipeline.plan().nothing, summary.failed
        return {"expected": users * (1 + bottoms), "recomputed": recomputed}


def _tryons(records: Records) -> int:
    return records.history()[Stage.TRYON].passes
