"""Photos that a user's profile names by an address: fetched once, and kept in the bucket from then on.

The address may stop working, change its answer, or be slow, so nothing is made from it directly. A copy is named after
its address: another address is another photo. It lives as long as the profile names that address.
"""

from __future__ import annotations

from tryon.core.errors import BadInput
from tryon.core.images import SUFFIXES
from tryon.core.uploads import UploadKind
from tryon.stores.fetch.client import Fetcher
from tryon.stores.supabase.blobs import SupabaseBlobs
from tryon.stores.supabase.folders import Folder, mark_of, place
from tryon.stores.supabase.profiles import Profile, Profiles

ENDINGS = {kind: suffix for suffix, kind in reversed(list(SUFFIXES.items()))}
"""The first suffix of each format."""


class Importer:
    def __init__(self, objects: SupabaseBlobs, profiles: Profiles, fetcher: Fetcher) -> None:
        self._objects, self._profiles, self._fetcher = objects, profiles, fetcher

    def tidy(self, folder: Folder, profile: Profile | None) -> None:
        """Delete copies of addresses that the profile does not name any more. One that was replaced stays until the
        photo at the new address is there."""
        wanted = mark_of(profile.image_url) if profile and profile.image_url else ""
        if wanted and wanted not in folder.imported and not folder.photos:
            return
        for mark, row in folder.imported.items():
            if mark != wanted:
                self._objects.delete(row.name)

    def fetch(self, user_id: str, address: str) -> None:
        """Raises FetchFailed; BadInput for what is no address of a photo."""
        fetched = self._fetcher.photo(address)
        name = f"photo.{mark_of(address)}{ENDINGS[fetched.photo.format]}"
        path = f"{place(UploadKind.USER, user_id)}{name}"
        self._objects.put(path, fetched.data)
        now = self._profiles.one(user_id)
        if now is None or now.image_url != address:
            # Erased or changed meanwhile. An erasure deletes the profile before it lists the bucket, so either it
            # sees this copy or we see that the profile is gone.
            self._objects.delete(path)
            raise BadInput(f"the profile of user {user_id!r} changed while its photo was fetched")
