"""The uploads folder of the local profiles: `users/<id>.<type>` and `items/<id>.<type>`, each with `<id>.json`."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from tryon.core.errors import BadInput, BlobMissing
from tryon.core.images import SUFFIXES
from tryon.core.uploads import Rejected, UploadFile, UploadKind, read_sidecar
from tryon.core.words import check_id

FOLDERS = {UploadKind.USER: "users", UploadKind.ITEM: "items"}


class FolderUploads:
    def __init__(self, root: Path) -> None:
        self.root = root
        self._digests: dict[tuple[Path, int, int], str] = {}

    def list(self) -> tuple[tuple[UploadFile, ...], tuple[Rejected, ...]]:
        """Oldest first, so that ordinals follow the order in which things were uploaded."""
        accepted: list[UploadFile] = []
        rejected: list[Rejected] = []
        for kind, folder in FOLDERS.items():
            photos = [path for path in self._files(folder) if path.suffix != ".json"]
            for path in sorted(photos, key=lambda p: (p.stat().st_mtime_ns, p.name)):
                try:
                    accepted.append(self._read(kind, path))
                except BadInput as error:
                    rejected.append(Rejected(kind, path.stem, str(error)))
            rejected += self._orphan_sidecars(kind, folder, {path.stem for path in photos})
        return tuple(accepted), tuple(rejected)

    def open(self, kind: UploadKind, upload_id: str) -> bytes:
        return self._photo(kind, check_id(upload_id)).read_bytes()

    def url(self, kind: UploadKind, upload_id: str) -> str:
        return self._photo(kind, check_id(upload_id)).resolve().as_uri()

    def _files(self, folder: str) -> Sequence[Path]:
        place = self.root / folder
        return (
            [p for p in place.iterdir() if p.is_file() and not p.name.startswith(".")]
            if place.is_dir()
            else []
        )

    def _read(self, kind: UploadKind, path: Path) -> UploadFile:
        check_id(path.stem, f"{kind} id")
        self._photo(kind, path.stem)
        sidecar = path.with_suffix(".json")
        if not sidecar.is_file():
            raise BadInput(f"{path.name} has no {sidecar.name} beside it; add its sidecar")
        return UploadFile(
            kind, path.stem, self._digest(path), read_sidecar(kind, path.stem, sidecar.read_bytes())
        )

    def _photo(self, kind: UploadKind, upload_id: str) -> Path:
        photos = [p for p in self._files(FOLDERS[kind]) if p.stem == upload_id and p.suffix != ".json"]
        if not photos:
            raise BlobMissing(f"{kind} {upload_id!r} has no photo in {self.root / FOLDERS[kind]}")
        if len(photos) > 1:
            raise BadInput(
                f"{kind} {upload_id!r} has several photos: {', '.join(sorted(p.name for p in photos))}"
            )
        if photos[0].suffix.lower() not in SUFFIXES:
            raise BadInput(f"{photos[0].name}: type not accepted; use one of {', '.join(sorted(SUFFIXES))}")
        return photos[0]

    def _orphan_sidecars(self, kind: UploadKind, folder: str, photos: set[str]) -> Sequence[Rejected]:
        sidecars = {p.stem for p in self._files(folder) if p.suffix == ".json"}
        return [
            Rejected(kind, stem, f"{stem}.json has no photo beside it") for stem in sorted(sidecars - photos)
        ]

    def _digest(self, path: Path) -> str:
        """Hashed again only when size or time changed: a tick over 10,000 uploads must stay cheap."""
        stat = path.stat()
        stamp = (path, stat.st_mtime_ns, stat.st_size)
        if stamp not in self._digests:
            self._digests[stamp] = sha256(path.read_bytes()).hexdigest()
        return self._digests[stamp]
