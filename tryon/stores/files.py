"""Local files: blobs that are written once, and each user's document."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from tryon.core.errors import BadInput, BlobMissing
from tryon.core.words import check_id


class FileBlobs:
    """Blobs under a folder. A crash leaves either the whole file or, at worst, a stray `.part` file."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._folders: dict[Path, FolderSync] = {}

    def put(self, path: str, data: bytes) -> bool:
        target = self._locate(path)
        self._make_folder(target.parent)
        handle, part = tempfile.mkstemp(dir=target.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            return self._link(part, target)
        finally:
            os.unlink(part)

    def _link(self, part: str, target: Path) -> bool:
        """Unlike a rename, a hard link never replaces what another worker put there first."""
        try:
            os.link(part, target)
        except FileExistsError:
            return False
        self._folders.setdefault(target.parent, FolderSync(target.parent)).sync()
        return True

    def _make_folder(self, folder: Path) -> None:
        if not folder.is_dir():
            self._make_folder(folder.parent)
            folder.mkdir(exist_ok=True)
            _sync_folder(folder.parent)

    def get(self, path: str) -> bytes:
        try:
            return self._locate(path).read_bytes()
        except FileNotFoundError:
            raise BlobMissing(f"the stored file {path} is gone; restore it from a backup") from None

    def exists(self, path: str) -> bool:
        return self._locate(path).is_file()

    def list(self, prefix: str) -> Iterator[str]:
        folder = self._locate(prefix.rpartition("/")[0] or ".")
        for file in sorted(folder.rglob("*")):
            path = file.relative_to(self.root).as_posix()
            if file.is_file() and not path.endswith(".part") and path.startswith(prefix):
                yield path

    def unfinished(self, prefix: str) -> Iterator[str]:
        folder = self._locate(prefix.rpartition("/")[0] or ".")
        for file in sorted(folder.rglob("*.part")):
            path = file.relative_to(self.root).as_posix()
            if path.startswith(prefix):
                yield path

    def delete(self, path: str) -> bool:
        """A folder that is empty then goes too: its name is an id."""
        target = self._locate(path)
        with contextlib.suppress(FileNotFoundError):
            target.unlink()
            _sync_folder(target.parent)
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
            _sync_folder(self._folder)
            self._done = covered


class FileDocuments:
    """`<user>.json` files in a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, user_id: str, facts: Mapping[str, object]) -> None:
        text = json.dumps(facts, indent=2)
        self.root.mkdir(parents=True, exist_ok=True)
        target = self._locate(user_id)
        handle, part = tempfile.mkstemp(dir=self.root, prefix=f".{user_id}.", suffix=".part")
        with os.fdopen(handle, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, target)
        _sync_folder(self.root)

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
            _sync_folder(self.root)
        return document in found

    def _locate(self, user_id: str) -> Path:
        return self.root / f"{check_id(user_id, 'user id')}.json"


def _sync_folder(folder: Path) -> None:
    """A new name is durable only when its folder was synced too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
