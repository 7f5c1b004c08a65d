"""Digests of uploaded photos that outlive the process, so that looking at thousands of photos stays cheap."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol


class Stamp(NamedTuple):
    """What changes when a file does. ctime and inode notice a photo that was replaced by one of the same size
    within the same tick of mtime, or whose mtime was set back. size: bytes; times: nanoseconds since 1970."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int

    @classmethod
    def of(cls, stat: os.stat_result) -> Stamp:
        return cls(stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)


class Digest(NamedTuple):
    """sha256: hex digest of the bytes that the file held when it had this stamp."""

    stamp: Stamp
    sha256: str


class Digests(Protocol):
    """Digests by the photo's path, relative to the uploads folder."""

    def known(self) -> Mapping[str, Digest]: ...

    def remember(self, digests: Mapping[str, Digest]) -> None:
        """Durable on return; replaces what was known about these paths."""
        ...

    def forget(self, paths: Iterable[str]) -> None:
        """Paths that are not known are left alone. An erasure calls this, so that no digest stays behind."""
        ...


class MemoryDigests:
    """For one process."""

    def __init__(self) -> None:
        self._digests: dict[str, Digest] = {}

    def known(self) -> Mapping[str, Digest]:
        return dict(self._digests)

    def remember(self, digests: Mapping[str, Digest]) -> None:
        self._digests.update(digests)

    def forget(self, paths: Iterable[str]) -> None:
        for path in paths:
            self._digests.pop(path, None)
