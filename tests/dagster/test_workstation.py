"""The workstation profile through the Dagster assets: the real engines on tiny checkpoints, from photo to splat.

Analyzer, detector, body parser, dresser and splatter are those that the profile chooses; only the weights are small,
the OpenAI API is a peer on the loopback, and a tiny predictor stands behind the interface of Apple's package.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import cv2
import dagster as dg
import numpy as np
import pytest
from plyfile import PlyData  # type: ignore[import-untyped]

from bench.local_models import LocalModels
from fashion_assets.operate import Operator
from tests.dagster.conftest import FAST
from tests.engines.tiny_models import COLOUR, USER, install_sharp, write_all
from tests.peers.openai_peer import Peer, item, listening, photo_of, seeing
from tryon.core.encoding import encode_png
from tryon.core.errors import ModelMissing
from tryon.core.events import EventKind
from tryon.core.images import decode, decode_mask, decode_rgba
from tryon.core.ports import Pixels
from tryon.core.provenance import DigitalSource, read_mark
from tryon.core.records import Record, Verdict
from tryon.core.stored import read_verified
from tryon.profiles import engines as profiles
from tryon.settings import Profile, Settings
from tryon.wiring import build

PHOTOS = Path(profiles.__file__).parents[2] / "studio" / "catalogue" / "uploads" / "users"
GARMENTS = {"top": "tops", "trousers": "bottoms"}
TOP, TROUSERS, LOOK = "top.tops", "trousers.bottoms", "top.tops+trousers.bottoms"
MASKS = ("body", "upper", "lower", "overall", "full_body", "face")
SEES = photo_of(item("red top", "tops"), item("red trousers", "bottoms"))


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_all(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def peer() -> Iterator[Peer]:
    with listening(seeing(SEES)) as found:
        yield found
        assert found.wrong == []


@pytest.fixture(scope="module")
def workstation(models: Path, peer: Peer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    """One person, a top and trousers, everything made once."""
    data = tmp_path_factory.mktemp("data")
    _write_uploads(data / "uploads")
    with dg.DagsterInstance.ephemeral() as instance:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(profiles, "ModelCache", LocalModels)
            install_sharp(patch)
            _use(peer, patch)
            pipeline = build(_settings(data, models), lambda event: None, patience=FAST)
            operator = Operator(pipeline, instance)
            summary = operator.pregenerate()
        assert (summary.failed, summary.rejected) == ({}, ())
        yield operator


def _use(peer: Peer, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("OPENAI_BASE_URL", peer.base_url)
    patch.setenv("OPENAI_API_KEY", peer.key.get_secret_value())


def _settings(data: Path, models: Path) -> Settings:
    return Settings(
        profile=Profile.WORKSTATION,
        data=data,
        models=models,
        device="cpu",
        width=96,
        height=128,
        steps=2,
        threads=1,
    )


def _write_uploads(uploads: Path) -> None:
    for path in PHOTOS.glob(f"{USER}.*"):
        (uploads / "users").mkdir(parents=True, exist_ok=True)
        shutil.copy(path, uploads / "users")
    (uploads / "items").mkdir()
    for number, (name, category) in enumerate(GARMENTS.items()):
        (uploads / "items" / f"{name}.png").write_bytes(encode_png(garment_photo(number)).data)
        (uploads / "items" / f"{name}.json").write_text(json.dumps({"categories": [category]}))


def garment_photo(number: int) -> Pixels:
    """Uint8 [320, 240, 3]: plain cloth in the box; another photo for each number."""
    photo = np.full((320, 240, 3), 250, np.uint8)
    photo[48:272, 24:216] = COLOUR
    photo[:8] = 200 + number
    return photo


def published(operator: Operator) -> dict[str, Record]:
    """Everything that has a verdict, as `<stage> <name>`."""
    records = operator.pipeline.records
    found = [record for owner in (None, USER) for record in records.of_user(owner)]
    return {f"{record.stage} {record.name}": record for record in found}


def stored(operator: Operator, name: str) -> bytes:
    return read_verified(operator.pipeline.blobs, published(operator)[name])


def test_every_stage_is_published_by_the_engine_of_the_profile(workstation: Operator) -> None:
    engines = {
        name: [*json.loads(record.recipe)["engines"]] for name, record in published(workstation).items()
    }
    assert engines == {
        **{f"crop {name}": ["gpt-4o", "grounding-dino"] for name in (TOP, TROUSERS)},
        **{f"mask {name}": ["human-parser"] for name in MASKS},
        **{f"tryon {name}": ["catvton"] for name in (TOP, TROUSERS, LOOK)},
        f"splat {LOOK}": ["sharp"],
    }
    assert {record.verdict for record in published(workstation).values()} == {Verdict.PUBLISHED}


def test_each_photo_is_shown_to_the_analyzer_once(workstation: Operator, peer: Peer) -> None:
    assert len(peer.asked) == len(GARMENTS)
    assert workstation.pregenerate().runs == []
    assert len(peer.asked) == len(GARMENTS)


def test_the_crop_is_the_photo_in_the_detectors_box(workstation: Operator) -> None:
    crop = decode_rgba(stored(workstation, f"crop {TOP}"))
    box = published(workstation)[f"crop {TOP}"].facts["box"]
    left, top, right, bottom = np.array(box)
    assert crop.shape[:2] == (bottom - top, right - left)
    np.testing.assert_array_equal(crop[..., :3], garment_photo(0)[top:bottom, left:right])


@pytest.mark.parametrize("look", [TOP, TROUSERS, LOOK])
def test_the_network_paints_clothes_and_leaves_the_person_alone(workstation: Operator, look: str) -> None:
    made = decode(stored(workstation, f"tryon {look}")).pixels.astype(int)
    photo = decode((PHOTOS / f"{USER}.jpg").read_bytes()).pixels
    person = cv2.resize(photo, made.shape[1::-1], interpolation=cv2.INTER_AREA).astype(int)
    face = cv2.resize(decode_mask(stored(workstation, "mask face")), made.shape[1::-1]) == 255
    painted = np.abs(made - COLOUR).max(axis=2) < 24
    assert np.abs(made - person)[face].mean() < 10
    assert 0.03 < painted.mean() < 0.6
    assert not (painted & face).any()


def test_a_look_says_that_it_was_edited_by_a_model(workstation: Operator) -> None:
    mark = read_mark(stored(workstation, f"tryon {LOOK}"))
    assert mark is not None
    assert mark.source is DigitalSource.EDITED


def test_the_splat_is_the_persons_alone_and_says_where_it_comes_from(
    workstation: Operator, tmp_path: Path
) -> None:
    facts = published(workstation)[f"splat {LOOK}"].facts
    # From a file: plyfile takes a hundred times as long for a stream.
    path = tmp_path / "look.ply"
    path.write_bytes(stored(workstation, f"splat {LOOK}"))
    count = PlyData.read(path)["vertex"].count
    assert (facts["generator"], facts["f_px_source"]) == ("sharp", "default")
    assert facts["gaussians"] == facts["in_person_mask"] == count
    assert facts["predicted"] == 2 * 768**2


def test_every_step_is_logged_with_time_user_and_component(workstation: Operator) -> None:
    events = [event for _, event in workstation.pipeline.log.read(limit=10_000)]
    ended = {
        (event.component, event.user_id, event.recipe)
        for event in events
        if event.event is EventKind.FINISHED and event.component.startswith("stage.")
    }
    assert ended == {
        (f"stage.{record.stage}", record.user, record.key) for record in published(workstation).values()
    }
    assert all(event.timestamp.endswith("Z") for event in events)


def test_without_weights_the_work_stops_and_says_what_to_pull(
    tmp_path: Path, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write_uploads(tmp_path / "uploads")
    _use(peer, monkeypatch)
    settings = _settings(tmp_path, models=tmp_path / "models")
    pipeline = build(settings, lambda event: None, patience=FAST)
    with dg.DagsterInstance.ephemeral() as instance, pytest.raises(ModelMissing, match="fashion models pull"):
        Operator(pipeline, instance).pregenerate()
    assert not [*pipeline.records.of_user(None)]
