"""The peer of Supabase Storage against the wire of the real server, through the real client and bare requests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from storage3 import SyncStorageClient
from storage3.exceptions import StorageApiError

from tests.peers.supabase_peer import SupabasePeer, key_of


def client_of(peer: SupabasePeer, key: SecretStr) -> tuple[SyncStorageClient, httpx.Client]:
    word, http = key.get_secret_value(), httpx.Client(trust_env=False)
    headers = {"apikey": word, "Authorization": f"Bearer {word}"}
    return SyncStorageClient(f"{peer.address}/storage/v1/", headers, http_client=http), http


@pytest.fixture
def bucket(supabase: SupabasePeer) -> Iterator[Any]:
    sdk, http = client_of(supabase, supabase.key)
    with http:
        yield sdk.from_("fashion")


def denied(call: Any) -> tuple[str, str]:
    with pytest.raises(StorageApiError) as raised:
        call()
    response = raised.value.__cause__.response  # type: ignore[union-attr]
    assert response.status_code == 400
    return str(raised.value.status), raised.value.code


def test_every_error_is_a_400_with_its_code_in_the_body(supabase: SupabasePeer, bucket: Any) -> None:
    bucket.upload("a/1.png", b"one")
    assert denied(lambda: bucket.upload("a/1.png", b"two")) == ("409", "Duplicate")
    assert denied(lambda: bucket.download("a/2.png")) == ("404", "not_found")
    assert denied(lambda: bucket.info("a/2.png")) == ("404", "not_found")
    assert denied(lambda: bucket.upload("a/ü.png", b"x")) == ("400", "InvalidKey")
    assert denied(lambda: bucket.copy("a/1.png", "a/1.png")) == ("409", "Duplicate")
    supabase.most = 2
    assert denied(lambda: bucket.upload("a/3.png", b"three"))[0] == "413"


def test_an_upload_over_an_object_renews_it(supabase: SupabasePeer, bucket: Any) -> None:
    bucket.upload("a/1.png", b"one")
    first = bucket.list_v2({"prefix": "a/"}).objects[0]
    bucket.upload("a/1.png", b"two", {"x-upsert": "true"})
    second = bucket.list_v2({"prefix": "a/"}).objects[0]
    assert second.created_at == first.created_at
    assert second.updated_at >= first.updated_at
    assert bucket.download("a/1.png") == b"two"


def test_a_removal_tells_what_it_removed(bucket: Any) -> None:
    bucket.upload("a/1.png", b"one")
    assert [row["name"] for row in bucket.remove(["a/1.png", "a/2.png"])] == ["a/1.png"]
    assert bucket.remove(["a/1.png"]) == []


def test_a_public_key_sees_nothing_and_is_told_nothing(supabase: SupabasePeer, bucket: Any) -> None:
    """Row-level security looks like emptiness."""
    bucket.upload("a/1.png", b"one")
    sdk, http = client_of(supabase, key_of("anon"))
    with http:
        public = sdk.from_("fashion")
        assert denied(lambda: public.download("a/1.png")) == ("404", "not_found")
        assert public.list_v2({"prefix": ""}).objects == []
        assert public.remove(["a/1.png"]) == []
        assert denied(lambda: public.upload("b/1.png", b"x")) == ("403", "Unauthorized")
    assert bucket.download("a/1.png") == b"one"


def test_what_is_no_upload_is_refused(supabase: SupabasePeer) -> None:
    word = supabase.key.get_secret_value()
    headers = {"apikey": word, "Authorization": f"Bearer {word}"}
    answer = httpx.post(
        f"{supabase.address}/storage/v1/object/fashion/a.png", content=b"raw", headers=headers
    )
    assert answer.json()["error"] == "InvalidRequest"
    assert httpx.post(f"{supabase.address}/storage/v1/object/fashion/a.png").json()["statusCode"] == "403"
