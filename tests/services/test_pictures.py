"""The picture service: only pages of this machine may ask, nothing is kept, and an error says what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from PIL import Image

from tests.core.workshop import Workshop
from tests.fakes import MemoryBlobs
from tryon.core.encoding import Encoded
from tryon.core.pictures import OF_PAIRS
from tryon.services.pictures import Kept, create_app

PAIR = "/pictures/users/u0000/items/b0001/outfit_tryons.webp"
PICTURES = [
    "/pictures/items/t0000/product_crops.webp",
    "/pictures/users/u0000/user_masks.webp",
    *(f"/pictures/users/u0000/items/b0001/{asset}.webp" for asset in OF_PAIRS),
]


class CountingBlobs(MemoryBlobs):
    reads = 0

    def get(self, path: str) -> bytes:
        self.reads += 1
        return super().get(path)


@dataclass
class Service:
    workshop: Workshop = field(default_factory=lambda: Workshop(blobs=CountingBlobs()))
    log: list[Mapping[str, object]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.workshop.run()
        self.app = create_app(self.workshop.open(), self.log.append)

    def get(self, path: str, host: str = "127.0.0.1:3001", **headers: str) -> Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        client = TestClient(self.app, base_url="http://127.0.0.1", raise_server_exceptions=False)
        return client.get(path, headers={"Host": host, **named})

    @property
    def reads(self) -> int:
        assert isinstance(self.workshop.blobs, CountingBlobs)
        return self.workshop.blobs.reads


@pytest.fixture(scope="module")
def service() -> Service:
    """To be read only."""
    return Service()


def fault(answer: Response) -> tuple[int, str]:
    """Status and code of an error, which has the one shape that errors have."""
    envelope = answer.json()
    assert list(envelope) == ["error"]
    assert envelope["error"]["message"]
    return answer.status_code, envelope["error"]["code"]


# Answers


@pytest.mark.parametrize("path", PICTURES)
def test_a_picture(service: Service, path: str) -> None:
    answer = service.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
    with Image.open(BytesIO(answer.content)) as image:
        assert min(image.size) > 100


def test_health(service: Service) -> None:
    assert service.get("/health").json() == {"status": "healthy"}


def test_what_is_not_published_asks_for_pregeneration() -> None:
    service = Service()
    service.workshop.passes.calls.clear()
    answer = service.get("/pictures/users/u0000/items/t0000/outfit_tryons.webp")
    assert fault(answer) == (404, "pregeneration_required")
    error = answer.json()["error"]
    assert "fashion pregenerate" in error["message"]
    assert (error["user"], error["item"]) == ("u0000", "t0000")
    assert service.workshop.passes.total() == 0


def test_an_erased_user_is_gone_at_once_though_the_picture_was_drawn_before() -> None:
    service = Service()
    assert service.get(PAIR).status_code == 200
    service.workshop.bury("u0000")
    assert fault(service.get(PAIR)) == (404, "unknown_upload")
    assert service.get(PAIR.replace("u0000", "u0001")).status_code == 200


def test_damaged_bytes_are_an_error_and_not_a_picture() -> None:
    service = Service()
    blobs = service.workshop.blobs
    assert isinstance(blobs, MemoryBlobs)
    blobs.files = {path: data[:-1] + b"!" for path, data in blobs.files.items()}
    assert fault(service.get(PAIR)) == (500, "blob_corrupted")
    blobs.files = {}
    assert fault(service.get(PAIR)) == (500, "blob_missing")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/pictures/users/U!/user_masks.webp", (400, "invalid_id")),
        ("/pictures/users/nobody/user_masks.webp", (404, "unknown_upload")),
        ("/pictures/items/nothing/product_crops.webp", (404, "unknown_upload")),
        ("/pictures/users/u0000/items/b0001/data_json.webp", (404, "not_found")),
        ("/pictures/users/u0000/items/b0001/outfit_tryons.png", (404, "not_found")),
        ("/pictures/users/..%2f..%2fetc/user_masks.webp", (404, "not_found")),
    ],
)
def test_other_addresses(service: Service, path: str, expected: tuple[int, str]) -> None:
    assert fault(service.get(path)) == expected


@pytest.mark.parametrize(
    "path", ["/", "/pictures", "/pictures/", "/pictures/users/", "/docs", "/openapi.json"]
)
def test_nothing_is_listed(service: Service, path: str) -> None:
    answer = service.get(path)
    assert fault(answer) == (404, "not_found")
    assert "u0000" not in answer.text


# Who may ask


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:3001", "localhost:3001", "LOCALHOST", "[::1]:3001"])
def test_the_loopback_by_any_of_its_names(service: Service, host: str) -> None:
    assert service.get(PAIR, host).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:3001",
        "127.0.0.1.evil.example",
        "127.0.0.1@evil.example",
        "",
        "[",
        "0.0.0.0",
    ],
)
def test_a_name_that_only_resolves_to_the_loopback_is_refused(service: Service, host: str) -> None:
    for path in (PAIR, "/health"):
        assert fault(service.get(path, host)) == (403, "not_loopback")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec_Fetch_Site": "same-site", "Referer": "http://127.0.0.1:3000/"}, 200),
        ({"Sec_Fetch_Site": "cross-site", "Referer": "http://localhost:3000/"}, 200),
        ({"Sec_Fetch_Site": "none"}, 200),
        ({"Sec_Fetch_Site": "cross-site", "Referer": "https://evil.example/"}, 403),
        ({"Sec_Fetch_Site": "cross-site"}, 403),
    ],
)
def test_a_page_of_another_site_may_not_embed_a_picture(
    service: Service, headers: dict[str, str], status: int
) -> None:
    assert service.get(PAIR, **headers).status_code == status


def test_pages_of_another_port_may_embed_it(service: Service) -> None:
    """Dagster's do; what else may not ask is told by the tests above."""
    first = service.get(PAIR)
    again = service.get(PAIR, If_None_Match=first.headers["etag"])
    assert {a.headers["cross-origin-resource-policy"] for a in (first, again)} == {"cross-origin"}


