"""Masks in Cloudinary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from hashlib import sha256

from pydantic import SecretStr

from tryon.stores.blob_paths import inside, missing
from tryon.stores.cloudinary.account import API, read_account
from tryon.stores.cloudinary.assets import Asset, Assets
from tryon.stores.cloudinary.discarding import ASIDE, Discarder, begun_at
from tryon.stores.patience import NotThere, Patience, Tries

PAGE = 500
"""Entries of a listing per call: the most that the admin API gives. Its calls are counted by the hour."""

FOLDERS = ("guests/", "items/", "users/")
"""Where blobs lie. Whatever else the account keeps is not ours."""


class CloudinaryMasks:
    """Blobs as authenticated assets. url: CLOUDINARY_URL. api: of the API, where the url names none. timeout: seconds
    for each of: a connection, sending, the next bytes.

    An upload is one request, and its asset appears when all of it is stored: nothing half-written can be seen. It is
    create-only with `overwrite=false`, which Cloudinary decides. A blob that is put again is uploaded over itself,
    which renews its age and makes it anew if it was removed meanwhile; bytes that differ are left alone (no caller
    relies on them, since it reads back and compares). What `discard` can do and cannot: .discarding.
    """

    def __init__(
        self, url: SecretStr, *, api: str = API, timeout: float = 30.0, patience: Patience | None = None
    ) -> None:
        """Raises StoreUnusable for a url that is none."""
        self._assets = Assets(read_account(url, api, timeout))
        self._patience = patience or Patience()
        self._discarder = Discarder(self._assets, self._patience)

    def put(self, path: str, data: bytes) -> bool:
        """True also when an answer was lost and the bytes are there on the next try."""
        inside(path)
        tries = Tries()
        while True:
            create = partial(self._assets.upload, path, data, overwrite=False)
            if self._patience.call(lambda create=create: tries.mark(create)):  # type: ignore[misc]
                return True
            try:
                if self._digest(path) != sha256(data).hexdigest():
                    return False
            except NotThere:
                continue  # Removed just now: then it is created.
            self._patience.call(lambda: self._assets.upload(path, data, overwrite=True))
            return tries.unsure

    def get(self, path: str) -> bytes:
        try:
            return self._patience.call(lambda: self._get(inside(path)))
        except NotThere:
            raise missing(path) from None

    def _get(self, path: str) -> bytes:
        with self._assets.stream(path) as pieces:
            return b"".join(pieces)

    def digest(self, path: str) -> str:
        try:
            return self._digest(inside(path))
        except NotThere:
            raise missing(path) from None

    def _digest(self, path: str) -> str:
        return self._patience.call(lambda: self._digest_once(path))

    def _digest_once(self, path: str) -> str:
        found = sha256()
        with self._assets.stream(path) as pieces:
            for piece in pieces:
                found.update(piece)
        return found.hexdigest()

    def exists(self, path: str) -> bool:
        """Not asked of the admin API, whose calls are few."""
        try:
            self._patience.call(lambda: self._begin(inside(path)))
        except NotThere:
            return False
        return True

    def _begin(self, path: str) -> None:
        with self._assets.stream(path):
            pass

    def list(self, prefix: str) -> Iterator[str]:
        for asset in self._found(prefix):
            yield asset.name

    def ages(self, prefix: str) -> Iterator[tuple[str, datetime]]:
        """Sorted here, since Cloudinary does not say by which alphabet: about 500 bytes of memory for each mask."""
        for asset in self._found(prefix):
            yield asset.name, asset.put_at

    def _found(self, prefix: str) -> Sequence[Asset]:
        return [asset for asset in self._all(prefix) if not asset.name.startswith(ASIDE)]

    def _all(self, prefix: str) -> Sequence[Asset]:
        """Each once. With a prefix the admin API goes by names; without one by upload times, which change meanwhile."""
        found: dict[str, Asset] = {}
        for begin in (prefix,) if prefix else FOLDERS:
            cursor: str | None = None
            while True:
                page, cursor = self._patience.call(partial(self._assets.page, begin, PAGE, cursor))
                found |= {asset.name: asset for asset in page if asset.name.startswith(begin)}
                if cursor is None:
                    break
        return [found[name] for name in sorted(found)]

    def discard(self, path: str, seen: datetime) -> bool:
        return self._discarder.discard(inside(path), seen)

    def sweep(self, before: datetime, remove: bool) -> int:
        """What killed discards left. With `remove` it is put back where its blob is gone: a writer may rely on it, and
        otherwise the next audit finds an orphan; else it is deleted."""
        old = [asset.name for asset in self._all(ASIDE) if begun_at(asset.name) < before]
        for name in old if remove else []:
            self._discarder.put_back(name)
        return len(old)

    def unfinished(self, prefix: str) -> Iterator[str]:
        """Writers leave nothing (see above), but a killed discard leaves the blob under another name."""
        for asset in self._all(f"{ASIDE}{prefix}"):
            yield asset.name

    def delete(self, path: str) -> bool:
        """Also from the delivery network. True also when an answer was lost and it is gone on the next try."""
        tries = Tries()
        found = self._patience.call(lambda: tries.mark(lambda: self._assets.destroy(inside(path))))
        return found or tries.unsure

    def url(self, path: str) -> str:
        """A signed delivery address, which works until the mask is deleted. No other mask's can be made from it."""
        return self._assets.delivery_url(inside(path))
