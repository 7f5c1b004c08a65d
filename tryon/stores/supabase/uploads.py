"""The uploads of the production profile: a private bucket, and what users' profiles say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from pydantic import SecretStr

from tryon.core.errors import BadInput, BlobMissing, FetchFailed
from tryon.core.uploads import Rejected, Sidecar, UploadFile, UploadKind, read_sidecar
from tryon.core.words import check_id
from tryon.stores.digests import Digests, MemoryDigests
from tryon.stores.fetch.client import Fetcher
from tryon.stores.patience import Patience
from tryon.stores.supabase.blobs import FOR_AN_HOUR, SupabaseBlobs
from tryon.stores.supabase.bucket import Bucket, Row
from tryon.stores.supabase.folders import FOLDERS, SIDECAR, Folder, folders, mark_of, place
from tryon.stores.supabase.importing import Importer
from tryon.stores.supabase.listing import rows
from tryon.stores.supabase.profiles import Profile, Profiles
from tryon.stores.supabase.reading import Reader

PROFILE = "profile"
"""How `files` names it."""


class SupabaseUploads:
    """profiles: consents, and addresses of photos that are not in the bucket. fetcher: gets those. digests: where the
    photos' digests are kept, so that a look downloads only what changed.

    A photo that the app put into the bucket comes before one at `userImageUrl`. A look lists both folders of the bucket
    as they are, so a missed notification costs a look and never an upload.
    """

    def __init__(
        self,
        url: str,
        key: SecretStr,
        profiles: Profiles,
        *,
        bucket: str = "uploads",
        fetcher: Fetcher | None = None,
        digests: Digests | None = None,
        signed_seconds: int = FOR_AN_HOUR,
        patience: Patience | None = None,
    ) -> None:
        self._patience, self._profiles = patience or Patience(), profiles
        self._bucket = Bucket(url, key, bucket, timeout=30.0)
        self._objects = SupabaseBlobs(
            url, key, bucket, signed_seconds=signed_seconds, patience=self._patience
        )
        self._importer = Importer(self._objects, profiles, fetcher or Fetcher())
        self._reader = Reader(digests if digests is not None else MemoryDigests(), self._objects.get)

    def list(self) -> tuple[tuple[UploadFile, ...], tuple[Rejected, ...]]:
        """Oldest first, so that ordinals follow the order in which things were uploaded.

        Fetches what profiles newly name. Raises StoreError when bucket or profiles cannot be read: that must not look
        like everybody's withdrawal.
        """
        profiles, look = self._profiles.all(), self._reader.look()
        accepted: list[tuple[datetime, str, UploadFile]] = []
        rejected: list[Rejected] = []
        for folder in self._folders(profiles):
            try:
                photo, sidecar = self._checked(folder, profiles.get(folder.id))
                file = UploadFile(folder.kind, folder.id, look.digest(photo), sidecar)
                accepted.append((photo.created_at, folder.id, file))
            except BlobMissing:
                rejected.append(Rejected(folder.kind, folder.id, "it was taken away while it was read"))
            except BadInput as error:
                rejected.append(Rejected(folder.kind, folder.id, str(error)))
        look.finish()
        return tuple(file for _, _, file in sorted(accepted, key=lambda found: found[:2])), tuple(rejected)

    def open(self, kind: UploadKind, upload_id: str) -> bytes:
        return self._objects.get(self._photo(kind, upload_id).name)

    def url(self, kind: UploadKind, upload_id: str) -> str:
        return self._objects.url(self._photo(kind, upload_id).name)

    def files(self, kind: UploadKind, upload_id: str) -> tuple[str, ...]:
        folder = self._folder(kind, check_id(upload_id, f"{kind} id"))
        known = kind is UploadKind.USER and self._profiles.one(upload_id) is not None
        return (*(row.name for row in folder.rows), *([PROFILE] if known else []))

    def delete(self, kind: UploadKind, upload_id: str) -> int:
        """The profile first: from then on no look imports its photo again."""
        check_id(upload_id, f"{kind} id")
        count = int(kind is UploadKind.USER and self._profiles.delete(upload_id))
        found = [row.name for row in self._folder(kind, upload_id).rows]
        count += sum(self._objects.delete(name) for name in found)
        self._reader.forget(found)
        return count

    def _folders(self, profiles: Mapping[str, Profile]) -> Iterator[Folder]:
        """Users first. A profile that says nothing about photo or consent is no upload."""
        for kind, folder in FOLDERS.items():
            found = dict(folders(kind, rows(self._bucket, self._patience, f"{folder}/")))
            if kind is UploadKind.USER:
                telling = [user for user, profile in profiles.items() if profile != Profile()]
                found = {**{user: Folder(kind, user, ()) for user in telling}, **found}
            yield from found.values()

    def _checked(self, folder: Folder, profile: Profile | None) -> tuple[Row, Sidecar]:
        """Its photo, and what its sidecar says. Raises BadInput with what is wrong."""
        name = check_id(folder.id, f"{folder.kind} id")
        if folder.kind is UploadKind.USER:
            return self._user(folder, profile)
        photo = folder.only_photo()
        if photo is None:
            raise BadInput(f"item {name!r} has no photo; put it at {place(folder.kind, name)}photo.jpg")
        if folder.sidecar is None:
            raise BadInput(f"the photo of item {name!r} has no {SIDECAR} beside it; add it")
        return photo, read_sidecar(folder.kind, name, self._reader.sidecar(folder.sidecar))

    def _user(self, folder: Folder, profile: Profile | None) -> tuple[Row, Sidecar]:
        """Without a consent nothing is fetched."""
        photo = folder.only_photo()
        self._importer.tidy(folder, profile)
        address = profile.image_url if profile else ""
        if photo is None and not address:
            raise BadInput(f"user {folder.id!r} has no photo, neither in the bucket nor at userImageUrl")
        if profile is None or profile.sidecar is None:
            raise BadInput(
                f"the photo of user {folder.id!r} has no consent in the user's document (in the local profiles: "
                f"{folder.id}.json); nothing is made from it without one"
            )
        sidecar = read_sidecar(folder.kind, folder.id, profile.sidecar, datetime.now(UTC))
        return photo or self._imported(folder, address), sidecar

    def _imported(self, folder: Folder, address: str) -> Row:
        """While a new address cannot be read, the photo of the one before stays."""
        if mark_of(address) not in folder.imported:
            try:
                self._importer.fetch(folder.id, address)
            except FetchFailed as error:
                if folder.imported:
                    return max(folder.imported.values(), key=lambda row: row.created_at)
                raise BadInput(f"the photo at userImageUrl of user {folder.id!r}: {error}") from None
            folder = self._folder(folder.kind, folder.id)
        return folder.imported[mark_of(address)]

    def _photo(self, kind: UploadKind, upload_id: str) -> Row:
        folder = self._folder(kind, check_id(upload_id, f"{kind} id"))
        photo = folder.only_photo() or max(
            folder.imported.values(), key=lambda row: row.created_at, default=None
        )
        if photo is None:
            raise BlobMissing(f"{kind} {upload_id!r} has no photo in the uploads any more")
        return photo

    def _folder(self, kind: UploadKind, upload_id: str) -> Folder:
        return Folder(kind, upload_id, tuple(rows(self._bucket, self._patience, place(kind, upload_id))))
