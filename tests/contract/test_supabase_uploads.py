"""Uploads of the production profile: the bucket, consents in users' documents, and photos at addresses."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image
from pydantic import SecretStr

from tests.contract.uploading import MemoryProfiles, SupabaseSource
from tests.peers.connections import watched
from tests.peers.faulty import Asked, Fault, Peer, Reply
from tests.peers.serving import serving
from tests.peers.supabase_peer import SupabasePeer
from tryon.core.errors import BlobMissing, StoreError, StoreUnusable
from tryon.core.uploads import Rejected, UploadFile, UploadKind
from tryon.stores.fetch.client import Fetcher
from tryon.stores.patience import Patience
from tryon.stores.sqlite.database import Database
from tryon.stores.sqlite.digests import SqliteDigests
from tryon.stores.supabase.profiles import Profile
from tryon.stores.supabase.uploads import SupabaseUploads

USER, ITEM = UploadKind.USER, UploadKind.ITEM
CONSENT = b'{"consent": {"version": "2026-01", "at": "2026-11-01T09:00:00Z"}}'
TOP = b'{"categories": ["tops"]}'


def picture(colour: str = "teal", kind: str = "JPEG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (80, 100), colour).save(out, kind)
    return out.getvalue()


class Site(Peer):
    """Photos by path."""

    def __init__(self) -> None:
        super().__init__()
        self.photos: dict[str, bytes] = {"/ann.jpg": picture()}

    def answer(self, asked: Asked) -> Reply:
        found = self.photos.get(asked.path)
        return Reply(404) if found is None else Reply(200, found, {"Content-Type": "text/plain"})

    def refusal(self, status: int) -> Reply:
        return Reply(status)


@pytest.fixture
def site() -> Iterator[Site]:
    with serving(Site()) as site:
        yield site


@pytest.fixture
def source(supabase: SupabasePeer, site: Site) -> SupabaseSource:
    fetcher = Fetcher(seconds=5.0, allowed=[f"127.0.0.1:{site.server_port}"])
    return SupabaseSource(supabase, fetcher=fetcher)


def says(source: SupabaseSource, user: str, address: str, sidecar: bytes | None = CONSENT) -> None:
    source.profiles.profiles[user] = Profile(sidecar, address)


def accepted(source: SupabaseSource) -> tuple[UploadFile, ...]:
    files, rejected = source.uploads.list()
    assert not rejected
    return files


def only_rejected(source: SupabaseSource) -> Rejected:
    files, (rejected,) = source.uploads.list()
    assert not files
    return rejected


def objects(peer: SupabasePeer) -> list[str]:
    return sorted(peer.buckets["uploads"])


def reads(peer: SupabasePeer) -> list[str]:
    return [asked.path.rpartition("/")[2] for asked in peer.asked if asked.method == "GET"]


# In the bucket


def test_a_look_reads_only_what_changed(supabase: SupabasePeer, tmp_path: Path) -> None:
    """Also in the next process."""
    database = Database(tmp_path / "fashion.sqlite")
    source = SupabaseSource(supabase, digests=SqliteDigests(database))
    for item in ("tee", "dress"):
        source.photo(ITEM, item, item.encode())
        source.sidecar(ITEM, item, TOP)
    first = accepted(source)
    supabase.asked.clear()
    assert accepted(source) == first
    assert reads(supabase) == []
    again = SupabaseUploads(supabase.address, supabase.key, MemoryProfiles(), digests=SqliteDigests(database))
    assert again.list()[0] == first
    assert set(reads(supabase)) == {"item.json"}
    source.photo(ITEM, "tee", b"TEE")
    assert {file.sha256 for file in accepted(source)} == {sha256(x).hexdigest() for x in (b"TEE", b"dress")}
    database.close()


def test_the_first_upload_is_listed_first(source: SupabaseSource) -> None:
    for name in ("zoe", "ann", "mia"):
        source.photo(USER, name, b"photo")
        source.sidecar(USER, name, CONSENT)
        source.peer.ahead += timedelta(seconds=1)
    source.photo(USER, "zoe", b"another photo")
    assert [file.id for file in accepted(source)] == ["zoe", "ann", "mia"]


def test_a_placeholder_is_no_photo(source: SupabaseSource) -> None:
    """Supabase's own page puts one into every folder that is made there."""
    source.peer.lay("uploads", "items/.emptyFolderPlaceholder", b"")
    source.peer.lay("uploads", "items/tee/.emptyFolderPlaceholder", b"")
    source.sidecar(ITEM, "tee", TOP)
    assert "items/tee/photo.jpg" in only_rejected(source).reason


