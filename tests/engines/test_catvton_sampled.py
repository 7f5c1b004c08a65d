"""CatVTON for callers with wishes: other steps and guidance over the same networks; and weights of one's own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from bench.local_models import LocalModels
from tests.core.test_direct_tryons import COLOUR, cut_out, dressed_by, wish
from tests.engines.catvton_tiny import write_tiny
from tests.engines.test_catvton_dresser import apart, images, job, make, photo
from tests.services.sampled import sample_stages
from tryon.core.direct import tryons
from tryon.core.encoding import Encoded
from tryon.core.errors import InvalidSetting, ModelMissing
from tryon.core.models import Models
from tryon.core.ports import device_of, release_now, sampled
from tryon.core.provenance import DigitalSource, read_mark
from tryon.engines.catvton import CatVton, Sampling
from tryon.engines.catvton.models import ATTENTION, BASE, VAE
from tryon.engines.catvton.own import OwnWeights
from tryon.engines.warp import WarpDresser


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> LocalModels:
    return LocalModels(write_tiny(tmp_path_factory.mktemp("models")))


@pytest.fixture
def engine(models: LocalModels) -> CatVton:
    return make(models, Sampling(steps=3, guidance=4.0, scheduler="unipc"))


@pytest.fixture
def passes(engine: CatVton) -> Iterator[list[int]]:
    """How many pictures each pass of the UNet has."""
    found: list[int] = []
    engine.load()
    unet = engine._load().networks.unet
    forward = unet.forward

    def counted(sample: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
        found.append(len(sample))
        return forward(sample, *args, **kwargs)

    unet.forward = counted
    yield found
    unet.forward = forward


def test_steps_and_guidance_are_those_that_were_asked_for(engine: CatVton, passes: list[int]) -> None:
    asked = job(photo(96, 128))
    images(sampled(engine, 5, 7.5).dress([asked]))
    with_guidance = list(passes)
    passes.clear()
    images(sampled(engine, 2, 1.0).dress([asked]))
    assert len(with_guidance) == 5
    assert len(passes) == 2
    assert with_guidance[0] == 2 * passes[0]


def test_the_engine_itself_stays_as_it_was(engine: CatVton, passes: list[int]) -> None:
    asked = job(photo(96, 128))
    before = images(engine.dress([asked]))[0]
    other = sampled(engine, 5, 12.0)
    assert apart(before, images(other.dress([asked]))[0]) > 0
    passes.clear()
    assert apart(before, images(engine.dress([asked]))[0]) == 0
    assert len(passes) == 3


def test_it_is_another_recipe_over_the_same_networks(engine: CatVton) -> None:
    other = sampled(engine, 5, 12.0)
    assert isinstance(other, CatVton)
    assert other._load() is engine._load()
    assert (other.card.parameters["steps"], other.card.parameters["guidance"]) == (5, 12.0)
    assert (engine.card.parameters["steps"], engine.card.parameters["guidance"]) == (3, 4.0)
    assert other.card.parameters["scheduler"] == "unipc"
    assert other.card.typical_seconds > engine.card.typical_seconds


def test_the_same_seed_gives_the_same_picture_and_another_one_another(engine: CatVton) -> None:
    right = job(photo(96, 128), seed=7)
    other = job(photo(96, 128), seed=8)
    one, again, apart_from = (
        images(sampled(engine, 2, 4.0).dress([asked]))[0] for asked in (right, right, other)
    )
    assert apart(one, again) == 0
    assert apart(one, apart_from) > 0


def test_a_dresser_without_steps_is_taken_as_it_is() -> None:
    warp = WarpDresser()
    assert sampled(warp, 5, 2.0) is warp


def test_impossible_steps_are_named(engine: CatVton) -> None:
    with pytest.raises(InvalidSetting, match="0 steps"):
        sampled(engine, 0, 2.0)


def test_it_says_where_it_runs_and_gives_memory_back(
    engine: CatVton, monkeypatch: pytest.MonkeyPatch
) -> None:
    emptied: list[int] = []
    assert device_of(engine) == "cpu"
    engine.load()
    assert device_of(engine, WarpDresser()) == "cpu"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: emptied.append(1))
    release_now(engine, WarpDresser())
    assert emptied == [1]


def test_a_service_answers_with_its_picture_under_the_mark_of_edited_photos(
    tmp_path: Path,
) -> None:
    painter = CatVton(LocalModels(write_tiny(tmp_path, paint=COLOUR)), device="cpu", width=96, height=128)
    asked = replace(wish(cut_out()), steps=2)
    stages = dressed_by(sample_stages(), painter)
    first, again, other = (tryons.try_on(stages, replace(asked, seed=seed)) for seed in (42, 42, 43))
    assert isinstance(first, Encoded), first
    assert isinstance(again, Encoded)
    assert isinstance(other, Encoded)
    assert (first.data == again.data, first.data == other.data) == (True, False)
    mark = read_mark(first.data)
    assert mark is not None
    assert mark.source is DigitalSource.EDITED


# Weights of one's own


class Nowhere(Models):
    """A cache in which nothing is."""

    def revision(self, model: Any) -> str:
        return str(model.revision)

    def folder(self, model: Any) -> Path:
        raise ModelMissing(f"{model.id} is not there")


class OnlyVae(Nowhere):
    def __init__(self, root: Path) -> None:
        self._root = root

    def folder(self, model: Any) -> Path:
        return self._root / model.id if model.id == VAE.id else super().folder(model)


def test_folders_in_the_published_layout_are_loaded_instead(models: LocalModels, tmp_path: Path) -> None:
    base, attention = tmp_path / "my-base", tmp_path / "my-catvton"
    shutil.copytree(models.root / BASE.id, base)
    shutil.copytree(models.root / ATTENTION["mix"].id, attention)
    own = make(OnlyVae(models.root), own=OwnWeights(base, attention))  # type: ignore[arg-type]
    asked = job(photo(96, 128))
    assert apart(images(own.dress([asked]))[0], images(make(models).dress([asked]))[0]) == 0


def test_they_are_part_of_the_recipe_and_published_ones_are_named_as_before(
    models: LocalModels, tmp_path: Path
) -> None:
    attention = tmp_path / "mine"
    shutil.copytree(models.root / ATTENTION["mix"].id, attention)
    file = next(attention.rglob("model.safetensors"))
    first = make(models, own=OwnWeights(attention=attention)).card
    file.write_bytes(file.read_bytes()[:-4] + b"\0\0\0\0")
    second = make(models, own=OwnWeights(attention=attention)).card
    digests = [card.parameters["own_weights"] for card in (first, second)]
    assert digests[0] != digests[1]
    assert "own_weights" not in make(models).card.parameters


@pytest.mark.parametrize(
    ("own", "said"),
    [
        (OwnWeights(base=Path("/nowhere")), "unet/config.json: name a folder laid out as booksforcharlie/"),
        (OwnWeights(attention=Path("/nowhere")), "mix-48k-1024/attention/model.safetensors: name a folder"),
    ],
)
def test_a_folder_of_another_layout_is_named(models: LocalModels, own: OwnWeights, said: str) -> None:
    with pytest.raises(InvalidSetting, match=said):
        make(models, own=own)