def test_no_script_of_another_origin_may_read_an_answer(service: Service) -> None:
    answer = service.get(PAIR, Origin="http://localhost:3000")
    assert not [name for name in answer.headers if name.startswith("access-control")]


# What is kept and logged


@pytest.mark.parametrize("path", [PAIR, "/health", "/", "/pictures/users/nobody/user_masks.webp"])
def test_nobody_on_the_way_keeps_an_answer(service: Service, path: str) -> None:
    for answer in (service.get(path), service.get(path, "evil.example")):
        assert answer.headers["cache-control"] == "no-store, private"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_an_equal_picture_is_not_sent_again(service: Service) -> None:
    etag = service.get(PAIR).headers["etag"]
    again = service.get(PAIR, If_None_Match=etag)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert service.get(PAIR, If_None_Match='"other"').status_code == 200


def test_an_equal_picture_is_drawn_once() -> None:
    service = Service()
    first = service.get(PAIR)
    reads = service.reads
    assert service.get(PAIR).content == first.content
    assert service.reads == reads
    service.get(PAIR.replace("u0000", "u0001"))
    assert service.reads == reads + 2


def test_pictures_in_memory_are_bounded_and_the_unused_go_first() -> None:
    kept, drawn = Kept(most=25), list[str]()

    def make(tag: str) -> bytes:
        def draw() -> Encoded:
            drawn.append(tag)
            return Encoded(tag.encode() * 10, "webp", "image/webp")

        return kept.get(tag, draw).data

    for tag in ("a", "b", "a", "c", "a", "b"):
        assert make(tag) == tag.encode() * 10
    assert drawn == ["a", "b", "c", "b"]


def test_the_access_log_has_ids_only() -> None:
    service = Service()
    for path in (
        PAIR,
        "/health",
        f"/{'secret' * 3}?q=secret",
        "/pictures/users/Jane%20Roe/user_masks.webp?q=secret",
    ):
        service.get(path, Referer="http://127.0.0.1/secret")
    service.get(PAIR, "secret.example")
    ids = [(*(line.get(name) for name in ("user", "item", "asset")), line["status"]) for line in service.log]
    nobody = (None, None, None)
    assert ids == [
        ("u0000", "b0001", "outfit_tryons", 200),
        (*nobody, 200),
        (*nobody, 404),
        (*nobody, 400),
        (*nobody, 403),
    ]
    assert "ecret" not in str(service.log)
    assert "Jane" not in str(service.log)
