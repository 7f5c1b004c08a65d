"""How much of one person's matrix has its verdict, in numbers alone."""

from __future__ import annotations

from collections import Counter
from itertools import islice

from tryon.core.coverage import Counts
from tryon.core.pipeline import Pipeline
from tryon.core.records import Verdict
from tryon.core.words import check_id


def tally(pipeline: Pipeline, user_id: str, most: int) -> Counts:
    """Of the first `most` outfits. What is out of date counts as missing: telling them apart takes the records of
    everything that was ever made. Raises UnknownUpload, InvalidId."""
    shelf = pipeline.shown_shelf(check_id(user_id, "user id"))
    standings = pipeline.records.standings(user_id)
    found = Counter(standings.get(look.input) for look in islice(shelf.every_tryon(), most))
    published, refused = found[Verdict.PUBLISHED], found[Verdict.REFUSED]
    return Counts(found.total(), published, refused, 0, found[None])
