"""What the production profile stands on: in each system something is written, read back, shown to nobody else, and
deleted. Named errors of the stores say what to do themselves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from secrets import token_hex
from typing import TYPE_CHECKING

import httpx
from pydantic import SecretStr

from fashion_assets.commands.doctor.finding import Check, Unwell
from tryon.core.ports import Blobs
from tryon.core.recipes import Stage
from tryon.profiles.compute import open_calls
from tryon.profiles.engines import chosen
from tryon.profiles.stores import BLOBS_BUCKET, UPLOADS_BUCKET
from tryon.settings import Profile, Settings
from tryon.settings.deployment import Deployment
from tryon.stores.patience import Patience

if TYPE_CHECKING:
    from tryon.stores.firestore.client import Firestore

SECONDS = 10.0
"""Longest wait for one system, and for one answer of it."""
FOLDER = "doctor"
"""Of probes: neither an upload nor a result lies there."""
DEPLOY = "deploy/firestore (`firebase deploy --only firestore`)"


def checks(settings: Settings) -> dict[str, Check]:
    """One for each system; of the sample and the workstation none."""
    if settings.profile is not Profile.PRODUCTION:
        return {}
    found: dict[str, Check] = {"Supabase": _supabase, "Cloudinary": _cloudinary, "Firestore": _firestore}
    if "gpt-4o" in chosen(settings).values():
        found["OpenAI"] = _openai
    return {**found, "Modal": _modal} if settings.on_modal else found


def _supabase(settings: Settings) -> str:
    from tryon.stores.supabase.blobs import SupabaseBlobs

    url, key = settings.supabase_url or "", settings.supabase_key or SecretStr("")
    for bucket in (UPLOADS_BUCKET, BLOBS_BUCKET):
        blobs = SupabaseBlobs(url, key, bucket, timeout=SECONDS, patience=_patience())
        with _probe(blobs, bucket, "json", b"{}") as path:
            _check_private(settings, bucket, path)
            if _status(blobs.url(path)) != httpx.codes.OK:
                raise Unwell(
                    f"a signed address of bucket {bucket!r} does not work", "check the project's JWT secret"
                )
    return f"buckets {UPLOADS_BUCKET!r} and {BLOBS_BUCKET!r}: written, read, signed, deleted, and private"


def _check_private(settings: Settings, bucket: str, path: str) -> None:
    """Without a key, and with the one that every app has."""
    at, public = f"{(settings.supabase_url or '').rstrip('/')}/storage/v1/object", settings.supabase_anon_key
    if _status(f"{at}/public/{bucket}/{path}") == httpx.codes.OK:
        raise Unwell(
            f"bucket {bucket!r} is public: anybody reads people's photos",
            "switch Public off in the settings of this bucket",
        )
    known = public.get_secret_value() if public else ""
    headers = {"apikey": known, "Authorization": f"Bearer {known}"} if known else {}
    if _status(f"{at}/{bucket}/{path}", headers) == httpx.codes.OK:
        raise Unwell(
            f"a policy lets everybody read bucket {bucket!r}",
            "remove that policy of storage.objects for anon",
        )


def _cloudinary(settings: Settings) -> str:
    from tryon.stores.cloudinary.masks import CloudinaryMasks

    masks = CloudinaryMasks(settings.cloudinary_url or SecretStr(""), timeout=SECONDS, patience=_patience())
    with _probe(masks, "the account", "png", b"\x89PNG\r\n"):
        pass
    return "an authenticated asset was uploaded, read and destroyed"


def _firestore(settings: Settings) -> str:
    from tryon.stores.firestore.client import Firestore
    from tryon.stores.firestore.places import place

    with closing(Firestore(settings.google_project or "", seconds=SECONDS, call_seconds=SECONDS)) as store:
        here, facts = place("vton_doctor", token_hex(8)), {"probe": True}
        store.put({here: facts})
        try:
            if (store.get([here])[here] or {}).get("probe") is not True:
                raise Unwell("what was written cannot be read", "see Firestore's status page")
            if _status(store.address(here)) == httpx.codes.OK:
                raise Unwell("anybody may read every document", f"deploy the rules of {DEPLOY}")
        finally:
            store.delete([here])
        if store.get([here])[here] is not None:
            raise Unwell("what was deleted is still there", "see Firestore's status page")
        _ask_with_indexes(store)
    return f"{settings.google_project}: written, read, deleted, private; every index answers"


def _ask_with_indexes(store: Firestore) -> None:
    """A query of each composite index. Raises StoreUnusable where one is missing."""
    from tryon.stores.firestore.log import FirestoreLog
    from tryon.stores.firestore.records import FirestoreRecords

    log, records = FirestoreLog(store), FirestoreRecords(store)
    log.read(limit=1)
    log.read(user=FOLDER, limit=1)
    log.failures(1)
    records.spent(FOLDER, FOLDER)
    records.history()


def _openai(settings: Settings) -> str:
    from tryon.engines.openai_vision.client import Client

    model = settings.openai_model
    with closing(Client(settings.openai_api_key, model, None, settings.openai_base_url, SECONDS)) as client:
        client.check()
    return f"the key is valid, and the account has {model}"


def _modal(settings: Settings) -> str:
    """Each app is looked up; what works in it is told by its self-test, which costs a container."""
    with closing(open_calls(settings)) as calls:
        for stage in Stage:
            calls.check(stage)
    apps = ", ".join(Deployment().apps.values())
    return f"the token is valid, and {apps} are deployed"


@contextmanager
def _probe(blobs: Blobs, where: str, suffix: str, data: bytes) -> Iterator[str]:
    """Its path, while it is there."""
    path = f"{FOLDER}/{token_hex(8)}.{suffix}"
    if not blobs.put(path, data):
        raise Unwell(f"{where} already had something nobody put there", "run it again")
    try:
        if blobs.get(path) != data:
            raise Unwell(
                f"{where} gives back other bytes than were put", "see the status page of the service"
            )
        yield path
    finally:
        blobs.delete(path)
    if blobs.exists(path):
        raise Unwell(f"{where} keeps what was deleted", "see the status page of the service")


def _status(url: str, headers: dict[str, str] | None = None) -> int:
    """Of a read without our credentials."""
    try:
        return httpx.get(url, headers=headers, timeout=SECONDS, trust_env=False).status_code
    except httpx.HTTPError as error:
        raise Unwell(f"it cannot be reached ({type(error).__name__})", "check the network") from None


def _patience() -> Patience:
    return Patience(attempts=2, seconds=SECONDS)
