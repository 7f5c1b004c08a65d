"""The splat service as apps meet it: the sample engine, over real HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import numpy as np
import pytest

from tests.fakes import MemoryEventLog
from tests.services.sampled import PERSON, asked, journal_of, sample_stages
from tryon.core.encoding import encode_png
from tryon.core.errors import DeviceMissing, ModelDamaged, OutOfMemory
from tryon.core.ply import read_ply
from tryon.core.ports import SplatJob, Splatter, scenic
from tryon.core.splats import Gaussians
from tryon.core.words import EngineCard, Refused
from tryon.services.engine_room import EngineRoom
from tryon.services.splats.app import create_app, loader
from tryon.services.splats.wire import MOST_FILES

LOG = MemoryEventLog()
NOBODY = encode_png(np.full((300, 200, 3), 128, np.uint8)).data
"""A picture of nothing."""


@pytest.fixture(scope="module")
def splatter() -> Splatter:
    return scenic(sample_stages().splat.splatter)


@pytest.fixture(scope="module")
def client(splatter: Splatter) -> Iterator[httpx.Client]:
    with asked(lambda room: create_app(splatter, room, journal_of(LOG))) as found:
        yield found


class Failing:
    """Answers by turns: None is the real splatter's answer."""

    card = EngineCard("failing", "1", "none", True, True)

    def __init__(self, real: Splatter, *turns: Refused | Exception | None, device: str = "cuda") -> None:
        self._real, self._turns, self.device = real, list(turns), device

    def splat(self, batch: Sequence[SplatJob]) -> list[Gaussians | Refused]:
        turn = self._turns.pop(0)
        if isinstance(turn, Exception):
            raise turn
        return self._real.splat(batch) if turn is None else [turn] * len(batch)


def send(
    client: httpx.Client, data: bytes = PERSON, path: str = "/predict", **fields: object
) -> httpx.Response:
    return client.post(
        path,
        files={"file": ("me.jpg", data)},
        data={name: str(value) for name, value in fields.items()},
        headers={"X-Request-ID": "request-1", "X-User-Id": "u1"},
    )