@pytest.mark.parametrize(("name", "said"), [("photo.heic", ".jpg"), ("photo.jpg", "photo.jpg, photo.png")])
def test_a_wrong_or_second_photo_is_named(source: SupabaseSource, name: str, said: str) -> None:
    if name == "photo.jpg":
        source.photo(ITEM, "tee", b"photo")
    source.peer.lay("uploads", f"items/tee/{name}", b"photo")
    source.sidecar(ITEM, "tee", TOP)
    assert said in only_rejected(source).reason


def test_a_user_who_gave_nothing_yet_is_nobodys_upload(source: SupabaseSource) -> None:
    says(source, "ann", "", sidecar=None)
    assert source.uploads.list() == ((), ())


def test_what_cannot_be_listed_is_not_everybodys_withdrawal(supabase: SupabasePeer) -> None:
    class Away(MemoryProfiles):
        def all(self) -> Mapping[str, Profile]:
            raise StoreError("the documents cannot be read")

    with pytest.raises(StoreError, match="documents"):
        SupabaseUploads(supabase.address, supabase.key, Away()).list()
    for change in ({"bucket": "none"}, {"key": SecretStr("sb_publishable_x")}):
        settings = {"url": supabase.address, "key": supabase.key, "profiles": MemoryProfiles(), **change}
        with pytest.raises(StoreUnusable):
            SupabaseUploads(**settings).list()  # type: ignore[arg-type]


def test_a_busy_server_hides_nothing(supabase: SupabasePeer) -> None:
    patience = Patience(attempts=12, seconds=30.0, first_wait=0.001, longest_wait=0.01)
    source = SupabaseSource(supabase, patience=patience)
    for n in range(8):
        source.photo(ITEM, f"tee-{n}", bytes([n]))
        source.sidecar(ITEM, f"tee-{n}", TOP)
    supabase.page_limit, supabase.fault_rate = 3, 0.2
    assert len(accepted(source)) == 8


# At an address


def test_a_photo_at_an_address_is_fetched_once(source: SupabaseSource, site: Site) -> None:
    says(source, "ann", f"{site.address}/ann.jpg")
    (file,) = accepted(source)
    assert (file.id, file.sha256) == ("ann", sha256(picture()).hexdigest())
    site.photos.clear()
    assert accepted(source) == (file,)
    assert (len(site.asked), source.uploads.open(USER, "ann")) == (1, picture())
    assert "/object/sign/uploads/users/ann/photo." in source.uploads.url(USER, "ann")


def test_another_address_is_another_photo(source: SupabaseSource, site: Site) -> None:
    says(source, "ann", f"{site.address}/ann.jpg")
    accepted(source)
    site.photos["/new.png"] = picture("red", "PNG")
    says(source, "ann", f"{site.address}/new.png")
    (file,) = accepted(source)
    assert file.sha256 == sha256(picture("red", "PNG")).hexdigest()
    assert source.uploads.open(USER, "ann") == picture("red", "PNG")
    accepted(source)
    assert [name.rpartition(".")[2] for name in objects(source.peer)] == ["png"]


