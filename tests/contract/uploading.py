"""How a person puts an upload into each source, so that one suite can hold all of them to the port."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from tests.fakes import MemoryUploads
from tryon.core.ports import Uploads
from tryon.core.uploads import UploadKind
from tryon.stores.folder_uploads import FOLDERS, FolderUploads


class Source(Protocol):
    @property
    def uploads(self) -> Uploads: ...

    def photo(self, kind: UploadKind, upload_id: str, data: bytes) -> None: ...

    def sidecar(self, kind: UploadKind, upload_id: str, data: bytes) -> None: ...

    def remove(self, kind: UploadKind, upload_id: str) -> None: ...


class MemorySource:
    def __init__(self) -> None:
        self.uploads = MemoryUploads()

    def photo(self, kind: UploadKind, upload_id: str, data: bytes) -> None:
        self.uploads.photos[kind, upload_id] = data

    def sidecar(self, kind: UploadKind, upload_id: str, data: bytes) -> None:
        self.uploads.sidecars[kind, upload_id] = data

    def remove(self, kind: UploadKind, upload_id: str) -> None:
        del self.uploads.photos[kind, upload_id], self.uploads.sidecars[kind, upload_id]


class FolderSource:
    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True)
        self.uploads = FolderUploads(root)

    def photo(self, kind: UploadKind, upload_id: str, data: bytes) -> None:
        self.place(kind, f"{upload_id}.png").write_bytes(data)

    def sidecar(self, kind: UploadKind, upload_id: str, data: bytes) -> None:
        self.place(kind, f"{upload_id}.json").write_bytes(data)

    def remove(self, kind: UploadKind, upload_id: str) -> None:
        for suffix in ("png", "json"):
            self.place(kind, f"{upload_id}.{suffix}").unlink()

    def place(self, kind: UploadKind, name: str) -> Path:
        folder = self.uploads.root / FOLDERS[kind]
        folder.mkdir(parents=True, exist_ok=True)
        return folder / name
