"""The list of everything in a backup. It is written last: a folder without one, or with an older one, is never
taken for the backup that was being made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from tryon.core.errors import BadInput, StoreDamaged
from tryon.core.recipes import canonical_json

MANIFEST = "manifest.json"
FORMAT = 1


class Entry(NamedTuple):
    """One file: the digest of its bytes, and how many."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Manifest:
    """taken_at: when the database was copied; what happened later is not in it. schema: of the database.
    counts: users, items, records, blobs, files. files: path in the data folder -> its bytes."""

    taken_at: str
    schema: int
    counts: Mapping[str, int]
    files: Mapping[str, Entry]

    @property
    def size(self) -> int:
        return sum(entry.size for entry in self.files.values())

    def text(self) -> str:
        facts = {"format": FORMAT, **asdict(self), "bytes": self.size}
        return json.dumps({**facts, "sha256": _digest(facts)}, indent=1)


def read_manifest(folder: Path) -> Manifest:
    """Raises BadInput where there is no backup, and StoreDamaged where its manifest is not as it was written."""
    path = folder / MANIFEST
    if not path.is_file():
        raise BadInput(
            f"{folder} is no finished backup: it has no {MANIFEST}; name another, or make one with `fashion backup`"
        )
    try:
        facts: dict[str, Any] = json.loads(path.read_text())
        if facts.pop("sha256") != _digest(facts):
            raise ValueError("its own digest differs")
        if facts["format"] != FORMAT:
            raise BadInput(f"the backup {folder} has format {facts['format']}; this version reads {FORMAT}")
        files = {name: Entry(*entry) for name, entry in facts["files"].items()}
        return Manifest(facts["taken_at"], facts["schema"], facts["counts"], files)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreDamaged(f"{path} was changed after it was written ({error}); use another backup") from None


def inside(name: str) -> PurePosixPath:
    """A path of a manifest, which may have been made by somebody else: it must stay in the data folder."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise StoreDamaged(f"the backup names {name!r}, which is outside a data folder; use another backup")
    return path


def _digest(facts: Mapping[str, object]) -> str:
    return sha256(canonical_json(json.loads(json.dumps(facts))).encode()).hexdigest()
