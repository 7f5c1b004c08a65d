"""The crop service: what apps that exist send, and what they are answered."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures import ThreadPoolExecutor as workers
from io import BytesIO

import httpx
import pytest
from PIL import Image

from tests.fakes import MemoryBlobs
from tests.peers.faulty import Fault, Reply
from tests.peers.site import picture
from tests.services.guests import KEY, Analyzer, Gate, Raising, Shop, WebBlobs, shop
from tryon.core.errors import AccessDenied, OutOfMemory
from tryon.core.images import UPLOADS, Photo, decode
from tryon.core.words import Category, Refused
from tryon.services import guest_desk

NOTHING_SEEN = "the photo shows no"


@pytest.fixture
def here() -> Iterator[Shop]:
    with shop() as found:
        yield found


@pytest.fixture
def crops(here: Shop) -> Iterator[httpx.Client]:
    with here.open_crops() as client:
        yield client


@pytest.fixture(scope="module")
def calm() -> Iterator[tuple[Shop, httpx.Client]]:
    """One server for many questions that change nothing."""
    with shop() as here, here.open_crops() as client:
        here.files["users/ann.png"] = here.files["guests/masks/x.png"] = b"private"
        yield here, client


def ask(client: httpx.Client, url: str, *categories: str, **headers: str) -> httpx.Response:
    body = {"imageUrl": url, "categories": [*categories] or ["tops"]}
    return client.post("/crop", json=body, headers={name.replace("_", "-"): v for name, v in headers.items()})


def said(answer: httpx.Response) -> tuple[int, str]:
    """Status and message of an error, which has the one shape that errors have."""
    assert list(answer.json()) == ["detail"]
    return answer.status_code, answer.json()["detail"]


# Answers


def test_several_crops(here: Shop, crops: httpx.Client) -> None:
    answer = ask(crops, here.photo, "tops", "bottoms", "shoes")
    assert (answer.status_code, list(answer.json())) == (200, ["croppedImageUrls"])
    assert len(answer.json()["croppedImageUrls"]) == 3
    assert answer.headers["x-crop-categories"] == "tops,bottoms,shoes"
    assert "x-crop-result" not in answer.headers


def test_one_crop(here: Shop, crops: httpx.Client) -> None:
    answer = ask(crops, here.photo, "tops")
    assert (answer.status_code, list(answer.json())) == (200, ["croppedImageUrl"])
    assert answer.json()["croppedImageUrl"] != here.photo
    assert "x-crop-result" not in answer.headers


def test_no_crop_is_the_photos_own_address_and_says_so(here: Shop, crops: httpx.Client) -> None:
    here.analyzer.lacks = frozenset(Category)
    answer = ask(crops, here.photo, "tops", "shoes")
    assert (answer.status_code, answer.json()) == (200, {"croppedImageUrl": here.photo})
    assert answer.headers["x-crop-result"] == "none"
    assert answer.headers["x-crop-refused"] == "tops=garment_not_seen,shoes=garment_not_seen"
    assert here.files == {}


def test_only_what_was_asked_for_and_found_comes_back_in_the_order_of_the_question(here: Shop) -> None:
    here.analyzer.lacks = frozenset({Category.TOPS})
    with here.open_crops() as crops:
        answer = ask(crops, here.photo, "shoes", "tops", "bottoms")
    assert answer.headers["x-crop-categories"] == "shoes,bottoms"
    assert answer.headers["x-crop-refused"] == "tops=garment_not_seen"
    assert len(answer.json()["croppedImageUrls"]) == 2


def test_of_several_asked_one_found_is_one_crop(here: Shop, crops: httpx.Client) -> None:
    here.analyzer.lacks = frozenset({Category.TOPS})
    answer = ask(crops, here.photo, "tops", "bottoms")
    assert list(answer.json()) == ["croppedImageUrl"]
    assert answer.headers["x-crop-categories"] == "bottoms"


def test_a_photo_that_is_refused_as_a_whole_has_no_crop(here: Shop, crops: httpx.Client) -> None:
    here.analyzer.refused = Refused("not_fashion", "the photo shows no clothes")
    answer = ask(crops, here.photo)
    assert (answer.json()["croppedImageUrl"], answer.headers["x-crop-result"]) == (here.photo, "none")


def test_a_crop_is_fetched_from_the_service_where_the_store_has_no_web_address(
    here: Shop, crops: httpx.Client
) -> None:
    url = ask(crops, here.photo).json()["croppedImageUrl"]
    assert url.startswith(str(crops.base_url.join("/guests/crops/")))
    found = crops.get(url)
    (stored,) = here.files.values()
    assert (found.status_code, found.content, found.headers["content-type"]) == (200, stored, "image/png")
    assert found.headers["cache-control"] == "private, max-age=86400"
    assert found.headers["x-content-type-options"] == "nosniff"
    with Image.open(BytesIO(found.content)) as image:
        assert (image.mode, image.size) == ("RGBA", (90, 120))


def test_a_store_on_the_web_gives_its_own_address() -> None:
    with shop(blobs=WebBlobs()) as here, here.open_crops() as crops:
        url = ask(crops, here.photo).json()["croppedImageUrl"]
    (path,) = here.files
    assert url == f"https://store.example/signed/{path}?until=1"


def test_the_same_photo_again_has_the_same_address(here: Shop, crops: httpx.Client) -> None:
    assert ask(crops, here.photo).json() == ask(crops, here.photo).json()
    assert len(here.files) == 1


@pytest.mark.parametrize(
    "name", ["x.png", f"{'0' * 64}.png", f"{'0' * 64}.svg", "..%2f..%2fusers%2fann.png", "%00", "a/b.png"]
)
def test_nothing_else_of_the_store_is_given_out(calm: tuple[Shop, httpx.Client], name: str) -> None:
    _, crops = calm
    assert said(crops.get(f"/guests/crops/{name}"))[0] == 404
    assert said(crops.get(f"/guests/masks/{'0' * 64}.png"))[0] == 404


# Bad requests


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "imageUrl"),
        ({"categories": ["tops"]}, "imageUrl"),
        ({"imageUrl": "", "categories": ["tops"]}, "imageUrl"),
        ({"imageUrl": 7, "categories": ["tops"]}, "imageUrl"),
        ({"imageUrl": "https://example.com/a.jpg"}, "categories"),
        ({"imageUrl": "https://example.com/a.jpg", "categories": []}, "categories"),
        ({"imageUrl": "https://example.com/a.jpg", "categories": "tops"}, "categories"),
        ({"imageUrl": "https://example.com/a.jpg", "categories": ["hats"]}, "categories.0"),
        ({"imageUrl": "https://example.com/a.jpg", "categories": ["tops"] * 100}, "categories"),
        ([], "body"),
    ],
)
def test_a_bad_request_names_its_field(calm: tuple[Shop, httpx.Client], body: object, field: str) -> None:
    here, crops = calm
    status, message = said(crops.post("/crop", json=body))
    assert (status, message.partition(":")[0]) == (400, field)
    assert here.analyzer.asked == 0


def test_what_is_no_json_is_a_bad_request(calm: tuple[Shop, httpx.Client]) -> None:
    _, crops = calm
    assert said(crops.post("/crop", content=b"{", headers={"Content-Type": "application/json"}))[0] == 400


# Photos that cannot be had


@pytest.mark.parametrize(
    ("page", "status", "part"),
    [
        (Reply(404), 400, "answers 404"),
        (Reply(403), 400, "answers 403"),
        (Reply(503), 502, "try again later"),
        (Reply(200, b"<html>sign in</html>", {"Content-Type": "image/png"}), 400, "not an image"),
        (Reply(200, b""), 400, "empty"),
        (Reply(200, picture()[:80]), 400, "damaged or cut off"),
        (Reply(200, picture((20, 20))), 400, "each side needs"),
        (Reply(200, bytes(UPLOADS.max_bytes + 1)), 400, "more than"),
        (Reply(302, b"", {"Location": "http://169.254.169.254/latest"}), 400, "public server"),
    ],
)
def test_a_photo_that_cannot_be_had_is_an_error_and_never_a_crop(
    calm: tuple[Shop, httpx.Client], page: Reply, status: int, part: str
) -> None:
    here, crops = calm
    before = dict(here.files)
    here.site.pages["/photo.png"] = page
    answer = ask(crops, here.photo)
    found, message = said(answer)
    assert (found, part in message) == (status, True), message
    assert here.photo not in answer.text
    assert (here.files, here.analyzer.asked) == (before, 0)


@pytest.mark.parametrize(
    "url", ["photo.png", "file:///etc/passwd", "http://127.0.0.1:1/", "https://u:p@example.com/"]
)
def test_an_address_that_is_none_of_the_webs_is_refused(calm: tuple[Shop, httpx.Client], url: str) -> None:
    _, crops = calm
    status, message = said(ask(crops, url))
    assert (status, url in message) == (400, False)


def test_a_server_that_breaks_off_is_not_our_callers_fault(here: Shop, crops: httpx.Client) -> None:
    here.site.plan(Fault("reset"))
    assert said(ask(crops, here.photo))[0] == 502


# The engine


def test_status(crops: httpx.Client) -> None:
    expected = {"status": "online", "cropper_available": True, "endpoint": "/crop"}
    assert crops.get("/").json() == expected
    assert crops.get("/health").json() == {"status": "healthy"}


def test_a_missing_key_is_the_reason_of_503_and_nothing_else_breaks() -> None:
    """The engine starts when the service does, not when it is imported."""
    missing = Raising(AccessDenied("OPENAI_API_KEY is not set; set it"))
    with shop(load=missing) as here, here.open_crops() as crops:
        for _ in range(2):
            assert said(ask(crops, here.photo)) == (503, "OPENAI_API_KEY is not set; set it")
        assert crops.get("/").json()["cropper_available"] is False
        assert crops.get("/health").status_code == 200
        found = crops.get("/debug").json()
        assert (found["cropper_available"], found["cropper_instance"]) == (False, False)
        assert found["error"] == "OPENAI_API_KEY is not set; set it"
    assert here.events("failed")[0].message == "AccessDenied: OPENAI_API_KEY is not set; set it"


def test_debug_tells_what_the_seed_told_and_no_secret(here: Shop, crops: httpx.Client) -> None:
    ask(crops, here.photo)
    found = crops.get("/debug").json()
    assert [*found] == [
        *("cropper_available", "cropper_instance", "has_openai_key", "has_supabase_url", "error"),
        *("python_path", "cwd"),
    ]
    facts = [found[name] for name in ("cropper_instance", "has_openai_key", "has_supabase_url", "error")]
    assert facts == [True, True, False, None]


def test_who_comes_while_the_models_load_waits_for_them() -> None:
    gate = Gate()
    with shop(load=gate) as here, here.open_crops() as crops, workers(1) as pool:
        waiting = pool.submit(ask, crops, here.photo)
        assert gate.entered.wait(10)
        assert crops.get("/debug").json()["cropper_instance"] is False
        assert crops.get("/").json()["cropper_available"] is True
        gate.open()
        assert waiting.result().status_code == 200


def test_requests_queue_and_too_many_are_told_so_while_health_answers() -> None:
    gate = Gate()
    with shop(analyzer=Analyzer(act=gate), waiting=2) as here, here.open_crops() as crops, workers(8) as pool:
        all_of_them = {pool.submit(ask, crops, here.photo) for _ in range(8)}
        assert gate.entered.wait(10)
        refused = set[Future[httpx.Response]]()
        while len(refused) < 5:
            assert crops.get("/health").json() == {"status": "healthy"}
            refused = {one for one in all_of_them if one.done()}
        assert crops.get("/").json()["cropper_available"] is True
        gate.open()
        assert [one.result().status_code for one in all_of_them - refused] == [200, 200, 200]
    for one in refused:
        status, message = said(one.result())
        assert (status, "busy" in message, one.result().headers["retry-after"]) == (503, True, "1")


def test_photos_are_decoded_one_at_a_time_and_only_when_it_is_their_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A file has 30 MB at most, its pixels 150 MB."""
    gate, decoded = Gate(), list[bytes]()

    def counted(data: bytes) -> Photo:
        decoded.append(data)
        return decode(data)

    monkeypatch.setattr(guest_desk, "decode", counted)
    with shop(analyzer=Analyzer(act=gate), waiting=3) as here, here.open_crops() as crops, workers(4) as pool:
        held = [pool.submit(ask, crops, here.photo) for _ in range(4)]
        assert gate.entered.wait(10)
        while len(here.site.asked) < 4:
            assert crops.get("/health").status_code == 200
        assert len(decoded) == 1
        gate.open()
        assert [one.result().status_code for one in held] == [200] * 4
    assert len(decoded) == 4


