"""The backup's folder: every file under the digest of its own bytes, and one manifest that names them.

A file is never changed, so a backup that is being made cannot hurt the one that is there.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import file_digest, sha256
from pathlib import Path
from typing import BinaryIO

from tryon.core.errors import BadInput, StoreLocked
from tryon.stores.backup.manifest import MANIFEST, Entry, Manifest
from tryon.stores.disk import named_errors, sync_folder, write_whole

FILES = "files"
CHUNK = 1024 * 1024
_OURS = {FILES, MANIFEST}


class BackupFolder:
    """copied: files that were not there before. kept: files that were, and were read again and found right."""

    def __init__(self, root: Path) -> None:
        self.root, self._files = root, root / FILES
        self.copied = self.kept = 0
        self._sound: set[Entry] = set()

    def holds(self, entry: Entry) -> bool:
        """Whether these very bytes are there; what became damaged since is no copy any more."""
        if entry not in self._sound and is_sound(locate(self.root, entry), entry):
            self._sound.add(entry)
            self.kept += 1
        return entry in self._sound

    def store(self, source: Path) -> Entry:
        """Copy a file as it is now. Raises FileNotFoundError, DiskFull, ReadOnly."""
        with source.open("rb") as file, named_errors(self.root):
            handle, part = tempfile.mkstemp(dir=self._files, suffix=".part")
            try:
                with os.fdopen(handle, "wb") as target:
                    entry = _copy(file, target)
                self._take_over(Path(part), entry)
            finally:
                Path(part).unlink(missing_ok=True)
        return entry

    def _take_over(self, part: Path, entry: Entry) -> None:
        if self.holds(entry):
            return
        place = locate(self.root, entry)
        place.parent.mkdir(mode=0o700, exist_ok=True)
        os.replace(part, place)
        self._sound.add(entry)
        self.copied += 1

    def finish(self, manifest: Manifest) -> int:
        """Make it the backup of this folder, then delete what only earlier ones named. Returns how many."""
        with named_errors(self.root):
            for folder in (*self._files.iterdir(), self._files, self.root):
                sync_folder(folder)
            write_whole(self.root / MANIFEST, manifest.text().encode(), mode=0o600)
            sync_folder(self.root)
            return self._prune({locate(self.root, entry) for entry in manifest.files.values()})

    def _prune(self, named: set[Path]) -> int:
        extra = [path for path in self._files.rglob("*") if path.is_file() and path not in named]
        for path in extra:
            path.unlink()
        return len(extra)


@contextmanager
def opened(root: Path) -> Iterator[BackupFolder]:
    """An empty folder or one that holds a backup, for this process alone, private to this user.

    Raises BadInput for a folder with other files in it, and StoreLocked while another backup is made there.
    """
    with named_errors(root):
        private_folder(root)
        _check_ours(root)
        root.chmod(0o700)
        (root / FILES).mkdir(mode=0o700, exist_ok=True)
    handle = os.open(root, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreLocked(
                f"another process is making a backup in {root}; wait for it, or end it"
            ) from None
        yield BackupFolder(root)
    finally:
        os.close(handle)


def locate(root: Path, entry: Entry) -> Path:
    return root / FILES / entry.sha256[:2] / entry.sha256


def is_sound(path: Path, entry: Entry) -> bool:
    """Whether the file has these bytes. An unreadable disk raises OSError."""
    if not path.is_file() or path.stat().st_size != entry.size:
        return False
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest() == entry.sha256


def copy_checked(source: Path, target: Path, entry: Entry) -> bool:
    """Copy, and say whether what was read is what it should be. The target is private and durable."""
    private_folder(target.parent)
    with source.open("rb") as read, open(target, "xb", opener=_private) as write:
        return _copy(read, write) == entry


def private_folder(folder: Path) -> None:
    """With those above it that are missing: `parents=True` would give them the umask's mode."""
    if not folder.is_dir():
        private_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _copy(source: BinaryIO, target: BinaryIO) -> Entry:
    digest, size = sha256(), 0
    while chunk := source.read(CHUNK):
        digest.update(chunk)
        size += target.write(chunk)
    target.flush()
    os.fsync(target.fileno())
    return Entry(digest.hexdigest(), size)


def _check_ours(root: Path) -> None:
    others = sorted(
        path.name for path in root.iterdir() if path.name not in _OURS and not path.name.startswith(".")
    )
    if others:
        raise BadInput(
            f"{root} is no backup: it holds {', '.join(others[:5])}; name an empty folder, or an earlier backup"
        )
