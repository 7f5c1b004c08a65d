"""The mask service: what apps that exist send, and what they are answered."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor as workers
from io import BytesIO

import httpx
import numpy as np
import pytest
from PIL import Image

from tests.fakes import MemoryBlobs
from tests.peers.faulty import Asked, Reply
from tests.peers.site import picture
from tests.services.guests import KEY, PHOTO, Gate, Parser, Raising, Shop, WebBlobs, shop
from tryon.core.errors import ModelMissing, OutOfMemory
from tryon.core.words import Refused

NOBODY = Refused("no_person", "No person was found; use a photo of one person in full view.")
TIMING = ["setup_model_symlinks", "download_image", "generate_masks", "upload_masks"]


@pytest.fixture
def here() -> Iterator[Shop]:
    with shop() as found:
        yield found


@pytest.fixture
def masks(here: Shop) -> Iterator[httpx.Client]:
    with here.open_masks() as client:
        yield client


@pytest.fixture(scope="module")
def calm() -> Iterator[tuple[Shop, httpx.Client]]:
    """One server for many questions that change nothing."""
    with shop() as here, here.open_masks() as client:
        yield here, client


def ask(client: httpx.Client, url: str, **wishes: object) -> httpx.Response:
    return client.post("/", json={"user_image_url": url, **wishes})


def said(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of an error, which has the one shape that errors have."""
    body = answer.json()
    assert [*body] == ["status", "error"]
    assert (body["status"], [*body["error"]]) == ("error", ["code", "message"])
    assert body["error"]["message"]
    return answer.status_code, body["error"]["code"]


def mask(client: httpx.Client, url: str) -> tuple[str, np.ndarray]:
    """Its format, and its pixels as they are in the file."""
    found = client.get(url)
    assert found.status_code == 200
    assert found.headers["x-content-type-options"] == "nosniff"
    with Image.open(BytesIO(found.content)) as image:
        assert found.headers["content-type"] == f"image/{str(image.format).lower()}"
        return str(image.format), np.asarray(image)


# Answers


def test_the_answer_is_the_seeds(here: Shop, masks: httpx.Client) -> None:
    answer = ask(masks, here.photo)
    body = answer.json()
    assert (answer.status_code, [*body]) == (200, ["status", "masks", "total_time", "timing"])
    assert (body["status"], [*body["masks"]], [*body["timing"]]) == ("success", ["upper", "lower"], TIMING)
    assert all(isinstance(one, float) and one >= 0 for one in (body["total_time"], *body["timing"].values()))
    assert sum(body["timing"].values()) == pytest.approx(body["total_time"], abs=0.5)


def test_masks_are_strict_and_of_the_photos_size(here: Shop, masks: httpx.Client) -> None:
    urls = ask(masks, here.photo).json()["masks"]
    assert all(url.startswith(str(masks.base_url.join("/guests/masks/"))) for url in urls.values())
    for url in urls.values():
        form, pixels = mask(masks, url)
        assert (form, pixels.shape, {*np.unique(pixels).tolist()}) == ("PNG", (160, 120), {0, 255})


def test_the_name_in_users_documents_is_taken_too(here: Shop, masks: httpx.Client) -> None:
    assert masks.post("/", json={"userImageUrl": here.photo}).json()["status"] == "success"
    both = masks.post("/batch", json={"userImageUrls": [here.photo]}).json()
    assert both["results"][0]["status"] == "success"


def test_asked_kinds_sizes_and_formats(here: Shop, masks: httpx.Client) -> None:
    kinds = ["face", "full_body", "overall", "upper", "lower"]
    urls = ask(masks, here.photo, kinds=kinds, size="768x1024", format="webp").json()["masks"]
    assert [*urls] == kinds
    for url in urls.values():
        form, pixels = mask(masks, url)
        assert (form, pixels.shape) == ("WEBP", (1024, 768, 3))
        assert (pixels[..., 0] == pixels[..., 1]).all()
        assert {*np.unique(pixels).tolist()} == {0, 255}


def test_a_store_on_the_web_gives_its_own_address() -> None:
    with shop(blobs=WebBlobs()) as here, here.open_masks() as masks:
        urls = ask(masks, here.photo).json()["masks"]
    assert {*urls.values()} == {f"https://store.example/signed/{path}?until=1" for path in here.files}


def test_status(calm: tuple[Shop, httpx.Client]) -> None:
    _, masks = calm
    assert masks.get("/").json() == {"status": "online", "masks_available": True, "endpoint": "/"}
    assert masks.get("/health").json() == {"status": "healthy"}


