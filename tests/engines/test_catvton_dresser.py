"""CatVTON as a Dresser: sizes, regions, batches, sharing, refusals, memory."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch

from bench.local_models import LocalModels
from tests.engines.catvton_tiny import write_checker, write_tiny
from tryon.core.errors import DeviceMissing, InvalidSetting, ModelMissing, OutOfMemory
from tryon.core.ports import Body, Dressed, Dresser, DressJob, Pixels
from tryon.core.quality import judge_tryon
from tryon.core.words import Category, Refused
from tryon.engines.catvton import MODELS, CatVton, Sampling
from tryon.engines.catvton.models import ATTENTION

CANVAS = {"width": 64, "height": 88}
FAST = Sampling(steps=2, guidance=12.0)
"""Random networks hardly look at the garment; so much guidance makes them."""
BODY = Body(np.zeros((1, 1), np.uint8), np.zeros((19, 3), np.float32))


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> LocalModels:
    return LocalModels(write_tiny(tmp_path_factory.mktemp("models")))


@pytest.fixture(scope="module")
def catvton(models: LocalModels) -> CatVton:
    return make(models)


def make(models: LocalModels, sampling: Sampling = FAST, **options: Any) -> CatVton:
    return CatVton(models, sampling=sampling, device="cpu", **{**CANVAS, **options})


def photo(width: int, height: int, seed: int = 0) -> Pixels:
    rough = np.random.default_rng(seed).integers(0, 255, (6, 5, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(rough, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def region_of(person: Pixels) -> Pixels:
    height, width = person.shape[:2]
    region = np.zeros((height, width), np.uint8)
    cv2.ellipse(region, (width // 2, height // 2), (width // 4, height // 4), 0, 0, 360, 255, -1)
    return region


def garment(seed: int = 9) -> Pixels:
    alpha = np.zeros((50, 40, 1), np.uint8)
    alpha[5:45, 5:35] = 255
    return np.concatenate([photo(40, 50, seed), alpha], axis=2)


def job(person: Pixels, cloth: Pixels | None = None, seed: int = 42) -> DressJob:
    cloth = garment() if cloth is None else cloth
    return DressJob(person, region_of(person), cloth, Category.TOPS, BODY, seed)


def images(answers: Sequence[Dressed | Refused]) -> list[Pixels]:
    found = [answer.image for answer in answers if isinstance(answer, Dressed)]
    assert len(found) == len(answers), answers
    return found


def apart(one: Pixels, other: Pixels) -> int:
    return int(np.abs(one.astype(int) - other).max())


# One picture


@pytest.mark.parametrize("size", [(96, 128), (70, 128), (96, 90), (300, 400), (61, 97), (200, 100)])
def test_only_the_region_changes_at_the_persons_own_size(size: tuple[int, int], catvton: Dresser) -> None:
    asked = job(photo(*size))
    [image] = images(catvton.dress([asked]))
    assert image.shape == asked.person.shape
    assert image.dtype == np.uint8
    assert np.array_equal(image[asked.region == 0], asked.person[asked.region == 0])
    changed = (image != asked.person).any(-1)
    assert changed[asked.region == 255].mean() > 0.9


def test_garment_person_region_and_seed_all_matter(catvton: CatVton) -> None:
    right = job(photo(96, 128))
    smaller = right.region.copy()
    smaller[:64] = 0
    others = [
        job(right.person, garment(3)),
        job(photo(96, 128, 4)),
        job(right.person, seed=43),
        replace(right, region=smaller),
    ]
    first, *rest = images([answer for asked in (right, *others) for answer in catvton.dress([asked])])
    core = slice(75, 90), slice(35, 60)
    assert all(apart(first[core], image[core]) > 3 for image in rest)
    assert apart(first, images(catvton.dress([right]))[0]) == 0


def test_hidden_colours_of_a_transparent_garment_do_not_matter(catvton: CatVton) -> None:
    seen = garment()
    hidden = seen.copy()
    hidden[hidden[..., 3] == 0, :3] = 77
    person = photo(96, 128)
    assert apart(*images([*catvton.dress([job(person, seen)]), *catvton.dress([job(person, hidden)])])) == 0


def test_without_repaint_the_whole_picture_is_the_networks(models: LocalModels) -> None:
    asked = job(photo(96, 128))
    [image] = images(make(models, repaint=False).dress([asked]))
    assert (image != asked.person).any(-1)[asked.region == 0].mean() > 0.5
    verdict = judge_tryon(asked.person, image, asked.region, asked.garment)
    assert isinstance(verdict, Refused)
    assert verdict.code == "tryon_outside_changed"


@pytest.mark.parametrize("category", [Category.TOPS, Category.BOTTOMS, Category.DRESS])
def test_a_painted_checkpoint_passes_the_publish_gate(category: Category, tmp_path: Path) -> None:
    colour = (180, 60, 70)
    cloth = np.full((80, 60, 4), (*colour, 255), np.uint8)
    cloth[:6] = cloth[-6:] = cloth[:, :6] = cloth[:, -6:] = (255, 255, 255, 255)
    models = LocalModels(write_tiny(tmp_path, paint=colour))
    asked = replace(job(photo(150, 200), cloth), category=category)
    [image] = images(make(models).dress([asked]))
    assert judge_tryon(asked.person, image, asked.region, cloth) is None
    blue = np.full_like(cloth, (40, 60, 190, 255))
    assert isinstance(judge_tryon(asked.person, image, asked.region, blue), Refused)


# Batches


def test_a_picture_does_not_depend_on_its_batch(models: LocalModels, catvton: CatVton) -> None:
    person, narrow = photo(96, 128), photo(60, 128, 2)
    jobs = [job(person), job(narrow, garment(1), 7), job(person, garment(2)), job(photo(300, 200, 3), seed=7)]
    together = images(make(models, batch_size=4).dress(jobs))
    alone = [images(catvton.dress([asked]))[0] for asked in jobs]
    backwards = images(make(models, batch_size=3).dress(jobs[::-1]))[::-1]
    for one, two, three in zip(together, alone, backwards, strict=True):
        assert apart(one, two) <= 1
        assert apart(one, three) <= 1


def test_what_jobs_share_is_encoded_once(models: LocalModels, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = make(models, Sampling(1, guidance=1.0), batch_size=2)
    encoded: list[int] = []
    engine.dress([job(photo(96, 128))])
    vae = engine._load().networks.vae
    encode = vae.encode

    def counted(batch: torch.Tensor) -> Any:
        encoded.append(len(batch))
        return encode(batch)

    monkeypatch.setattr(vae, "encode", counted)
    persons, cloths = [photo(96, 128, n) for n in range(2)], [garment(n) for n in range(3)]
    regions = [region_of(person) for person in persons]
    jobs = [
        replace(job(person, cloth), region=region)
        for person, region in zip(persons, regions, strict=True)
        for cloth in cloths
    ]
    answers = images(engine.dress(jobs))
    assert len(answers) == 6
    assert sum(encoded) == 5
    copies = [replace(asked, person=asked.person.copy(), garment=asked.garment.copy()) for asked in jobs]
    encoded.clear()
    assert all(apart(*pair) <= 1 for pair in zip(answers, images(engine.dress(copies)), strict=True))
    assert sum(encoded) == 12


def test_bad_jobs_are_refused_and_their_neighbours_dressed(catvton: CatVton) -> None:
    good = job(photo(96, 128))
    bag = replace(good, category=Category.BAGS)
    nowhere = replace(good, region=np.zeros_like(good.region))
    answers = catvton.dress([bag, good, nowhere])
    assert [answer.code if isinstance(answer, Refused) else "" for answer in answers] == [
        "category_not_dressable",
        "",
        "region_empty",
    ]
    assert catvton.dress([]) == []


def test_numbers_that_overflow_refuse_one_picture_only(
    models: LocalModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tryon.engines.catvton.latents as latents

    engine, decode = make(models), latents.decode

    def overflowing(*args: Any) -> torch.Tensor:
        decoded = decode(*args)
        decoded[1, 0, 5, 5] = float("inf")
        return decoded

    monkeypatch.setattr(latents, "decode", overflowing)
    answers = engine.dress([job(photo(96, 128)), job(photo(96, 128, 2))])
    assert isinstance(answers[0], Dressed)
    assert isinstance(answers[1], Refused)
    assert answers[1].code == "tryon_overflow"
    assert "bf16 holds larger ones" in answers[1].message


def test_a_full_memory_makes_batches_smaller_and_then_an_error(
    models: LocalModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = make(models, Sampling(1, guidance=1.0), batch_size=4)
    jobs = [job(photo(96, 128), garment(n)) for n in range(4)]
    right = images(engine.dress(jobs))
    unet, most = engine._load().networks.unet, [2]
    forward = unet.forward

    def small(sample: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
        if len(sample) > most[0]:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return forward(sample, *args, **kwargs)

    monkeypatch.setattr(unet, "forward", small)
    assert all(apart(*pair) <= 1 for pair in zip(right, images(engine.dress(jobs)), strict=True))
    assert engine._load().portions.size == 2
    most[0] = 0
    with pytest.raises(OutOfMemory, match=r"one picture of 64x88 in precision 'no' does not fit"):
        engine.dress(jobs)


def test_callers_at_the_same_time_wait_for_each_other(
    models: LocalModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, jobs, inside = make(models), [job(photo(96, 128))], threading.Semaphore()

    def dress(asked: list[DressJob]) -> list[Dressed]:
        assert inside.acquire(blocking=False), "two calls at once"
        time.sleep(0.02)
        inside.release()
        return [Dressed(each.person) for each in asked]

    monkeypatch.setattr(engine, "_dress", dress)
    with ThreadPoolExecutor(4) as pool:
        assert [len(answers) for answers in pool.map(engine.dress, [jobs] * 4)] == [1] * 4


def test_networks_that_do_not_fit_are_named(models: LocalModels, monkeypatch: pytest.MonkeyPatch) -> None:
    import tryon.engines.catvton.networks as networks

    def full(*args: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(networks, "load_networks", full)
    with pytest.raises(OutOfMemory, match="CatVTON's networks in precision 'no' did not fit into memory"):
        make(models).dress([job(photo(96, 128))])


# Options


@pytest.mark.parametrize("precision", ["fp16", "bf16"])
def test_16_bits_give_nearly_the_picture_of_32(precision: Any, models: LocalModels) -> None:
    asked, short = job(photo(64, 64)), Sampling(1, 1.0)
    [full], [half] = (
        images(make(models, short, precision=p, height=64).dress([asked])) for p in ("no", precision)
    )
    inside = asked.region == 255
    assert 0 < np.abs(half.astype(int) - full)[inside].mean() < 8


def test_memory_layout_changes_rounding_only(models: LocalModels, catvton: CatVton) -> None:
    asked = job(photo(96, 128))
    [last], [first] = images(make(models, channels_last=True).dress([asked])), images(catvton.dress([asked]))
    assert apart(last, first) <= 1


@pytest.mark.parametrize("scheduler", ["unipc", "dpm++"])
def test_schedulers_of_few_steps(scheduler: Any, models: LocalModels, catvton: CatVton) -> None:
    jobs = [job(photo(96, 128)), job(photo(96, 128, 2))]
    engine = make(models, Sampling(3, scheduler=scheduler))
    together = images(engine.dress(jobs))
    assert apart(together[1], images(engine.dress(jobs[1:]))[0]) <= 1
    assert apart(together[0], images(catvton.dress(jobs[:1]))[0]) > 1


@pytest.mark.parametrize("unsafe", [True, False])
def test_what_the_safety_checker_flags_is_refused_not_replaced(
    unsafe: bool, tmp_path: Path, catvton: CatVton
) -> None:
    models = LocalModels(write_checker(write_tiny(tmp_path), unsafe))
    asked = job(photo(96, 128))
    [answer] = make(models, safety=True).dress([asked])
    if unsafe:
        assert isinstance(answer, Refused)
        assert answer.code == "unsafe"
    else:
        assert isinstance(answer, Dressed)
        assert apart(answer.image, images(catvton.dress([asked]))[0]) == 0


def test_the_other_attention_weights_are_options(tmp_path: Path) -> None:
    models = LocalModels(write_tiny(tmp_path, variant="vitonhd"))
    assert len(make(models, variant="vitonhd").dress([job(photo(96, 128))])) == 1
    with pytest.raises(ModelMissing, match="catvton"):
        make(models).dress([job(photo(96, 128))])


def test_settings_that_cannot_work_are_named(models: LocalModels) -> None:
    for name, value in (("width", 100), ("height", 56), ("batch_size", 0)):
        with pytest.raises(InvalidSetting, match=str(value)):
            make(models, **{name: value})  # type: ignore[arg-type]
    for steps, scheduler in ((0, "ddim"), (5, "euler")):
        with pytest.raises(InvalidSetting):
            Sampling(steps, scheduler=scheduler)  # type: ignore[arg-type]


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_missing_gpu_is_said_at_the_first_job(models: LocalModels) -> None:
    engine = CatVton(models, device="cuda")
    with pytest.raises(DeviceMissing):
        engine.dress([job(photo(96, 128))])


# What it declares


def test_the_card_says_what_decides_the_picture_and_what_it_may_be_used_for(models: LocalModels) -> None:
    card = make(models).card
    assert (card.id, card.licence, card.commercial_use) == ("catvton", "CC-BY-NC-SA-4.0", False)
    assert card.generative
    assert card.url == "https://huggingface.co/zhengchong/CatVTON"
    assert ATTENTION["mix"].revision[:7] in card.revision
    assert "warp" in ATTENTION["mix"].alternatives
    assert {"steps", "guidance", "scheduler", "eta", "precision", "width", "height", "repaint"} <= set(
        card.parameters
    )
    others = [
        make(models, Sampling(3)), make(models, Sampling(2, 2.0)), make(models, precision="bf16"),
        make(models, Sampling(2, scheduler="unipc")), make(models, width=72), make(models, repaint=False),
        make(models, safety=True), make(models, variant="vitonhd"), make(models, Sampling(2, eta=0.0)),
    ]  # fmt: skip
    made = [card, *(other.card for other in others)]
    assert len({(c.revision, *sorted((k, str(v)) for k, v in c.parameters.items())) for c in made}) == len(
        made
    )
    same = [make(models, batch_size=9), make(models, channels_last=True), make(models, compile=True)]
    assert [other.card for other in same] == [card] * 3


def test_it_is_made_without_torch() -> None:
    """Wiring builds every engine; only a job needs the packages."""
    code = (
        "import sys; from tryon.engines.catvton import CatVton;"
        "CatVton(None); assert not {'torch', 'diffusers', 'transformers'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_all_its_models_are_listed() -> None:
    assert {model.id for model in MODELS} >= {model.id for model in ATTENTION.values()}