def test_a_full_room_fetches_nothing() -> None:
    gate = Gate()
    with shop(analyzer=Analyzer(act=gate), waiting=0) as here, here.open_crops() as crops, workers(1) as pool:
        first = pool.submit(ask, crops, here.photo)
        assert gate.entered.wait(10)
        assert said(ask(crops, f"{here.photo}?2"))[0] == 503
        assert len(here.site.asked) == 1
        gate.open()
        assert first.result().status_code == 200


def test_who_reads_results_holds_up_no_call() -> None:
    """Results need no key: more of them are asked for than there are threads for anything, in a store that hangs."""
    gate = Gate()

    class Hanging(MemoryBlobs):
        def get(self, path: str) -> bytes:
            gate()
            return super().get(path)

    name = f"/guests/crops/{'0' * 64}.png"
    with shop(blobs=Hanging()) as here, here.open_crops() as crops, workers(40) as pool:
        held = [pool.submit(crops.get, name) for _ in range(40)]
        assert gate.entered.wait(10)
        assert ask(crops, here.photo).status_code == 200
        gate.open()
        assert {one.result().status_code for one in held} == {404}


def test_slow_servers_of_callers_hold_up_nobody_else() -> None:
    """As many as are fetched from at a time, and one more."""
    slow = threading.Event()
    with shop(fetched_within=30.0) as here, here.open_crops() as crops, workers(9) as pool:
        url = ask(crops, here.photo).json()["croppedImageUrl"]
        here.site.before = lambda asked: nothing_but(slow.wait(20))
        held = [pool.submit(ask, crops, f"{here.photo}?{number}") for number in range(9)]
        while len(here.events("started")) < 1 + 9:
            assert crops.get("/health").status_code == 200
        assert crops.get(url).status_code == 200
        slow.set()
        assert {one.result().status_code for one in held} == {200}


