"""The contact sheet: each user's own photo and some of their looks, from published images alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from tryon.core.contact_sheet import Cell, Heading, paint
from tryon.core.errors import FashionError
from tryon.core.images import decode
from tryon.core.pipeline import Pipeline
from tryon.core.ports import Pixels
from tryon.core.provenance import DigitalSource, mark
from tryon.core.records import BlobFacts, Record
from tryon.core.stored import read_verified
from tryon.core.uploads import UploadKind, User
from tryon.core.words import Outfit

LOOKS = 8
ROWS = 12
"""Users on a sheet: more than a screen can show are left out."""
HEADING = Heading(
    "Every user in every outfit",
    "Each row: the user's own photo, then looks that were generated ahead of time",
)


def draw(pipeline: Pipeline, path: Path) -> Path:
    """Write the sheet as a JPEG that says it is made of generated pictures."""
    users = pipeline.records.users()[:ROWS]
    shown = {user.id: _published(pipeline, user) for user in users}
    looks = choose([outfit for outfit in pipeline.wanted().matrix.outfits() if outfit.is_look], shown)
    rows = [_row(pipeline, user, looks, shown[user.id]) for user in users]
    sheet = paint(rows, 1 + len(looks), heading=HEADING)
    packet = mark(DigitalSource.COMPOSITE_SYNTHETIC)
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path, "JPEG", quality=90, xmp=packet)
    return path


def choose(looks: Sequence[Outfit], shown: dict[str, dict[str, Record]], count: int = LOOKS) -> list[Outfit]:
    """The same looks for every user, so that columns compare: those most users have, and of these the ones
    whose garments were shown least."""
    left = {look: sum(look.id in records for records in shown.values()) for look in looks}
    left = {look: users for look, users in left.items() if users}
    used: Counter[str] = Counter()
    chosen: list[Outfit] = []
    while left and len(chosen) < count:
        worn = {
            look: sum(used[garment.id] for garment in look.garments) / len(look.garments) for look in left
        }
        best = min(left, key=lambda look: (worn[look], -left[look]))
        used.update(garment.id for garment in best.garments)
        chosen.append(best)
        del left[best]
    return chosen


def _published(pipeline: Pipeline, user: User) -> dict[str, Record]:
    """Outfit id -> its record, of what may be shown."""
    looks = {look.input: look.name for look in pipeline.shown_shelf(user.id).every_tryon()}
    found = pipeline.records.find(list(looks))
    return {looks[made]: record for made, record in found.items() if isinstance(record.result, BlobFacts)}


def _row(pipeline: Pipeline, user: User, looks: Sequence[Outfit], shown: dict[str, Record]) -> Iterator[Cell]:
    original = _pixels(partial(pipeline.uploads.open, UploadKind.USER, user.id))
    yield Cell(f"{user.id}\noriginal photo", original)
    for look in looks:
        record = shown.get(look.id)
        image = _pixels(partial(read_verified, pipeline.blobs, record)) if record else None
        yield Cell("\n".join(garment.item for garment in look.garments), image)


def _pixels(read: Callable[[], bytes]) -> Pixels | None:
    """None for a file that is gone or no picture; the refusal or `fashion doctor` says why."""
    try:
        return decode(read()).pixels
    except FashionError:
        return None
