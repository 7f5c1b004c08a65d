"""Try-ons of photos that are nobody's upload: whose code judges them, what the garment becomes, what is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from tests.services.sampled import PERSON, SHIRT, sample_stages
from tryon.core.direct import tryons
from tryon.core.direct.tryons import Wish
from tryon.core.encoding import Encoded
from tryon.core.errors import OutOfMemory
from tryon.core.images import UPLOADS, decode, decode_rgba
from tryon.core.masks import make_masks
from tryon.core.pipeline import Stages
from tryon.core.ports import Body, Dressed, Dresser, DressJob, Pixels
from tryon.core.stages.tryons import region_of
from tryon.core.words import Category, EngineCard, MaskKind, Order, Refused

COLOUR = (150, 60, 60)
"""Of a garment that was cut out."""


class Recording:
    """Answers with the person as it is, or as told, and keeps what it was asked."""

    def __init__(self, answer: Refused | Exception | None = None, generative: bool = False) -> None:
        self.card = EngineCard("recording", "1", "none", True, True, generative=generative)
        self._answer = answer
        self.jobs: list[DressJob] = []
        self.sampled_with: list[tuple[int, float]] = []
        self.released = self.loaded = 0

    def dress(self, batch: Sequence[DressJob]) -> list[Dressed | Refused]:
        self.jobs += batch
        if isinstance(self._answer, Exception):
            raise self._answer
        return [self._answer or Dressed(job.person.copy()) for job in batch]

    def sampled(self, steps: int, guidance: float) -> Dresser:
        self.sampled_with.append((steps, guidance))
        return self

    def release(self) -> None:
        self.released += 1

    def load(self) -> None:
        self.loaded += 1


@pytest.fixture(scope="module")
def stages() -> Stages:
    return sample_stages()


def dressed_by(stages: Stages, dresser: Dresser, width: int = 384, height: int = 512) -> Stages:
    """Small pictures, which are parsed fast."""
    return replace(stages, tryon=replace(stages.tryon, dresser=dresser, width=width, height=height))


def shirt() -> Pixels:
    return decode_rgba(SHIRT, UPLOADS)


def cut_out(color: tuple[int, int, int] = COLOUR, size: int = 400) -> Pixels:
    """A square in the middle of nothing."""
    cloth = np.zeros((size, size, 4), np.uint8)
    cloth[size // 4 : -size // 4, size // 4 : -size // 4] = (*color, 255)
    noise = np.random.default_rng(0).integers(-8, 8, (size, size, 3))
    cloth[..., :3] = np.clip(cloth[..., :3] + noise, 0, 255)
    return cloth


def wish(
    cloth: Pixels | None = None, kind: MaskKind = MaskKind.UPPER, person: Pixels | None = None, seed: int = 42
) -> Wish:
    worn = decode(PERSON).pixels if person is None else person
    return Wish(worn, shirt() if cloth is None else cloth, kind, 20, 3.5, seed)


def code(found: Encoded | Refused) -> str:
    assert isinstance(found, Refused)
    return found.code


# The job


@pytest.mark.parametrize(
    ("kind", "category"),
    [
        (MaskKind.UPPER, Category.TOPS),
        (MaskKind.LOWER, Category.BOTTOMS),
        (MaskKind.OVERALL, Category.DRESS),
    ],
)
def test_the_region_is_that_of_the_stage(stages: Stages, kind: MaskKind, category: Category) -> None:
    dresser = Recording()
    tryons.try_on(dressed_by(stages, dresser), wish(cut_out(), kind))
    (job,) = dresser.jobs
    assert (job.category, job.order, job.seed) == (category, Order.UNTUCKED, 42)
    assert job.person.shape == (512, 384, 3)
    (body,) = stages.mask.parser.parse([job.person])
    assert isinstance(body, Body)
    mask = make_masks(body)[kind]
    assert not isinstance(mask, Refused)
    assert (job.region == region_of(mask, body, kind, Order.UNTUCKED)).all()
    assert (job.region == 255).mean() > (mask == 255).mean()


def test_the_painters_order_is_the_settings(stages: Stages) -> None:
    regions = []
    for order in Order:
        dresser = Recording()
        small = dressed_by(stages, dresser)
        tryons.try_on(replace(small, tryon=replace(small.tryon, order=order)), wish(cut_out()))
        assert dresser.jobs[0].order is order
        regions.append(dresser.jobs[0].region)
    assert (regions[0] != regions[1]).any()


def test_steps_guidance_and_seed_reach_an_engine_that_denoises(stages: Stages) -> None:
    dresser = Recording()
    tryons.try_on(dressed_by(stages, dresser), wish(cut_out(), seed=2**63 - 1))
    assert dresser.sampled_with == [(20, 3.5)]
    assert dresser.jobs[0].seed == 2**63 - 1


def test_a_small_photo_keeps_its_size(stages: Stages) -> None:
    dresser = Recording()
    tryons.try_on(dressed_by(stages, dresser, 2048, 2048), wish(cut_out()))
    assert dresser.jobs[0].person.shape == decode(PERSON).pixels.shape


# The garment


def test_a_product_photo_is_cut_out_by_the_crop_stages_detector(stages: Stages) -> None:
    dresser = Recording()
    tryons.try_on(dressed_by(stages, dresser, 768, 1024), wish())
    garment = dresser.jobs[0].garment
    assert garment.shape[2] == 4
    assert 0.3 < (garment[..., 3] > 127).mean() < 0.95
    assert garment.shape[0] < shirt().shape[0]


def test_a_garment_with_alpha_is_trimmed_and_not_looked_for(stages: Stages) -> None:
    dresser = Recording()
    tryons.try_on(dressed_by(stages, dresser, 768, 1024), wish(cut_out()))
    garment = dresser.jobs[0].garment
    assert garment.shape == (216, 216, 4)
    assert (garment[..., 3] > 127).mean() == pytest.approx((200 / 216) ** 2, abs=0.01)


def test_rounded_corners_are_no_cut_out(stages: Stages) -> None:
    """A few transparent pixels do not say where the garment is."""
    dresser, cloth = Recording(), shirt()
    cloth[:9, :9, 3] = 0
    tryons.try_on(dressed_by(stages, dresser, 768, 1024), wish(cloth))
    assert (dresser.jobs[0].garment[..., 3] < 128).mean() > 0.05


@pytest.mark.parametrize(
    ("cloth", "refused", "said"),
    [
        (
            np.full((300, 300, 4), 255, np.uint8),
            "nothing_stands_out",
            "The cloth photo: No garment stands out",
        ),
        (np.zeros((300, 300, 4), np.uint8), "crop_transparent", "The cloth photo: The garment covers 0.0%"),
    ],
)
def test_a_photo_without_a_garment_is_refused_before_anybody_is_parsed(
    stages: Stages, cloth: Pixels, refused: str, said: str
) -> None:
    dresser = Recording()
    found = tryons.try_on(dressed_by(stages, dresser), wish(cloth))
    assert code(found) == refused
    assert isinstance(found, Refused)
    assert found.message.startswith(said)
    assert dresser.jobs == []


# Verdicts


def test_nobody_in_the_photo_is_refused(stages: Stages) -> None:
    grey = np.full((400, 300, 3), 128, np.uint8)
    found = tryons.try_on(dressed_by(stages, Recording()), wish(cut_out(), person=grey))
    assert isinstance(found, Refused)
    assert found.message.startswith("The person photo: ")


def test_a_picture_that_is_no_try_on_is_never_answered(stages: Stages) -> None:
    """The engine gave the person back unchanged."""
    found = tryons.try_on(dressed_by(stages, Recording()), wish(cut_out()))
    assert code(found) in ("tryon_unchanged", "tryon_wrong_garment")


def test_what_the_engine_refuses_stays_refused(stages: Stages) -> None:
    unsafe = Refused("unsafe", "The picture is not safe.")
    assert tryons.try_on(dressed_by(stages, Recording(unsafe)), wish(cut_out())) == unsafe


def test_memory_is_given_back_whatever_happened(stages: Stages) -> None:
    for dresser in (Recording(), Recording(Refused("unsafe", "It is not."))):
        tryons.try_on(dressed_by(stages, dresser), wish(cut_out()))
        assert dresser.released == 1
    full = Recording(OutOfMemory("full"))
    with pytest.raises(OutOfMemory):
        tryons.try_on(dressed_by(stages, full), wish(cut_out()))
    assert full.released == 1


def test_only_what_a_try_on_needs_is_loaded(stages: Stages) -> None:
    class Forbidden:
        card = stages.crop.analyzer.card

        def load(self) -> None:
            raise AssertionError("a try-on asks no analyzer")

        analyze = stages.crop.analyzer.analyze

    dresser = Recording()
    tryons.warm(replace(dressed_by(stages, dresser), crop=replace(stages.crop, analyzer=Forbidden())))
    assert dresser.loaded == 1