def found(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


# What it answers


def test_numbers_are_the_contracts(client: httpx.Client) -> None:
    body = found(send(client))
    assert list(body) == ["positions", "scales", "rotations", "opacities", "colors", "metadata"]
    count = body["metadata"]["count"]
    shapes = {name: np.shape(body[name]) for name in body if name != "metadata"}
    assert shapes == {
        "positions": (count, 3),
        "scales": (count, 3),
        "rotations": (count, 4),
        "opacities": (count, 1),
        "colors": (count, 3),
    }
    np.testing.assert_allclose(np.linalg.norm(body["rotations"], axis=1), 1, atol=1e-5)
    assert 0 < np.min(body["scales"]) <= np.max(body["scales"]) < 1
    for name in ("opacities", "colors"):
        assert 0 <= np.min(body[name]) <= np.max(body[name]) <= 1
    assert 1 < np.median(np.array(body["positions"])[:, 2]) < 5


def test_metadata_says_what_it_is(client: httpx.Client) -> None:
    facts = found(send(client, max_gaussians=1000))["metadata"]
    assert (facts["generator"], facts["licence"]) == ("relief", "Apache-2.0")
    assert (facts["count"], facts["sampled"]) == (1000, True)
    assert facts["total"] > 10_000
    assert (facts["image_size"], facts["f_px"], facts["f_px_source"]) == ([768, 1024], 1228.8, "default")
    assert facts["seconds"] > 0
    low, high = facts["bounding_box"]
    assert 1.5 < high[1] - low[1] < 1.9


def test_a_given_focal_length_moves_the_person_away(client: httpx.Client) -> None:
    near, far = (found(send(client, f_px=f_px, max_gaussians=500)) for f_px in (1000, 2000))
    depths = [np.median(np.array(body["positions"])[:, 2]) for body in (near, far)]
    assert depths[1] / depths[0] == pytest.approx(2, rel=0.05)
    assert (far["metadata"]["f_px"], far["metadata"]["f_px_source"]) == (2000, "given")


def test_a_ply_has_every_gaussian_and_fewer_where_fewer_were_asked_for(client: httpx.Client) -> None:
    listed = found(send(client, max_gaussians=100))["metadata"]
    answer = send(client, path="/predict/ply")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == 'attachment; filename="splat.ply"'
    assert len(answer.content) == int(answer.headers["content-length"])
    every = read_ply(answer.content)
    assert len(every) == listed["total"]
    np.testing.assert_allclose(every.positions.max(axis=0), listed["bounding_box"][1], rtol=1e-5)
    assert len(read_ply(send(client, path="/predict/ply", max_gaussians=700).content)) == 700


def test_info_and_health(client: httpx.Client) -> None:
    info = client.get("/").json()
    assert (info["service"], info["version"]) == ("splats", "0.1.0")
    schema = client.get("/openapi.json").json()["paths"]
    assert set(info["endpoints"]) == {
        f"{method.upper()} {path}" for path in schema if path != "/" for method in schema[path]
    }
    assert client.get("/health").json() == {"status": "healthy", "device": "cpu"}


def test_each_picture_is_in_the_log(client: httpx.Client) -> None:
    before = len(LOG.read())
    send(client, max_gaussians=10)
    send(client, NOBODY)
    lines = [event for _, event in LOG.read()][before:]
    assert [(line.step, line.event.value) for line in lines] == [
        ("splat", "started"),
        ("splat", "finished"),
        ("splat", "started"),
        ("splat", "refused"),
    ]
    assert {(line.component, line.user_id, line.run_id) for line in lines} == {
        ("service.splats", "u1", "request-1")
    }


# What is wrong with a request


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"f_px": 3}, "f_px 3.0 is not a focal length for a 768x1024 picture"),
        ({"f_px": "nan"}, "f_px: "),
        ({"f_px": "wide"}, "f_px: "),
        ({"max_gaussians": 200_000}, "max_gaussians 200000 would be about 34 MB of JSON; ask for 1 to 50000"),
        ({"max_gaussians": 0}, "max_gaussians 0; ask for 1 to 50000"),
        ({"max_gaussians": "all"}, "max_gaussians: "),
    ],
)
def test_a_wrong_parameter_is_named(client: httpx.Client, fields: dict[str, Any], said: str) -> None:
    answer = send(client, **fields)
    assert answer.status_code == 400
    assert list(answer.json()) == ["detail"]
    assert answer.json()["detail"].startswith(said)


