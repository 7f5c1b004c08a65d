"""The uploads folder of the local profiles: `users/<id>.<type>` and `items/<id>.<type>`, each with `<id>.json`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from tryon.core.errors import BadInput, BlobMissing, StoreError
from tryon.core.images import SUFFIXES
from tryon.core.uploads import Rejected, UploadFile, UploadKind, read_sidecar
from tryon.core.words import check_id
from tryon.stores.files import FolderSync

FOLDERS = {UploadKind.USER: "users", UploadKind.ITEM: "items"}


class FolderUploads:
    def __init__(self, root: Path) -> None:
        self.root = root
        self._digests: dict[tuple[Path, int, int], str] = {}

    def list(self) -> tuple[tuple[UploadFile, ...], tuple[Rejected, ...]]:
        """Oldest first, so that ordinals follow the order in which things were uploaded.

        Raises StoreError without the folder: an unmounted disk must not look like everybody's withdrawal.
        """
        if not self.root.is_dir():
            raise StoreError(f"there is no uploads folder {self.root}; make it, or name another with --data")
        accepted: list[UploadFile] = []
        rejected: list[Rejected] = []
        for kind, folder in FOLDERS.items():
            for stem, photos in self._by_age(folder):
                try:
                    accepted.append(self._read(kind, stem, photos))
                except BadInput as error:
                    rejected.append(Rejected(kind, stem, str(error)))
        return tuple(accepted), tuple(rejected)

    def open(self, kind: UploadKind, upload_id: str) -> bytes:
        return self._path(kind, upload_id).read_bytes()

    def url(self, kind: UploadKind, upload_id: str) -> str:
        return self._path(kind, upload_id).resolve().as_uri()

    def files(self, kind: UploadKind, upload_id: str) -> tuple[str, ...]:
        return tuple(sorted(path.name for path in self._kept(kind, upload_id)))

    def delete(self, kind: UploadKind, upload_id: str) -> int:
        found = self._kept(kind, upload_id)
        for path in found:
            path.unlink(missing_ok=True)
        if found:
            FolderSync(self.root / FOLDERS[kind]).sync()
        return len(found)

    def _kept(self, kind: UploadKind, upload_id: str) -> Sequence[Path]:
        """The photo, its sidecar, and the hidden halves that a killed `fashion add-user` left."""
        name, folder = check_id(upload_id, f"{kind} id"), self.root / FOLDERS[kind]
        found = {path for pattern in (name, f"{name}.*", f".{name}.*") for path in folder.glob(pattern)}
        return [path for path in found if path.is_file()]

    def _by_age(self, folder: str) -> Sequence[tuple[str, Sequence[Path]]]:
        """(stem, its files but the sidecar) of everything in the folder, oldest photo first."""
        found: dict[str, list[Path]] = {}
        for path in self._files(folder):
            found.setdefault(path.stem, []).extend([] if path.suffix == ".json" else [path])
        ages = {
            stem: min((p.stat().st_mtime_ns for p in photos), default=0) for stem, photos in found.items()
        }
        return sorted(found.items(), key=lambda upload: (ages[upload[0]], upload[0]))

    def _files(self, folder: str) -> Sequence[Path]:
        place = self.root / folder
        if not place.is_dir():
            return []
        return [path for path in place.iterdir() if path.is_file() and not path.name.startswith(".")]

    def _read(self, kind: UploadKind, stem: str, photos: Sequence[Path]) -> UploadFile:
        check_id(stem, f"{kind} id")
        photo = _only(kind, stem, photos)
        sidecar = photo.with_suffix(".json")
        if not sidecar.is_file():
            raise BadInput(f"{photo.name} has no {sidecar.name} beside it; add its sidecar")
        facts = read_sidecar(kind, stem, sidecar.read_bytes(), datetime.now(UTC))
        return UploadFile(kind, stem, self._digest(photo), facts)

    def _path(self, kind: UploadKind, upload_id: str) -> Path:
        """The photo as it lies there now."""
        found = (self.root / FOLDERS[kind]).glob(f"{check_id(upload_id)}.*")
        photos = [path for path in found if path.is_file() and path.suffix != ".json"]
        if not photos:
            raise BlobMissing(f"{kind} {upload_id!r} has no photo in the uploads any more")
        return _only(kind, upload_id, photos)

    def _digest(self, path: Path) -> str:
        """Hashed again only when size or time changed: a tick over 10,000 uploads must stay cheap."""
        stat = path.stat()
        stamp = (path, stat.st_mtime_ns, stat.st_size)
        if stamp not in self._digests:
            self._digests[stamp] = sha256(path.read_bytes()).hexdigest()
        return self._digests[stamp]


def _only(kind: UploadKind, stem: str, photos: Sequence[Path]) -> Path:
    if not photos:
        raise BadInput(f"{stem}.json has no photo beside it")
    if len(photos) > 1:
        raise BadInput(f"{kind} {stem!r} has several photos: {', '.join(sorted(p.name for p in photos))}")
    if photos[0].suffix.lower() not in SUFFIXES:
        raise BadInput(f"{photos[0].name}: type not accepted; use one of {', '.join(sorted(SUFFIXES))}")
    return photos[0]