def nothing_but(waited: bool) -> None:
    assert waited


def test_out_of_memory_is_503_and_the_next_photo_works(here: Shop, crops: httpx.Client) -> None:
    here.analyzer.act = fails = Raising(OutOfMemory("one photo did not fit"))
    assert said(ask(crops, here.photo)) == (503, "one photo did not fit")
    fails.error = None
    assert ask(crops, here.photo).status_code == 200


def test_what_nobody_foresaw_is_500_with_the_requests_id_and_nothing_more(
    here: Shop, crops: httpx.Client
) -> None:
    here.analyzer.act = Raising(RuntimeError("at http://secret.example/"))
    answer = ask(crops, here.photo, X_Request_ID="call-7")
    assert said(answer)[0] == 500
    assert ("call-7" in answer.text, "secret" in answer.text) == (True, False)


def test_a_store_that_is_away_is_503() -> None:
    with shop(blobs=MemoryBlobs(fail_puts=1)) as here, here.open_crops() as crops:
        assert said(ask(crops, here.photo))[0] == 503
        assert ask(crops, here.photo).status_code == 200


# Who may ask


def test_with_keys_everything_but_the_status_needs_one() -> None:
    with shop(keys=(KEY,)) as here, here.open_crops() as crops:
        url = ask(crops, here.photo, Authorization=f"Bearer {KEY}").json()["croppedImageUrl"]
        assert crops.get(url, headers={"X-API-Key": KEY}).status_code == 200
        for answer in (ask(crops, here.photo), crops.get("/debug"), crops.get(url)):
            assert said(answer)[0] == 401
        assert crops.get("/").status_code == crops.get("/health").status_code == 200


