"""Weights that somebody names, in a few digits: what a result was made with is part of its recipe."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from hashlib import file_digest, sha256
from pathlib import Path

from tryon.core.errors import InvalidSetting


def fingerprint(path: Path, what: str) -> str:
    """12 hex digits that change with the weights; in milliseconds for torch's zips, which list each tensor's CRC-32 and
    size. Raises InvalidSetting when there is no such file."""
    if not path.is_file():
        raise InvalidSetting(f"{what} {path} is not a file; name one, or leave it out")
    if not zipfile.is_zipfile(path):
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()[:12]
    with zipfile.ZipFile(path) as archive:
        listed = [
            f"{entry.filename.partition('/')[2]} {entry.file_size} {entry.CRC}"
            for entry in archive.infolist()
        ]
    return sha256("\n".join(listed).encode()).hexdigest()[:12]


def fingerprint_all(folder: Path, paths: Sequence[str], what: str) -> str:
    """Of several files in a folder. Raises InvalidSetting naming the first one that is not there."""
    found = [fingerprint(folder / path, what) for path in paths]
    return sha256("\n".join(found).encode()).hexdigest()[:12]