def test_while_a_new_address_is_away_the_photo_before_stays(source: SupabaseSource, site: Site) -> None:
    says(source, "ann", f"{site.address}/ann.jpg")
    before = accepted(source)
    says(source, "ann", f"{site.address}/new.jpg")
    site.plan(Fault("busy", 503))
    assert accepted(source) == before
    assert "404" in only_rejected(source).reason


def test_an_address_without_an_answer_is_tried_at_the_next_look(source: SupabaseSource, site: Site) -> None:
    says(source, "ann", f"{site.address}/ann.jpg")
    site.plan(Fault("reset"))
    assert "try again later" in only_rejected(source).reason
    assert len(accepted(source)) == 1


@pytest.mark.parametrize("address", ["http://169.254.169.254/latest/", "http://[::1]/", "file:///etc/passwd"])
def test_an_address_inside_our_network_is_never_reached(source: SupabaseSource, address: str) -> None:
    says(source, "ann", address)
    with watched(source.peer.server_port) as spy:
        assert address not in only_rejected(source).reason
    assert {port for _, port in spy.seen} <= {source.peer.server_port}


def test_without_a_consent_nothing_is_fetched(source: SupabaseSource, site: Site) -> None:
    says(source, "ann", f"{site.address}/ann.jpg", sidecar=None)
    assert "consent" in only_rejected(source).reason
    assert site.asked == []


def test_a_photo_in_the_bucket_comes_first(source: SupabaseSource, site: Site) -> None:
    says(source, "ann", f"{site.address}/ann.jpg")
    source.photo(USER, "ann", b"from the app")
    assert accepted(source)[0].sha256 == sha256(b"from the app").hexdigest()
    assert site.asked == []


def test_an_address_that_is_taken_back_takes_the_photo_along(source: SupabaseSource, site: Site) -> None:
    says(source, "ann", f"{site.address}/ann.jpg")
    accepted(source)
    says(source, "ann", "")
    assert "no photo" in only_rejected(source).reason
    assert objects(source.peer) == []


# Erasure


def test_an_erased_user_is_not_fetched_again(source: SupabaseSource, site: Site) -> None:
    says(source, "ann", f"{site.address}/ann.jpg")
    says(source, "bob", f"{site.address}/ann.jpg")
    accepted(source)
    assert len(source.uploads.files(USER, "ann")) == 2
    assert source.uploads.delete(USER, "ann") == 2
    assert source.uploads.files(USER, "ann") == ()
    assert source.uploads.delete(USER, "ann") == 0
    assert [file.id for file in accepted(source)] == ["bob"]
    with pytest.raises(BlobMissing, match="'ann'"):
        source.uploads.open(USER, "ann")


def test_a_user_who_is_erased_while_the_photo_is_fetched_leaves_nothing(
    source: SupabaseSource, site: Site
) -> None:
    says(source, "ann", f"{site.address}/ann.jpg")
    site.before = lambda asked: source.uploads.delete(USER, "ann")  # type: ignore[assignment]
    assert "changed" in only_rejected(source).reason
    assert objects(source.peer) == []


def test_a_copy_that_a_dead_process_left_of_an_erased_user_goes(source: SupabaseSource) -> None:
    """It died between storing the photo and looking at the profile again."""
    source.peer.lay("uploads", "users/ann/photo.0123456789abcdef.jpg", picture())
    assert source.uploads.files(USER, "ann") == ("users/ann/photo.0123456789abcdef.jpg",)
    source.uploads.list()
    assert objects(source.peer) == []


def test_an_erased_items_files_go_together(source: SupabaseSource) -> None:
    source.photo(ITEM, "tee", b"photo")
    source.sidecar(ITEM, "tee", TOP)
    source.peer.lay("uploads", "items/tee-2/photo.png", b"another's")
    accepted_before, _ = source.uploads.list()
    assert [file.id for file in accepted_before] == ["tee"]
    assert source.uploads.delete(ITEM, "tee") == 2
    assert objects(source.peer) == ["items/tee-2/photo.png"]