# Failures


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "user_image_url"),
        ({"user_image_url": ""}, "user_image_url"),
        ({"user_image_url": ["a"]}, "user_image_url"),
        ({"user_image_url": "https://example.com/a.jpg", "kinds": []}, "kinds"),
        ({"user_image_url": "https://example.com/a.jpg", "kinds": ["hands"]}, "kinds.0"),
        ({"user_image_url": "https://example.com/a.jpg", "size": "1x1"}, "size"),
        ({"user_image_url": "https://example.com/a.jpg", "format": "jpeg"}, "format"),
        ("a", "body"),
    ],
)
def test_a_bad_request_names_its_field(calm: tuple[Shop, httpx.Client], body: object, field: str) -> None:
    _, masks = calm
    answer = masks.post("/", json=body)
    assert said(answer) == (400, "bad_request")
    assert answer.json()["error"]["message"].partition(":")[0] == field


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (Reply(404), (400, "url_status")),
        (Reply(500), (502, "fetch_failed")),
        (Reply(200, b"<html>sign in</html>"), (400, "image_unknown_format")),
        (Reply(200, picture()[:80]), (400, "image_truncated")),
        (Reply(302, b"", {"Location": "http://10.0.0.1/"}), (400, "url_forbidden_address")),
    ],
)
def test_a_photo_that_cannot_be_had_is_an_error(
    calm: tuple[Shop, httpx.Client], page: Reply, expected: tuple[int, str]
) -> None:
    here, masks = calm
    here.site.pages["/photo.png"] = page
    answer = ask(masks, here.photo)
    assert (said(answer), here.photo in answer.text, here.parser.sizes) == (expected, False, [])


def test_a_photo_of_nobody_is_refused_with_the_reason_and_nothing_is_kept(
    here: Shop, masks: httpx.Client
) -> None:
    here.parser.refused = NOBODY
    answer = ask(masks, here.photo)
    assert said(answer) == (422, "no_person")
    assert answer.json()["error"]["message"] == NOBODY.message
    assert here.files == {}


@pytest.mark.parametrize(
    ("error", "code"),
    [(ModelMissing("dwpose is missing; run `fashion models pull`"), "engine_unusable")],
)
def test_an_engine_that_cannot_start_is_503_and_the_status_says_so(error: Exception, code: str) -> None:
    with shop(load=Raising(error)) as here, here.open_masks() as masks:
        assert said(ask(masks, here.photo)) == (503, code)
        assert masks.get("/").json()["masks_available"] is False


def test_out_of_memory_is_503(here: Shop, masks: httpx.Client) -> None:
    here.parser.act = Raising(OutOfMemory("it did not fit"))
    assert said(ask(masks, here.photo)) == (503, "out_of_memory")


def test_what_nobody_foresaw_is_500(here: Shop, masks: httpx.Client) -> None:
    here.parser.act = Raising(RuntimeError("secret"))
    answer = ask(masks, here.photo)
    assert (said(answer), "secret" in answer.text) == ((500, "internal"), False)


# Batches


def test_a_batch_is_answered_in_order_and_each_failure_alone(here: Shop, masks: httpx.Client) -> None:
    here.site.pages["/other.png"] = Reply(200, picture((96, 128)))
    here.site.pages["/page.png"] = Reply(200, b"<html>")
    urls = [
        here.photo,
        f"{here.site.address}/none.png",
        "http://127.0.0.1:1/",
        here.photo.replace("photo", "page"),
    ]
    urls += [here.photo.replace("photo", "other")]
    answer = masks.post("/batch", json={"user_image_urls": urls, "kinds": ["upper"]})
    results = answer.json()["results"]
    assert (answer.status_code, [*answer.json()]) == (200, ["results"])
    codes = [one["error"]["code"] if one["status"] == "error" else [*one["masks"]] for one in results]
    assert codes == [["upper"], "url_status", "url_port", "image_unknown_format", ["upper"]]
    assert [mask(masks, results[n]["masks"]["upper"])[1].shape for n in (0, 4)] == [(160, 120), (128, 96)]
    assert [*results[0]["timing"]] == TIMING


@pytest.mark.parametrize("error", [OutOfMemory("it did not fit"), RuntimeError("secret")])
def test_one_photo_that_breaks_the_engine_does_not_fail_the_others(
    here: Shop, masks: httpx.Client, error: Exception
) -> None:
    here.site.pages["/other.png"] = Reply(200, picture((96, 128)))

    def act() -> None:
        if here.parser.sizes[-1] == (128, 96):
            raise error

    here.parser.act = act
    urls = [here.photo, here.photo.replace("photo", "other"), here.photo]
    answer = masks.post("/batch", json={"user_image_urls": urls})
    assert [one["status"] for one in answer.json()["results"]] == ["success", "error", "success"]
    assert "secret" not in answer.text


