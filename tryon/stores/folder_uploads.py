"""The uploads folder of the local profiles: `users/<id>.<type>` and `items/<id>.<type>`, each with `<id>.json`."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from tryon.core.errors import BadInput, BlobMissing, StoreError
from tryon.core.images import SUFFIXES
from tryon.core.uploads import Rejected, UploadFile, UploadKind, read_sidecar
from tryon.core.words import check_id
from tryon.stores.digests import Digest, Digests, MemoryDigests, Stamp
from tryon.stores.files import FolderSync

FOLDERS = {UploadKind.USER: "users", UploadKind.ITEM: "items"}

SETTLED_NS = 2_000_000_000
"""A file that changed less than 2 s before it was read may change once more within the same tick of its clock (FAT
counts in 2 s), and its stamp would not show it: its digest is used, but not kept."""

BATCH = 64
"""Photos hashed between two writes of their digests: what a killed look may have to hash again."""


class FolderUploads:
    """digests: where the photos' digests are kept. clock: nanoseconds since 1970, as the file system counts."""

    def __init__(
        self, root: Path, digests: Digests | None = None, clock: Callable[[], int] = time.time_ns
    ) -> None:
        self.root = root
        self._digests = digests if digests is not None else MemoryDigests()
        self._clock = clock

    def list(self) -> tuple[tuple[UploadFile, ...], tuple[Rejected, ...]]:
        """Oldest first, so that ordinals follow the order in which things were uploaded.

        Raises StoreError without the folder: an unmounted disk must not look like everybody's withdrawal.
        """
        if not self.root.is_dir():
            raise StoreError(f"there is no uploads folder {self.root}; make it, or name another with --data")
        accepted: list[UploadFile] = []
        rejected: list[Rejected] = []
        hasher = _Hasher(self.root, self._digests, self._clock)
        for kind, folder in FOLDERS.items():
            for stem, photos in self._by_age(folder):
                try:
                    accepted.append(self._read(kind, stem, photos, hasher))
                except BadInput as error:
                    rejected.append(Rejected(kind, stem, str(error)))
        hasher.finish()
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
        self._digests.forget([path.relative_to(self.root).as_posix() for path in found])
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

    def _read(self, kind: UploadKind, stem: str, photos: Sequence[Path], hasher: _Hasher) -> UploadFile:
        check_id(stem, f"{kind} id")
        photo = _only(kind, stem, photos)
        sidecar = photo.with_suffix(".json")
        if not sidecar.is_file():
            raise BadInput(f"{photo.name} has no {sidecar.name} beside it; add its sidecar")
        facts = read_sidecar(kind, stem, sidecar.read_bytes(), datetime.now(UTC))
        return UploadFile(kind, stem, hasher.digest(photo), facts)

    def _path(self, kind: UploadKind, upload_id: str) -> Path:
        """The photo as it lies there now."""
        found = (self.root / FOLDERS[kind]).glob(f"{check_id(upload_id)}.*")
        photos = [path for path in found if path.is_file() and path.suffix != ".json"]
        if not photos:
            raise BlobMissing(f"{kind} {upload_id!r} has no photo in the uploads any more")
        return _only(kind, upload_id, photos)


class _Hasher:
    """The digests of one look at the folder: those that are known, and those it has to work out."""

    def __init__(self, root: Path, digests: Digests, clock: Callable[[], int]) -> None:
        self._root, self._digests, self._clock = root, digests, clock
        self._known = digests.known()
        self._new: dict[str, Digest] = {}
        self._seen: set[str] = set()

    def digest(self, photo: Path) -> str:
        path, now, stamp = self._name(photo), self._clock(), Stamp.of(photo.stat())
        self._seen.add(path)
        known = self._known.get(path)
        if known and known.stamp == stamp:
            return known.sha256
        found = Digest(stamp, sha256(photo.read_bytes()).hexdigest())
        if stamp.ctime_ns < now - SETTLED_NS:
            self._new[path] = found
        if len(self._new) >= BATCH:
            self._write()
        return found.sha256

    def finish(self) -> None:
        """Keep what was worked out, and nothing about a photo that is gone or not accepted any more."""
        self._write()
        gone = self._known.keys() - self._seen
        if gone:
            self._digests.forget(sorted(gone))

    def _write(self) -> None:
        """A photo that was erased since it was hashed is not remembered."""
        kept = {path: digest for path, digest in self._new.items() if (self._root / path).is_file()}
        self._new = {}
        if kept:
            self._digests.remember(kept)

    def _name(self, photo: Path) -> str:
        return photo.relative_to(self._root).as_posix()


def _only(kind: UploadKind, stem: str, photos: Sequence[Path]) -> Path:
    if not photos:
        raise BadInput(f"{stem}.json has no photo beside it")
    if len(photos) > 1:
        raise BadInput(f"{kind} {stem!r} has several photos: {', '.join(sorted(p.name for p in photos))}")
    if photos[0].suffix.lower() not in SUFFIXES:
        raise BadInput(f"{photos[0].name}: type not accepted; use one of {', '.join(sorted(SUFFIXES))}")
    return photos[0]
