"""How a person puts an upload into each source, so that one suite can hold all of them to the port."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from tests.fakes import MemoryUploads
from tests.peers.supabase_peer import SupabasePeer
from tryon.core.ports import Uploads
from tryon.core.uploads import UploadKind
from tryon.stores.folder_uploads import FOLDERS, FolderUploads
from tryon.stores.supabase.folders import FOLDERS as BUCKET_FOLDERS
from tryon.stores.supabase.profiles import Profile
from tryon.stores.supabase.uploads import SupabaseUploads


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


class MemoryProfiles:
    """Users' documents, as Firestore would have them."""

    def __init__(self) -> None:
        self.profiles: dict[str, Profile] = {}

    def all(self) -> Mapping[str, Profile]:
        return dict(self.profiles)

    def one(self, user_id: str) -> Profile | None:
        return self.profiles.get(user_id)

    def delete(self, user_id: str) -> bool:
        return self.profiles.pop(user_id, None) is not None


class SupabaseSource:
    """A user's sidecar is in the document, an item's in the bucket."""

    def __init__(self, peer: SupabasePeer, **settings: Any) -> None:
        self.peer, self.profiles = peer, MemoryProfiles()
        self.uploads = SupabaseUploads(peer.address, peer.key, self.profiles, **settings)

    def photo(self, kind: UploadKind, upload_id: str, data: bytes) -> None:
        self.peer.lay("uploads", f"{BUCKET_FOLDERS[kind]}/{upload_id}/photo.png", data)

    def sidecar(self, kind: UploadKind, upload_id: str, data: bytes) -> None:
        if kind is UploadKind.USER:
            self.profiles.profiles[upload_id] = Profile(sidecar=data)
        else:
            self.peer.lay("uploads", f"items/{upload_id}/item.json", data, "application/json")

    def remove(self, kind: UploadKind, upload_id: str) -> None:
        self.profiles.profiles.pop(upload_id, None)
        objects = self.peer.buckets["uploads"]
        for name in [name for name in objects if name.startswith(f"{BUCKET_FOLDERS[kind]}/{upload_id}/")]:
            del objects[name]


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
