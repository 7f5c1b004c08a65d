"""The disk: its errors by name, and files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tryon.core.errors import DiskFull, ReadOnly, StoreUnusable

AGAIN = "then run the same command again: what was published stays, nothing is half published"
PROBE_BYTES = 256 * 1024
"""More than SQLite asks for at once, so that a disk which is too full for it is too full for the probe."""


@contextlib.contextmanager
def named_errors(folder: Path) -> Iterator[None]:
    """Raise what nobody can retry away by its name. folder: what the message names; never a file in it, since
    messages reach logs that cannot be erased."""
    try:
        yield
    except OSError as error:
        named = unusable(folder, error)
        if named is None:
            raise
        raise named from error


def unusable(folder: Path, error: OSError) -> StoreUnusable | None:
    """None for an error that is about one file, or may pass."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(
            f"the disk of {folder} is full{free(folder)}; free some space or raise the quota, {AGAIN}"
        )
    if error.errno == errno.EROFS:
        return ReadOnly(
            f"the disk of {folder} is read-only; mount it writable, or name another folder with --data, {AGAIN}"
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return ReadOnly(f"this user may not write in {folder}; give it permission, {AGAIN}")
    return None


def probe(folder: Path) -> StoreUnusable | None:
    """What the disk itself says, for callers whose own error does not tell: write a file, and remove it."""
    try:
        with named_errors(folder), tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(PROBE_BYTES))
            file.flush()
    except StoreUnusable as error:
        return error
    except OSError:
        return None
    return None


def write_whole(path: Path, data: bytes, mode: int = 0o666) -> None:
    """Replace a file; a reader sees the old or the new one, and a failure leaves the old one and nothing else.

    The unfinished file is hidden: listings of uploads skip such names. mode: less what the umask takes.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        with open(part, "wb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def nearest(folder: Path) -> Path:
    """The folder, or its nearest ancestor that exists."""
    return next(place for place in (folder, *folder.resolve().parents) if place.is_dir())


def free(folder: Path) -> str:
    """For a message."""
    return f" ({shutil.disk_usage(nearest(folder)).free / 1e6:.1f} MB are free now)"


def sync_folder(folder: Path) -> None:
    """A new name is durable only when its folder was synced too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
