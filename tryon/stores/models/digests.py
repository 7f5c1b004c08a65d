"""Whether a file is what was published."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha1, sha256
from pathlib import Path
from typing import Protocol

from tryon.core.models import ModelFile

CHUNK = 1 << 20

Tell = Callable[[int, int | None], None]
"""Bytes done, and bytes in all where they are known."""


@dataclass(frozen=True, slots=True)
class Published:
    """What is known of a file before it is here; None: nothing. size: bytes. sha256: hex.

    git_sha1: hex of git's blob id, which is all that the hub declares of a file that is not in its large file storage.
    """

    size: int | None = None
    sha256: str | None = None
    git_sha1: str | None = None

    @property
    def digest(self) -> str | None:
        """The strongest one."""
        return self.sha256 or self.git_sha1


def hash_file(path: Path, tell: Tell) -> Published:
    """size, sha256 and git_sha1 of a file on the disk. git hashes the size before the content:
    https://git-scm.com/book/en/v2/Git-Internals-Git-Objects."""
    size = path.stat().st_size
    content, blob = sha256(), sha1(b"blob %d\0" % size, usedforsecurity=False)
    done = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            content.update(chunk)
            blob.update(chunk)
            done += len(chunk)
            tell(done, size)
    return Published(size, content.hexdigest(), blob.hexdigest())


def known(file: ModelFile) -> Published:
    return Published(file.size, file.sha256)


def difference(found: Published, published: Published) -> str:
    """What contradicts what was published, as "sha256 X, published was Y"; empty where nothing does."""
    for name in ("size", "sha256", "git_sha1"):
        wanted, there = getattr(published, name), getattr(found, name)
        if None not in (wanted, there) and wanted != there:
            return f"{name} {there}, published was {wanted}"
    return ""


class Progress(Protocol):
    """done, total: bytes of one file of a model, while it is downloaded or read."""

    def __call__(self, model: str, file: str, done: int, total: int | None) -> None: ...


def silent(model: str, file: str, done: int, total: int | None) -> None:
    pass
