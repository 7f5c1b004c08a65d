"""Profile -> stores: where uploads, results, records, the log and users' documents are kept."""

from __future__ import annotations

import atexit
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from urllib.parse import urlsplit

from pydantic import SecretStr

from tryon.core.events import EventLog
from tryon.core.ports import Blobs, Documents, Records, Uploads
from tryon.settings import Profile, Settings
from tryon.stores.cloudinary.account import API, read_account
from tryon.stores.cloudinary.masks import CloudinaryMasks
from tryon.stores.digests import Digests
from tryon.stores.fetch.client import PORTS, Fetcher
from tryon.stores.files import FileBlobs, FileDocuments
from tryon.stores.firestore.client import Firestore
from tryon.stores.firestore.documents import FirestoreDocuments
from tryon.stores.firestore.log import FirestoreLog
from tryon.stores.firestore.profiles import FirestoreProfiles
from tryon.stores.firestore.records import FirestoreRecords
from tryon.stores.folder_uploads import FolderUploads
from tryon.stores.outbox import Outbox
from tryon.stores.outbox_log import OutboxLog
from tryon.stores.routed_blobs import RoutedBlobs
from tryon.stores.sqlite.database import BUSY_SECONDS, Database
from tryon.stores.sqlite.digests import SqliteDigests
from tryon.stores.sqlite.events import SqliteEventLog
from tryon.stores.sqlite.records import SqliteRecords
from tryon.stores.supabase.blobs import SupabaseBlobs
from tryon.stores.supabase.profiles import Profiles
from tryon.stores.supabase.uploads import SupabaseUploads

UPLOADS_BUCKET, BLOBS_BUCKET = "uploads", "fashion"
"""Private buckets of the Supabase project."""

URL_SECONDS = 24 * 3600
"""How long the signed addresses in users' documents work. Those documents are written again before."""


@dataclass(frozen=True)
class Stores:
    """By the names of tryon.core.boundaries. Paid answers are a part of the records. url_seconds: how long the blobs'
    and uploads' addresses work; None: as long as the files are there. close: ends what the stores began."""

    uploads: Uploads
    blobs: Blobs
    records: Records
    log: EventLog
    documents: Documents
    url_seconds: int | None = None
    close: Callable[[], None] = lambda: None


def open_stores(settings: Settings, busy_seconds: float = BUSY_SECONDS) -> Stores:
    """Those of the profile. In production one set for a process: with its connections, and one sender of the log."""
    if settings.profile is Profile.PRODUCTION:
        return _cloud_of(settings, os.getpid())
    return local_stores(settings, busy_seconds)


def name_of(settings: Settings) -> str:
    """The same in every process over the same stores of the cloud, and readable by nobody; else empty."""
    if settings.profile is not Profile.PRODUCTION:
        return ""
    account = read_account(_secret(settings.cloudinary_url), API, 0.0)
    places = [_text(settings.supabase_url).rstrip("/"), account.cloud, _text(settings.google_project)]
    return sha256(json.dumps(places).encode()).hexdigest()[:16]


def local_stores(settings: Settings, busy_seconds: float = BUSY_SECONDS) -> Stores:
    """The uploads folder, blob files and one SQLite file under `settings.data`."""
    data = settings.data
    database = Database(data / "fashion.sqlite", busy_seconds)
    return Stores(
        FolderUploads(data / "uploads", SqliteDigests(database)),
        FileBlobs(data / "blobs"),
        SqliteRecords(database),
        SqliteEventLog(database),
        FileDocuments(data / "export"),
        close=database.close,
    )


def cloud_stores(settings: Settings) -> Stores:
    """Supabase, Cloudinary and Firestore. Under `settings.data` lie only the log's outbox and the digests of photos
    that were downloaded; both are this machine's own. Nothing is connected before the first call."""
    firestore = Firestore(_text(settings.google_project))
    outbox, looked_up = Outbox(settings.data / "outbox.sqlite"), Database(settings.data / "digests.sqlite")
    # A container's disk goes with it, and an outbox on it: there each event is sent before its step goes on.
    log = OutboxLog(outbox, FirestoreLog(firestore), background=not settings.worker)

    def close() -> None:
        log.close()
        firestore.close()
        for file in (outbox, looked_up):
            file.close()

    return Stores(
        _cloud_uploads(settings, FirestoreProfiles(firestore), SqliteDigests(looked_up)),
        _cloud_blobs(settings),
        FirestoreRecords(firestore, outbox, looked_up),
        log,
        FirestoreDocuments(firestore),
        URL_SECONDS,
        close,
    )


def _cloud_uploads(settings: Settings, profiles: Profiles, digests: Digests) -> SupabaseUploads:
    url, key = _text(settings.supabase_url), _secret(settings.supabase_key)
    return SupabaseUploads(
        url,
        key,
        profiles,
        bucket=UPLOADS_BUCKET,
        fetcher=open_fetcher(settings),
        digests=digests,
        signed_seconds=URL_SECONDS,
    )


def open_fetcher(settings: Settings) -> Fetcher:
    """The project's own storage may be named in an address, wherever it is; so may what the settings allow."""
    own = urlsplit(settings.supabase_url) if settings.supabase_url else None
    storage = [f"{own.hostname}:{own.port or PORTS[own.scheme]}"] if own else []
    return Fetcher(allowed=[*storage, *settings.fetch_allowed])


def _cloud_blobs(settings: Settings) -> RoutedBlobs:
    url, key = _text(settings.supabase_url), _secret(settings.supabase_key)
    # Who stored a guest's address has nobody who writes it anew: it works for as long as the guest is there.
    lasting = {"guests/": settings.guest_days * 24 * 3600}
    others = SupabaseBlobs(url, key, BLOBS_BUCKET, signed_seconds=URL_SECONDS, lasting=lasting)
    return RoutedBlobs({"masks": CloudinaryMasks(_secret(settings.cloudinary_url)), "others": others})


@cache
def _cloud_of(settings: Settings, process: int) -> Stores:
    """process: a connection does not survive a fork."""
    stores = cloud_stores(settings)
    atexit.register(stores.close)
    return stores


def _text(value: str | None) -> str:
    assert value is not None, "settings of the production profile are complete"
    return value


def _secret(value: SecretStr | None) -> SecretStr:
    assert value is not None, "settings of the production profile are complete"
    return value