def test_64_photos_are_one_batch_and_65_are_none(here: Shop, masks: httpx.Client) -> None:
    urls = [f"{here.photo}?{number}" for number in range(65)]
    answer = masks.post("/batch", json={"user_image_urls": urls[:64], "kinds": ["face"]})
    assert [one["status"] for one in answer.json()["results"]] == ["success"] * 64
    assert len(here.parser.sizes) == 64
    for wrong in (urls, []):
        assert said(masks.post("/batch", json={"user_image_urls": wrong})) == (400, "bad_request")


def test_photos_of_a_batch_are_fetched_at_the_same_time(here: Shop, masks: httpx.Client) -> None:
    """Eight are under way before the first is answered."""
    together = threading.Barrier(8)
    here.site.before = lambda asked: meet(together, asked)
    urls = [f"{here.photo}?{number}" for number in range(8)]
    answer = masks.post("/batch", json={"user_image_urls": urls, "kinds": ["face"]})
    assert [one["status"] for one in answer.json()["results"]] == ["success"] * 8


def meet(together: threading.Barrier, asked: Asked) -> None:
    together.wait(4)


def test_a_batch_takes_one_place_in_the_queue_and_is_refused_none() -> None:
    """Also where nobody may wait. Single requests go on beside it."""
    gate = Gate()
    with shop(parser=Parser(act=gate), waiting=0) as here, here.open_masks() as masks, workers(2) as pool:
        first = pool.submit(ask, masks, here.photo)
        assert gate.entered.wait(10)
        batch = pool.submit(masks.post, "/batch", json={"user_image_urls": [here.photo] * 12})
        deadline = time.monotonic() + 10
        while len(here.events("started")) < 1 + 8 and time.monotonic() < deadline:
            assert masks.get("/health").status_code == 200
        assert said(ask(masks, here.photo)) == (503, "busy")
        gate.open()
        assert first.result().status_code == 200
        assert [one["status"] for one in batch.result().json()["results"]] == ["success"] * 12


# Who may ask, and what is logged


def test_with_keys_nobody_makes_masks_without_one() -> None:
    """The status is public, the same path's POST is not."""
    with shop(keys=(KEY,)) as here, here.open_masks() as masks:
        assert masks.get("/").status_code == 200
        assert said(ask(masks, here.photo)) == (401, "key_required")
        assert said(masks.post("/batch", json={"user_image_urls": [here.photo]})) == (401, "key_required")
        assert here.site.asked == []
        answer = masks.post("/", json={"user_image_url": here.photo}, headers={"X-API-Key": KEY})
        assert answer.status_code == 200
        assert said(masks.get(answer.json()["masks"]["upper"])) == (401, "key_required")


def test_each_photo_of_a_batch_is_a_step_of_its_own(here: Shop, masks: httpx.Client) -> None:
    headers = {"X-Request-ID": "call-2", "X-User-Id": "ann"}
    urls = [here.photo, f"{here.site.address}/none.png"]
    masks.post("/batch", json={"user_image_urls": urls}, headers=headers)
    steps = [("masks 1", "finished"), ("masks 1", "started"), ("masks 2", "failed"), ("masks 2", "started")]
    assert sorted(here.told()) == steps
    for event in here.log.events:
        assert (event.user_id, event.run_id, event.component) == ("ann", "call-2", "service.masks")
    assert here.site.place not in str([event.facts() for event in here.log.events]) + str(here.lines)


def test_refused_masks_are_logged_by_kind_and_code(here: Shop, masks: httpx.Client) -> None:
    here.parser.refused = NOBODY
    ask(masks, here.photo)
    assert here.told() == [
        *(("masks", "started"), ("masks", "finished"), ("upper", "refused"), ("lower", "refused"))
    ]
    assert here.events("refused")[0].data == {"code": "no_person"}


def test_a_store_that_is_full_is_503_and_no_half_answer() -> None:
    with shop(blobs=MemoryBlobs(fail_puts=1)) as here, here.open_masks() as masks:
        assert said(ask(masks, here.photo)) == (503, "store_unavailable")
        assert ask(masks, here.photo).status_code == 200


def test_the_photo_itself_is_never_kept(here: Shop, masks: httpx.Client) -> None:
    ask(masks, here.photo)
    assert PHOTO not in here.files.values()
    assert all(path.startswith("guests/masks/") for path in here.files)