# What is logged


def test_each_call_is_logged_with_time_user_and_component_and_names_no_photo(
    here: Shop, crops: httpx.Client
) -> None:
    here.analyzer.lacks = frozenset({Category.SHOES})
    url = ask(
        crops, here.photo, "tops", "shoes", X_Request_ID="call-1", X_User_Id="ann"
    ).json()["croppedImageUrl"]  # fmt: skip
    assert here.told() == [("crop", "started"), ("crop", "finished"), ("shoes", "refused")]
    for event in here.log.events:
        assert (event.user_id, event.run_id, event.component) == ("ann", "call-1", "service.crops")
    text = str([event.facts() for event in here.log.events]) + str(here.lines)
    digest = url.rpartition("/")[2].partition(".")[0]
    assert not any(part in text for part in (here.site.place, "photo.png", digest))


def test_a_failure_is_logged_without_the_address(here: Shop, crops: httpx.Client) -> None:
    here.site.pages.clear()
    ask(crops, here.photo, X_User_Id="Not An Id")
    (event,) = here.events("failed")
    assert (event.user_id, event.message.partition(":")[0]) == (None, "UrlRejected")
    assert here.site.place not in event.message


def test_a_caller_who_is_given_up_is_logged_as_a_failure() -> None:
    gate = Gate()
    with shop(analyzer=Analyzer(act=gate), seconds=0.5) as here, here.open_crops() as crops:
        assert said(ask(crops, here.photo))[0] == 504
        while not here.events("failed"):
            crops.get("/health")
        (event,) = here.events("failed")
        assert event.message == "Cancelled: the caller went away, or was given up"
        gate.open()
