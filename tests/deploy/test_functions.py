"""The functions of deploy/modal in this process (`.local()`), on tiny checkpoints: what they answer, and self-tests."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import modal
import numpy as np
import pytest

from tests.deploy.apps import ROOT, load, run
from tests.deploy.conftest import RESOLUTION, enter
from tests.engines.sharp_tiny import DISPARITY
from tests.engines.tiny_models import BOX
from tests.peers.modal_deploys import ModalDeploys
from tests.peers.modal_peer import listening
from tryon.containers import gpus, splats
from tryon.core.camera import DEFAULT_RATIO
from tryon.core.direct.splats import MOST_LISTED
from tryon.core.errors import OutOfMemory
from tryon.core.images import decode
from tryon.core.ply import read_ply
from tryon.core.ports import SplatJob
from tryon.core.splats import Gaussians
from tryon.core.words import EngineCard, Refused

UPLOADS = ROOT / "studio/catalogue/uploads"
PERSON, SHIRT = (UPLOADS / "users/u1.jpg").read_bytes(), (UPLOADS / "items/tee-sun.jpg").read_bytes()
WIDTH, HEIGHT = 768, 1024
ALL = 2 * (RESOLUTION // 2) ** 2
"""Gaussians of one picture."""


def call(function: modal.Function[..., Any, Any], *args: object) -> Any:
    """Modal warns that a volume is not mounted here."""
    with pytest.warns(UserWarning, match="executing locally"):
        return function.local(*args)


# Splats for outside callers


@pytest.fixture(scope="module")
def answer(checkpoints: Path) -> dict[str, Any]:
    """Of `predict`, for a focal length that is given."""
    with pytest.MonkeyPatch.context() as patch:
        enter(patch, checkpoints, checkpoints)
        found: dict[str, Any] = call(load("splats").predict, PERSON, 1000.0)
        return found


def test_predict_answers_plain_lists_of_every_kind_of_number(answer: dict[str, Any]) -> None:
    read = json.loads(json.dumps(answer))
    shapes = {name: np.array(read[name]).shape for name in read if name != "metadata"}
    count = MOST_LISTED
    assert shapes == {
        "positions": (count, 3),
        "scales": (count, 3),
        "rotations": (count, 4),
        "opacities": (count, 1),
        "colors": (count, 3),
    }
    assert np.allclose(np.linalg.norm(answer["rotations"], axis=1), 1, atol=1e-5)
    assert np.min(answer["scales"]) > 0
    for name in ("opacities", "colors"):
        assert 0 <= np.min(answer[name]) <= np.max(answer[name]) <= 1


def test_predict_says_what_it_left_out_and_where_the_scene_is(answer: dict[str, Any]) -> None:
    facts = answer["metadata"]
    low, high = facts["bounding_box"]
    assert (facts["count"], facts["total"], facts["sampled"]) == (MOST_LISTED, ALL, True)
    assert facts["image_size"] == [WIDTH, HEIGHT]
    assert (facts["generator"], facts["f_px"], facts["f_px_source"]) == ("sharp", 1000.0, "given")
    assert "Apple" in facts["licence"]
    assert facts["seconds"] > 0
    assert (np.min(answer["positions"], axis=0) >= low).all()
    assert (np.max(answer["positions"], axis=0) <= high).all()


def test_the_sample_is_even(answer: dict[str, Any]) -> None:
    """Both layers, the whole picture: 25,000 of each, and no quarter of it has less than a fifth."""
    positions = np.array(answer["positions"])
    front = positions[:, 2] < np.median(positions[:, 2]) * 1.01
    x, y = (positions[:, :2] / positions[:, 2:]).T
    quarters, _, _ = np.histogram2d(x, y, bins=2)
    assert 0.45 < front.mean() < 0.55
    assert quarters.min() > MOST_LISTED / 5


@pytest.mark.parametrize(
    ("image", "f_px", "said"),
    [(b"no picture", None, "not an image"), (PERSON, 3.0, "f_px 3.0 is not a focal length")],
)
def test_what_cannot_be_used_is_an_error_that_any_caller_has(
    container: pytest.MonkeyPatch, image: bytes, f_px: float | None, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        call(load("splats").predict, image, f_px)


@pytest.mark.parametrize(("gigabytes", "named"), [(24.0, "A100-40GB"), (42.4, "A100-80GB"), (85.2, "H200")])
def test_a_full_gpu_is_answered_with_a_larger_one(
    monkeypatch: pytest.MonkeyPatch, gigabytes: float, named: str
) -> None:
    monkeypatch.setattr(gpus, "gigabytes", lambda: gigabytes)
    with pytest.raises(
        MemoryError, match=rf"did not fit.*; deploy with a larger GPU, FASHION_SPLAT_GPU={named}$"
    ):
        splats.as_ply(Answering(OutOfMemory("SHARP did not fit into memory")), PERSON)


def test_a_picture_that_is_refused_is_told_with_its_reason() -> None:
    with pytest.raises(ValueError, match=r"^splat_astray: The points lie elsewhere$"):
        splats.as_ply(Answering(Refused("splat_astray", "The points lie elsewhere")), PERSON)


class Answering:
    """A splatter with one answer."""

    card = EngineCard("answering", "1", "none", True, True)

    def __init__(self, answer: Gaussians | Refused | Exception) -> None:
        self._answer = answer

    def splat(self, batch: Sequence[SplatJob]) -> list[Gaussians | Refused]:
        if isinstance(self._answer, Exception):
            raise self._answer
        return [self._answer] * len(batch)


def test_ten_callers_at_once_share_one_engine(container: pytest.MonkeyPatch) -> None:
    service = splats.Splats(lambda: None)
    with ThreadPoolExecutor(10) as pool:
        engines = {id(engine) for engine in pool.map(lambda _: service.engine(), range(10))}
    assert len(engines) == 1


# Self-tests


def test_modal_run_sends_a_picture_and_keeps_its_splat(tmp_path: Path) -> None:
    """The real command; the function's answer is the peer's."""
    asked: list[tuple[str, bytes, object]] = []

    def answer(name: str, image: bytes, f_px: object) -> bytes:
        asked.append((name, image, f_px))
        return b"a splat"

    paths = ["--image-path", str(UPLOADS / "users/u1.jpg"), "--output-path", str(tmp_path / "look.ply")]
    with listening(ModalDeploys()) as peer:
        assert isinstance(peer, ModalDeploys)
        peer.remote = answer
        said = run(peer, "splats", *paths, "--f-px", "900")
    assert asked == [("predict_and_save_ply", PERSON, 900.0)]
    assert (tmp_path / "look.ply").read_bytes() == b"a splat"
    assert "splats: 7 bytes in " in said


def run_here(module: ModuleType, patch: pytest.MonkeyPatch, name: str, **options: object) -> None:
    """`modal run`, with the function in this process."""
    function = getattr(module, name)
    patch.setattr(module, name, SimpleNamespace(remote=lambda *args: call(function, *args)))
    module.main(**options)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("crops", r"crops: .*'gpu': None.*'load_seconds': [\d.]+, 'seconds': [\d.]+, 'box': \["),
        ("masks", r"masks: .*'seconds': [\d.]+, 'labels': \[0, .*'person': 0\.\d"),
        ("tryons", r"try-ons: .*'gpu': None.*'size': \[768, 1024\], 'changed': 0\.[01]\d*"),
    ],
)
def test_modal_run_makes_one_inference_and_says_where_and_how_long(
    container: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, said: str
) -> None:
    run_here(load(name), container, "check")
    first, last = capsys.readouterr().out.splitlines()
    assert first == "Using device: cpu"
    assert re.match(said, last), last


def test_the_detectors_box_is_told(container: pytest.MonkeyPatch) -> None:
    """With its margin."""
    left, top, right, bottom = call(load("crops").check, SHIRT)["box"]
    height, width = decode(SHIRT).pixels.shape[:2]
    assert [(left + right) / 2 / width, (top + bottom) / 2 / height] == pytest.approx(BOX[:2], abs=0.02)
    assert [(right - left) / width, (bottom - top) / height] == pytest.approx(BOX[2:], abs=0.1)


def test_modal_run_writes_every_gaussian_of_the_scene(
    container: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    photo, ply = tmp_path / "photo.jpg", tmp_path / "photo.ply"
    photo.write_bytes(PERSON)
    run_here(load("splats"), container, "predict_and_save_ply", image_path=str(photo), output_path=str(ply))
    device, worker, told = capsys.readouterr().out.splitlines()
    assert (device, worker) == ("Using device: cpu", f"splat of {ply.stat().st_size} bytes on no GPU")
    found = read_ply(ply.read_bytes())
    assert len(found) == ALL
    assert np.median(found.positions[:, 2]) == pytest.approx(
        DEFAULT_RATIO * HEIGHT / WIDTH / DISPARITY, rel=0.06
    )
    assert re.fullmatch(rf"splats: {ply.stat().st_size} bytes in [\d.]+ s", told)