@pytest.mark.parametrize("path", ["/predict", "/predict/ply"])
def test_bytes_that_are_no_picture_are_named(client: httpx.Client, path: str) -> None:
    for data in (b"", b"no picture", PERSON[: len(PERSON) // 2]):
        answer = send(client, data, path)
        assert (answer.status_code, answer.json()["detail"][:6]) == (400, "file: ")
    missing = client.post(path)
    assert (missing.status_code, missing.json()["detail"][:6]) == (400, "file: ")


def test_a_picture_that_the_engine_refuses(client: httpx.Client) -> None:
    answer = send(client, NOBODY)
    assert answer.status_code == 422
    assert list(answer.json()) == ["detail"]


# Several pictures


def batch(client: httpx.Client, *files: bytes, **fields: object) -> httpx.Response:
    data = {name: str(value) for name, value in fields.items()}
    return client.post("/predict/batch", files=[("file", ("a.jpg", file)) for file in files], data=data)


def test_one_failure_never_fails_the_others(client: httpx.Client) -> None:
    body = found(batch(client, PERSON, b"no picture", NOBODY, PERSON, max_gaussians=300))
    assert list(body) == ["results"]
    first, broken, nobody, last = body["results"]
    assert first["metadata"]["count"] == last["metadata"]["count"] == 300
    assert first["positions"] == last["positions"]
    assert broken["detail"].startswith("file: not an image")
    assert list(nobody) == ["detail"]


def test_not_even_one_that_nobody_foresaw(splatter: Splatter) -> None:
    turns = (KeyError("gone"), OutOfMemory("full"), ModelDamaged("other weights"), None)
    failing = Failing(splatter, *turns, device="cpu")
    with asked(lambda room: create_app(failing, room, journal_of(MemoryEventLog()))) as client:
        body = found(batch(client, *[PERSON] * 4, max_gaussians=10))
    *wrong, right = body["results"]
    assert "nobody foresaw" in wrong[0]["detail"]
    assert "gone" not in wrong[0]["detail"]
    assert wrong[1]["detail"] == "out of memory: full; use a machine with more memory, or a GPU"
    assert wrong[2]["detail"] == "other weights"
    assert right["metadata"]["count"] == 10


def test_a_batch_is_bounded(client: httpx.Client) -> None:
    answer = batch(client, *[b"no picture"] * (MOST_FILES + 1))
    assert (answer.status_code, answer.json()) == (400, {"detail": "file: 9 files; send at most 8 at a time"})
    assert batch(client, *[b"no picture"] * MOST_FILES).status_code == 200
    assert batch(client, PERSON, max_gaussians=60_000).status_code == 400


# The engine


@pytest.mark.parametrize(("gigabytes", "named"), [(24.0, "A100-40GB"), (42.4, "A100-80GB"), (85.2, "H200")])
def test_a_full_gpu_is_answered_with_a_larger_one(
    splatter: Splatter, monkeypatch: pytest.MonkeyPatch, gigabytes: float, named: str
) -> None:
    monkeypatch.setattr("tryon.services.splats.making.gigabytes", lambda: gigabytes)
    failing = Failing(splatter, OutOfMemory("SHARP did not fit"))
    with asked(lambda room: create_app(failing, room, journal_of(MemoryEventLog()))) as client:
        answer = send(client)
        assert client.get("/health").json() == {"status": "healthy", "device": "cuda"}
    said = f"CUDA out of memory: SHARP did not fit; use a larger GPU: {named} (FASHION_SPLAT_GPU on Modal)"
    assert (answer.status_code, answer.json()) == (503, {"detail": said})


class Slow(Failing):
    def __init__(self, real: Splatter) -> None:
        super().__init__(real, None)
        self.begun, self.go_on = threading.Event(), threading.Event()

    def splat(self, batch: Sequence[SplatJob]) -> list[Gaussians | Refused]:
        self.begun.set()
        assert self.go_on.wait(20)
        return super().splat(batch)


def test_one_at_a_time_and_health_answers_meanwhile(splatter: Splatter) -> None:
    slow = Slow(splatter)
    with (
        asked(lambda room: create_app(slow, room, journal_of(MemoryEventLog()))) as client,
        ThreadPoolExecutor(1) as pool,
    ):
        first = pool.submit(send, client)
        assert slow.begun.wait(20)
        second = send(client)
        assert (second.status_code, second.json()["detail"][:11]) == (503, "GPU is busy")
        assert second.headers["Retry-After"] == "1"
        assert client.get("/health").status_code == 200
        slow.go_on.set()
        assert first.result(20).status_code == 200


def test_the_device_it_runs_on_is_logged_and_a_cpu_refused_where_a_gpu_was_asked_for(
    splatter: Splatter,
) -> None:
    log = MemoryEventLog()
    loader(splatter, journal_of(log), "auto")()
    assert log.read()[-1][1].message == "Using device: cpu"
    room = EngineRoom(loader(splatter, journal_of(log), "cuda"))
    room.open()
    while room.state in ("cold", "loading"):
        pass
    assert isinstance(room.problem, DeviceMissing)


def test_the_schema_shows_an_example_of_each_answer(client: httpx.Client) -> None:
    schema = client.get("/openapi.json").json()
    ids = {o["operationId"] for path in schema["paths"].values() for o in path.values()}
    assert ids == {"info", "health", "predict", "predict_ply", "predict_batch"}
    assert "bounding_box" in json.dumps(schema["components"]["schemas"]["Splat"]["example"])
