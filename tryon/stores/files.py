"""Local files: blobs that are written once, and each user's document."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from tryon.core.errors import BadInput, BlobMissing
from tryon.core.words import check_id
from tryon.stores.disk import named_errors, sync_folder

PART = ".part"


class FileBlobs:
    """Blobs under a folder. A crash leaves either the whole file or, at worst, a stray `.part` file.
    A disk that cannot be written raises DiskFull or ReadOnly and leaves nothing."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._folders: dict[Path, FolderSync] = {}

    def put(self, path: str, data: bytes) -> bool:
        target = self._locate(path)
        with named_errors(self.root):
            self._make_folder(target.parent)
            handle, part = tempfile.mkstemp(dir=target.parent, suffix=PART)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                return self._link(part, target)
            finally:
                os.unlink(part)

    def _link(self, part: str, target: Path) -> bool:
        """Unlike a rename, a hard link never replaces what another worker put there first. What is there already
        becomes young again, so that no audit which judged it before takes it away."""
        while True:
            try:
                os.link(part, target)
                break
            except FileExistsError:
                with contextlib.suppress(FileNotFoundError):  # Discarded just now: then it is linked.
                    os.utime(target)
                    return False
        self._folders.setdefault(target.parent, FolderSync(target.parent)).sync()
        return True

    def _make_folder(self, folder: Path) -> None:
        if not folder.is_dir():
            self._make_folder(folder.parent)
            folder.mkdir(exist_ok=True)
            sync_folder(folder.parent)

    def get(self, path: str) -> bytes:
        try:
            return self._locate(path).read_bytes()
        except FileNotFoundError:
            raise BlobMissing(f"the stored file {path} is gone; restore it from a backup") from None

    def digest(self, path: str) -> str:
        try:
            with self._locate(path).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            raise BlobMissing(f"the stored file {path} is gone; restore it from a backup") from None

    def exists(self, path: str) -> bool:
        return self._locate(path).is_file()

    def list(self, prefix: str) -> Iterator[str]:
        folder = self._locate(prefix.rpartition("/")[0] or ".")
        for file in _walk(folder):
            path = file.relative_to(self.root).as_posix()
            if not path.endswith(PART) and path.startswith(prefix):
                yield path

    def ages(self, prefix: str) -> Iterator[tuple[str, datetime]]:
        """The later of both times of the file: a copy that keeps its old date is as young as it really is."""
        for path in self.list(prefix):
            with contextlib.suppress(FileNotFoundError):  # Deleted since it was listed.
                stat = self._locate(path).stat()
                yield path, _time(max(stat.st_mtime, stat.st_ctime))

    def discard(self, path: str, seen: datetime) -> bool:
        """Taken aside first: from then on a writer puts it anew, and what was put before shows in its date.
        Killed in between, it is a stray `.part` file."""
        target = self._locate(path)
        aside = target.with_name(f"{target.name}.{os.getpid()}-{threading.get_ident()}{PART}")
        try:
            os.rename(target, aside)
        except FileNotFoundError:
            return False
        again = _time(aside.stat().st_mtime) > seen
        if again:
            with contextlib.suppress(FileExistsError):
                os.link(aside, target)
        os.unlink(aside)
        sync_folder(target.parent)
        return not again

    def sweep(self, before: datetime, remove: bool) -> int:
        return _sweep(self.root, before, remove)

    def unfinished(self, prefix: str) -> Iterator[str]:
        folder = self._locate(prefix.rpartition("/")[0] or ".")
        for file in sorted(folder.rglob(f"*{PART}")):
            path = file.relative_to(self.root).as_posix()
            if path.startswith(prefix):
                yield path

    def delete(self, path: str) -> bool:
        """A folder that is empty then goes too: its name is an id."""
        target = self._locate(path)
        with named_errors(self.root), contextlib.suppress(FileNotFoundError):
            target.unlink()
            sync_folder(target.parent)
            if target.parent != self.root:
                with contextlib.suppress(OSError):
                    target.parent.rmdir()
            return True
        return False

    def url(self, path: str) -> str:
        return self._locate(path).resolve().as_uri()

    def _locate(self, path: str) -> Path:
        """Blob paths come from our own records; one that climbs out of the root is a bug or an attack."""
        parts = PurePosixPath(path)
        if parts.is_absolute() or ".." in parts.parts or not path:
            raise BadInput(f"blob path {path!r} leaves the store")
        return self.root / parts


class FolderSync:
    """Makes new names of a folder durable. Threads that arrive while one syncs share the next sync."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._counting, self._syncing = threading.Lock(), threading.Lock()
        self._asked = self._done = 0

    def sync(self) -> None:
        with self._counting:
            self._asked += 1
            mine = self._asked
        with self._syncing:
            if self._done >= mine:
                return  # A sync that began after our name was there has covered it.
            covered = self._asked
            sync_folder(self._folder)
            self._done = covered


class FileDocuments:
    """`<user>.json` files in a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, user_id: str, facts: Mapping[str, object]) -> None:
        text = json.dumps(facts, indent=2)
        with named_errors(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            self._replace(user_id, text)
            sync_folder(self.root)

    def _replace(self, user_id: str, text: str) -> None:
        target = self._locate(user_id)
        handle, part = tempfile.mkstemp(dir=self.root, prefix=f".{user_id}.", suffix=PART)
        try:
            with os.fdopen(handle, "w") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, target)
        except BaseException:
            os.unlink(part)
            raise

    def read(self, user_id: str) -> Mapping[str, object] | None:
        path = self._locate(user_id)
        facts: dict[str, object] | None = json.loads(path.read_text()) if path.is_file() else None
        return facts

    def list(self) -> Iterator[str]:
        yield from sorted(path.stem for path in self.root.glob("*.json"))

    def delete(self, user_id: str) -> bool:
        """Unfinished copies that a killed writer left go too."""
        document = self._locate(user_id)
        found = [path for path in (document, *self.root.glob(f".{user_id}.*.part")) if path.is_file()]
        for path in found:
            path.unlink(missing_ok=True)
        if found:
            sync_folder(self.root)
        return document in found

    def sweep(self, before: datetime, remove: bool) -> int:
        return _sweep(self.root, before, remove)

    def _locate(self, user_id: str) -> Path:
        return self.root / f"{check_id(user_id, 'user id')}.json"


def _sweep(folder: Path, before: datetime, remove: bool) -> int:
    found = 0
    for file in _walk(folder):
        with contextlib.suppress(FileNotFoundError):  # Its writer is alive and done with it.
            if file.name.endswith(PART) and _time(file.stat().st_mtime) < before:
                if remove:
                    file.unlink()
                found += 1
    return found


def _walk(folder: Path) -> Iterator[Path]:
    """Every file below, in the order of names, one folder in memory at a time."""
    try:
        names = sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return
    for path in (folder / name for name in names):
        if path.is_dir():
            yield from _walk(path)
        elif path.is_file():
            yield path


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
