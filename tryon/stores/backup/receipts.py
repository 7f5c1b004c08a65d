"""Receipts of erasures, and what a restore must leave out because of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tryon.core.errors import BadInput
from tryon.core.uploads import UploadKind, UploadRef
from tryon.core.words import check_id


@dataclass(frozen=True)
class Erased:
    """An upload that a receipt names, and when its erasure began or ended."""

    ref: UploadRef
    at: str


def read_receipts(folder: Path) -> list[Erased]:
    """Every `.json` in the folder. Raises BadInput: a receipt that cannot be read must not be passed over."""
    return [_read(path) for path in sorted(folder.glob("*.json"))]


def _read(path: Path) -> Erased:
    try:
        facts = json.loads(path.read_text())
        kind, ordinal = UploadKind(facts["kind"]), int(facts["ordinal"])
        at = str(facts.get("buried_at") or facts["erased_at"])
        return Erased(UploadRef(kind, check_id(facts["id"]), ordinal), at)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(f"{path} is no receipt of an erasure ({error!r}); take it out of the folder") from None


def files_of(data: Path, uploads: Iterable[UploadRef]) -> Iterator[Path]:
    """What lies in a data folder under the ids of these uploads: photos, sidecars, documents, blobs."""
    for upload in uploads:
        places = [
            data / "uploads" / f"{upload.kind}s",
            *([data / "export"] if upload.kind is UploadKind.USER else []),
        ]
        for place in places:
            yield from place.glob(f"{upload.id}.*")
        yield from (data / "blobs" / f"{upload.kind}s" / upload.id).glob("*")
