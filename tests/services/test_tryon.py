"""The try-on service as apps meet it: the sample engines, over real HTTP."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO
from typing import Any

import cv2
import httpx
import numpy as np
import pytest
from PIL import Image

from tests.fakes import MemoryBlobs, MemoryEventLog
from tests.services.sampled import PERSON, SHIRT, UPLOADS, asked, journal_of, sample_stages, wait_for
from tests.services.serving import served
from tryon.core.depot import Made
from tryon.core.direct.masks import masks
from tryon.core.encoding import encode_png
from tryon.core.errors import DeviceMissing, ModelMissing, OutOfMemory, UrlRejected
from tryon.core.guests import Guests
from tryon.core.images import decode, decode_mask
from tryon.core.pipeline import Stages
from tryon.core.ports import Dressed, Dresser, DressJob, Pixels
from tryon.core.provenance import DigitalSource, read_mark
from tryon.core.words import EngineCard, MaskKind, Refused
from tryon.services.engine_room import EngineRoom
from tryon.services.front import Front, behind, detail
from tryon.services.tryon.app import create_app, loader
from tryon.services.tryon.masks import MaskFiles

JEANS, DRESS = ((UPLOADS / f"items/{name}.jpg").read_bytes() for name in ("jeans-blue", "dress-floral"))
LOG = MemoryEventLog()
FILES: dict[str, bytes] = {}
"""What lies at addresses that callers name."""


async def at_address(url: str) -> bytes:
    if url not in FILES:
        raise UrlRejected("status", "the address's server answers 404; check it in a browser")
    return FILES[url]


class Waiting:
    """A dresser that works until it is let go; or answers with what it was given."""

    card = EngineCard("waiting", "1", "none", True, True)

    def __init__(self, answer: Refused | Exception | None = None) -> None:
        self.answer = answer
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.jobs: list[DressJob] = []

    def dress(self, batch: Sequence[DressJob]) -> list[Dressed | Refused]:
        self.jobs += batch
        self.begun.set()
        if isinstance(self.answer, Exception):
            raise self.answer
        if self.answer is not None:
            return [self.answer] * len(batch)
        assert self.go_on.wait(20)
        return [Refused("let_go", "It was let go.")] * len(batch)


@pytest.fixture(scope="module")
def stages() -> Stages:
    return sample_stages()


@pytest.fixture(scope="module")
def client(stages: Stages) -> Iterator[httpx.Client]:
    with asked(lambda room: create_app(stages, room, journal_of(LOG), at_address)) as found:
        yield found


def with_dresser(stages: Stages, dresser: Dresser) -> Stages:
    return replace(stages, tryon=replace(stages.tryon, dresser=dresser))


def send(
    client: httpx.Client, person: bytes = PERSON, cloth: bytes = SHIRT, **fields: object
) -> httpx.Response:
    files = {"person_image": ("me.jpg", person), "cloth_image": ("cloth.jpg", cloth)}
    data = {name: str(value) for name, value in fields.items()}
    headers = {"X-Request-ID": "request-1", "X-User-Id": "u1"}
    return client.post("/api/try-on", files=files, data=data, headers=headers)


def picture(answer: httpx.Response) -> np.ndarray[Any, Any]:
    assert answer.status_code == 200, answer.text
    return decode(base64.b64decode(answer.json()["imageBase64"], validate=True)).pixels


# What it answers


@pytest.mark.parametrize(
    ("kind", "cloth", "rows"),
    [("upper", SHIRT, (0.1, 0.6)), ("lower", JEANS, (0.4, 1.0)), ("overall", DRESS, (0.1, 1.0))],
)
def test_a_person_wears_the_garment_and_nothing_else_changes(
    client: httpx.Client, kind: str, cloth: bytes, rows: tuple[float, float]
) -> None:
    made, person = picture(send(client, cloth=cloth, cloth_type=kind)), decode(PERSON).pixels
    assert made.shape == person.shape == (1024, 768, 3)
    changed = np.flatnonzero((made != person).any(axis=(1, 2))) / 1024
    assert rows[0] < changed.min()
    assert changed.max() < rows[1]
    assert (made != person).any(axis=2).mean() > 0.03


def test_the_answer_is_the_contracts(client: httpx.Client) -> None:
    answer = send(client)
    found = answer.json()
    data = base64.b64decode(found.pop("imageBase64"), validate=True)
    assert found == {"success": True, "message": "Try-on completed successfully"}
    assert answer.headers["X-Seed"] == "42"
    with Image.open(BytesIO(data)) as image:
        assert (image.format, image.mode) == ("PNG", "RGB")
    mark = read_mark(data)
    assert mark is not None
    assert mark.source is DigitalSource.COMPOSITE_SYNTHETIC


def test_a_garment_that_was_cut_out_already_is_taken_as_it_is(client: httpx.Client, stages: Stages) -> None:
    """On a busy backdrop nothing could be found; here nothing has to be."""
    shirt = decode(SHIRT).pixels
    alpha = (np.abs(shirt.astype(int) - shirt[5, 5]).max(axis=2) > 24).astype(np.uint8) * 255
    cut = encode_png(np.dstack([shirt, alpha])).data
    busy = np.random.default_rng(0).integers(0, 255, shirt.shape, dtype=np.uint8)
    noisy = encode_png(np.where(alpha[..., None] > 0, shirt, busy)).data
    refused = send(client, cloth=noisy)
    assert refused.status_code == 422
    assert refused.json()["detail"].startswith("The cloth photo: The backdrop is not plain")
    assert (picture(send(client, cloth=cut)) != decode(PERSON).pixels).any()


def test_large_photos_are_made_smaller(client: httpx.Client) -> None:
    with Image.open(BytesIO(PERSON)) as image:
        large = BytesIO()
        image.resize((1536, 2048)).save(large, "JPEG", quality=90)
    assert picture(send(client, person=large.getvalue())).shape == (1024, 768, 3)


def test_each_call_is_in_the_log_with_ids_alone(client: httpx.Client) -> None:
    before = len(LOG.read())
    send(client, seed=7)
    send(client, cloth=PERSON)
    lines = [event.facts() for _, event in LOG.read()][before:]
    found = [
        (line["component"], line["step"], line["event"], line["user_id"], line["run_id"]) for line in lines
    ]
    call = ("service.tryon", "try-on")
    assert found == [
        (*call, "started", "u1", "request-1"),
        (*call, "finished", "u1", "request-1"),
        (*call, "started", "u1", "request-1"),
        (*call, "refused", "u1", "request-1"),
    ]
    assert lines[1]["duration_ms"] is not None


# The seed


def test_a_random_seed_is_told(client: httpx.Client) -> None:
    seeds = {int(send(client, seed=-1).headers["X-Seed"]) for _ in range(2)}
    assert len(seeds) == 2
    assert min(seeds) >= 0


# What is wrong with a request


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"seed": "-2"}, "seed: "),
        ({"seed": "many"}, "seed: "),
        ({"seed": str(2**63)}, "seed: "),
        ({"num_inference_steps": "0"}, "num_inference_steps: "),
        ({"num_inference_steps": "201"}, "num_inference_steps: "),
        ({"guidance_scale": "nan"}, "guidance_scale: "),
        ({"guidance_scale": "-1"}, "guidance_scale: "),
        ({"cloth_type": "hat"}, "cloth_type: "),
    ],
)
def test_a_wrong_parameter_is_named(client: httpx.Client, fields: dict[str, Any], said: str) -> None:
    answer = send(client, **fields)
    assert answer.status_code == 400
    assert list(answer.json()) == ["detail"]
    assert answer.json()["detail"].startswith(said)


@pytest.mark.parametrize("missing", ["person_image", "cloth_image"])
def test_a_missing_file_is_named(client: httpx.Client, missing: str) -> None:
    (there,) = {"person_image", "cloth_image"} - {missing}
    answer = client.post("/api/try-on", files={there: ("a.jpg", SHIRT)})
    assert (answer.status_code, answer.json()["detail"][: len(missing)]) == (400, missing)


@pytest.mark.parametrize("data", [b"", b"no picture", PERSON[: len(PERSON) // 2], b"%PDF-1.7" + b"0" * 99])
def test_bytes_that_are_no_picture_are_named(client: httpx.Client, data: bytes) -> None:
    assert _said(send(client, person=data))[:13] == "person_image:"
    assert _said(send(client, cloth=data))[:12] == "cloth_image:"


def _said(answer: httpx.Response) -> str:
    assert answer.status_code == 400
    return str(answer.json()["detail"])


def test_too_many_pixels_are_too_large(client: httpx.Client) -> None:
    bomb = BytesIO()
    Image.new("1", (9000, 9000)).save(bomb, "PNG")
    answer = send(client, cloth=bomb.getvalue())
    assert answer.status_code == 413
    assert answer.json()["detail"].startswith("cloth_image: ")


def test_a_photo_of_nobody_is_refused(client: httpx.Client) -> None:
    answer = send(client, person=SHIRT)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("The person photo: ")


def test_what_the_engine_refuses_is_told(stages: Stages) -> None:
    dresser = Waiting(Refused("unsafe", "The picture is not safe."))
    with asked(
        lambda room: create_app(with_dresser(stages, dresser), room, journal_of(LOG), at_address)
    ) as client:
        answer = send(client)
    assert (answer.status_code, answer.json()) == (422, {"detail": "The picture is not safe."})


# The engine


def test_a_full_memory_is_told_in_the_contracts_words(stages: Stages) -> None:
    dresser = Waiting(OutOfMemory("one picture does not fit"))
    with asked(
        lambda room: create_app(with_dresser(stages, dresser), room, journal_of(LOG), at_address)
    ) as client:
        answer = send(client)
        assert answer.status_code == 503
        said = "GPU out of memory. Image may be too large. Error: one picture does not fit"
        assert answer.json() == {"detail": said}
        assert client.get("/health").status_code == 200


def test_one_picture_at_a_time_and_health_answers_meanwhile(stages: Stages) -> None:
    dresser = Waiting()
    busy = {"detail": "GPU is busy processing another request. Please try again later."}
    with (
        asked(
            lambda room: create_app(with_dresser(stages, dresser), room, journal_of(LOG), at_address)
        ) as client,
        ThreadPoolExecutor(1) as pool,
    ):
        first = pool.submit(send, client)
        assert dresser.begun.wait(20)
        second = send(client)
        assert (second.status_code, second.json()) == (503, busy)
        assert client.get("/health").json() == {"status": "healthy", "message": "Service is ready"}
        dresser.go_on.set()
        assert first.result(20).status_code == 422
    assert len(dresser.jobs) == 1


def test_a_queue_lets_requests_wait(stages: Stages) -> None:
    dresser = Waiting()
    room = EngineRoom(lambda: None, waiting=1)
    with (
        asked(
            lambda room: create_app(with_dresser(stages, dresser), room, journal_of(LOG), at_address), room
        ) as client,
        ThreadPoolExecutor(2) as pool,
    ):
        calls = [pool.submit(send, client) for _ in range(2)]
        while room.depth < 2:
            time.sleep(0.01)
        assert send(client).status_code == 503
        dresser.go_on.set()
        assert [call.result(20).status_code for call in calls] == [422, 422]


def test_while_models_load_health_and_requests_say_so(stages: Stages) -> None:
    loaded = threading.Event()
    room = EngineRoom(lambda: _wait(loaded))
    app = behind(
        Front("tests", detail, tell=lambda facts: None), create_app(stages, room, journal_of(LOG), at_address)
    )
    with served(app) as address, httpx.Client(base_url=address, timeout=60) as client:
        answers = [client.get("/health"), send(client)]
        loaded.set()
        wait_for(client)
        answers.append(send(client))
    said = {"detail": "Models are still loading. Please wait and try again."}
    assert [(a.status_code, a.json()) for a in answers[:2]] == [(503, said)] * 2
    assert answers[2].status_code == 200


def _wait(event: threading.Event) -> None:
    assert event.wait(20)


# Its start


class Placed(Waiting):
    def __init__(self, device: str, fault: Exception | None = None) -> None:
        super().__init__()
        self.device, self._fault = device, fault

    def load(self) -> None:
        if self._fault:
            raise self._fault


@pytest.mark.parametrize(("dresser", "device"), [(Waiting(), "cpu"), (Placed("cuda"), "cuda")])
def test_the_device_it_runs_on_is_logged(stages: Stages, dresser: Dresser, device: str) -> None:
    log = MemoryEventLog()
    loader(with_dresser(stages, dresser), journal_of(log), "auto")()
    assert [event.message for _, event in log.read()] == ["load started", f"Using device: {device}"]


def test_a_cpu_is_refused_where_a_gpu_was_asked_for(stages: Stages) -> None:
    with pytest.raises(DeviceMissing, match="FASHION_DEVICE=cuda, but this engine runs on the CPU only"):
        loader(stages, journal_of(MemoryEventLog()), "cuda")()


def test_models_that_cannot_be_loaded_are_told_with_what_to_do(stages: Stages) -> None:
    broken = with_dresser(stages, Placed("cpu", ModelMissing("run `fashion models pull catvton`")))
    journal = journal_of(MemoryEventLog())
    room = EngineRoom(loader(broken, journal, "auto"))
    app = behind(
        Front("tests", detail, tell=lambda facts: None), create_app(broken, room, journal, at_address)
    )
    with served(app) as address, httpx.Client(base_url=address) as client:
        while room.state != "broken":
            time.sleep(0.01)
        answers = [client.get("/health"), send(client)]
    assert [(a.status_code, a.json()) for a in answers] == [
        (503, {"detail": "run `fashion models pull catvton`"})
    ] * 2


def test_the_schema_shows_an_example_of_each_answer(client: httpx.Client) -> None:
    schema = client.get("/openapi.json").json()
    ids = {o["operationId"] for path in schema["paths"].values() for o in path.values()}
    assert ids == {"health", "try_on"}
    assert "imageBase64" in json.dumps(schema["components"]["schemas"]["TryOn"]["example"])


# A mask that was made before


def mask_of(client: httpx.Client, mask: bytes) -> httpx.Response:
    FILES["https://example.com/mask.png"] = mask
    return send(client, mask_url="https://example.com/mask.png")


def upper_mask(stages: Stages) -> Pixels:
    made = dict(masks(stages.mask, decode(PERSON).pixels, (MaskKind.UPPER,)))[MaskKind.UPPER]
    assert isinstance(made, Made)
    return decode_mask(made.encoded.data)


def test_a_mask_of_the_mask_service_gives_the_same_picture(client: httpx.Client, stages: Stages) -> None:
    made = mask_of(client, encode_png(upper_mask(stages)).data)
    assert made.status_code == 200, made.text
    assert made.json() == send(client).json()


def test_another_mask_gives_another_picture(client: httpx.Client, stages: Stages) -> None:
    """It is used, and not only looked at: more of the person is painted anew."""
    mask = upper_mask(stages)
    jobs = Waiting(Refused("seen", "It was seen."))
    seen = with_dresser(stages, jobs)
    with asked(lambda room: create_app(seen, room, journal_of(LOG), at_address)) as other:
        send(other)
        wider = cv2.dilate(mask, np.ones((9, 9), np.uint8))
        # Higher up it would cover the hair.
        wider[: len(mask) // 2] = mask[: len(mask) // 2]
        mask_of(other, encode_png(np.asarray(wider, np.uint8)).data)
    first, second = (int((job.region == 255).sum()) for job in jobs.jobs)
    assert second > first


@pytest.mark.parametrize(
    ("mask", "said"),
    [
        (np.zeros((128, 128), np.uint8), "the photo"),
        (np.full((128, 96), 7, np.uint8), "neither 0 nor 255"),
        (np.zeros((128, 96, 3), np.uint8), "single-channel"),
    ],
)
def test_a_mask_of_another_photo_or_no_mask_is_refused(client: httpx.Client, mask: Pixels, said: str) -> None:
    refused = mask_of(client, encode_png(mask).data)
    assert refused.status_code == 400
    assert refused.json()["detail"].startswith("mask_url: ")
    assert said in refused.json()["detail"]


def test_an_address_without_a_mask_is_refused(client: httpx.Client) -> None:
    assert send(client, mask_url="https://example.com/nothing.png").status_code == 400


def test_a_mask_that_cannot_be_had_is_in_the_log(client: httpx.Client) -> None:
    before = len(LOG.read())
    send(client, mask_url="https://example.com/nothing.png")
    lines = [event for _, event in LOG.read()][before:]
    assert [(line.step, line.event.value) for line in lines] == [("mask", "started"), ("mask", "failed")]
    assert {(line.component, line.run_id, line.user_id) for line in lines} == {
        ("service.tryon", "request-1", "u1")
    }
    assert "example.com" not in str([line.facts() for line in lines])


def test_while_the_engine_is_busy_no_mask_is_fetched(stages: Stages) -> None:
    dresser, fetched = Waiting(), list[str]()

    async def fetch(url: str) -> bytes:
        fetched.append(url)
        return b""

    with (
        asked(lambda room: create_app(with_dresser(stages, dresser), room, journal_of(LOG), fetch)) as client,
        ThreadPoolExecutor(1) as pool,
    ):
        first = pool.submit(send, client)
        assert dresser.begun.wait(20)
        assert send(client, mask_url="https://example.com/mask.png").status_code == 503
        dresser.go_on.set()
        assert first.result(20).status_code == 422
    assert fetched == []


def test_slow_servers_of_masks_hold_up_nobody_else(stages: Stages) -> None:
    """More of them than the threads that all services share: 40."""
    slow, calls = threading.Event(), 44

    def fetch(url: str) -> bytes:
        assert slow.wait(20)
        raise UrlRejected("status", "the address's server answers 404; check it in a browser")

    log = MemoryEventLog()
    with (
        asked(
            lambda room: create_app(stages, room, journal_of(log), MaskFiles(Guests(MemoryBlobs()), fetch))
        ) as client,
        ThreadPoolExecutor(calls) as pool,
    ):
        held = [pool.submit(send, client, mask_url="https://example.com/mask.png") for _ in range(calls)]
        while len(log.read()) < calls:
            assert client.get("/health").status_code == 200
        assert send(client).status_code == 200
        slow.set()
        assert {one.result(20).status_code for one in held} == {400}
