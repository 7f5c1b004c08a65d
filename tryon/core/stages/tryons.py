"""One user in one outfit -> a try-on image. Two-piece outfits are painted over their single-garment base."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from tryon.core.body import scale_body
from tryon.core.depot import Made
from tryon.core.encoding import encode_webp
from tryon.core.licences import licence_facts
from tryon.core.materials import InputRefused, Materials
from tryon.core.ports import Body, Dressed, Dresser, DressJob, Pixels, load_now
from tryon.core.provenance import DigitalSource, Mark
from tryon.core.quality import judge_tryon
from tryon.core.recipes import Input, Method, Stage, method_of
from tryon.core.regions import repaint_region
from tryon.core.sizing import fit_within, resize, resize_mask
from tryon.core.stages.stage import Task
from tryon.core.words import EngineCard, Garment, MaskKind, Order, Refused

T = TypeVar("T")
VERSION = 1


@dataclass(frozen=True)
class TryonStage:
    """width, height: the largest working size, in pixels; a smaller photo keeps its own. quality: WebP, 0..100.
    seed: of engines that use noise. threads: for judging and encoding a batch."""

    materials: Materials
    dresser: Dresser
    order: Order = Order.UNTUCKED
    width: int = 768
    height: int = 1024
    quality: int = 92
    seed: int = 42
    batch_size: int = 16
    threads: int = 2

    def method(self) -> Method:
        parameters: Mapping[str, object] = {
            "order": self.order.value,
            "width": self.width,
            "height": self.height,
            "quality": self.quality,
        }
        return method_of(Stage.TRYON, VERSION, self.dresser.card, parameters=parameters, seed=self.seed)

    def warm(self) -> None:
        load_now(self.dresser)

    def load(self, task: Task) -> DressJob:
        """Inputs of the recipe, in order: [base,] garment crop, mask of the front garment's region, body parse."""
        (product,) = task
        *base, crop, mask, parse = product.recipe.inputs
        assert product.user is not None and product.outfit is not None, "a try-on is a user in an outfit"
        front = self.order.layers(product.outfit)[-1]
        photo = self.materials.photo(product.user).pixels
        size = fit_within(photo.shape[1], photo.shape[0], self.width, self.height)
        return DressJob(
            person=self.materials.image(base[0])
            if base
            else self._working("person", parse, lambda: resize(photo, size)),
            region=self._working("region", mask, lambda: self._region(mask, parse, size, front)),
            garment=self.materials.garment(crop),
            category=front.category,
            body=self._working("body", parse, lambda: scale_body(self.materials.body(parse), size)),
            seed=self.seed,
            order=self.order,
        )

    def work(self, jobs: Sequence[DressJob]) -> list[tuple[Made | Refused, ...]]:
        answers = self.dresser.dress(jobs)
        with ThreadPoolExecutor(self.threads) as pool:
            return [(verdict,) for verdict in pool.map(self._verdict, jobs, answers)]

    def _working(self, what: str, made: Input, make: Callable[[], T]) -> T:
        return self.materials.derived(f"working {what}", made, make)

    def _region(self, mask: Input, parse: Input, size: tuple[int, int], front: Garment) -> Pixels:
        assert front.category.region is not None, "the matrix holds only garments that can be tried on"
        published = resize_mask(self.materials.mask(mask), size)
        body = scale_body(self.materials.body(parse), size)
        region = region_of(published, body, front.category.region, self.order)
        if isinstance(region, Refused):
            raise InputRefused(f"the area of {front.category}", region)
        return region

    def _verdict(self, job: DressJob, answer: Dressed | Refused) -> Made | Refused:
        seen = judged(job, answer)
        if isinstance(seen, Refused):
            return seen
        mark = mark_of(self.dresser.card)
        facts = {**licence_facts(self.dresser.card), "digital_source": mark.source.value}
        return Made(encode_webp(seen.image, self.quality, ai_generated=mark), facts)


def region_of(mask: Pixels, body: Body, kind: MaskKind, order: Order) -> Pixels | Refused:
    """uint8 [H, W]: what may change: the mask of that kind, grown to where a garment of another shape may reach.
    Both at the size of `body`'s labels."""
    reach = repaint_region(body, kind, order)
    if isinstance(reach, Refused):
        return reach
    region: Pixels = np.maximum(mask, reach)
    return region


def judged(job: DressJob, answer: Dressed | Refused) -> Dressed | Refused:
    """The answer, unless it is no picture of this person in this garment."""
    if isinstance(answer, Refused):
        return answer
    return judge_tryon(job.person, answer.image, job.region, job.garment) or answer


def mark_of(card: EngineCard) -> Mark:
    """The AI mark of what this dresser makes."""
    return Mark(DigitalSource.EDITED if card.generative else DigitalSource.COMPOSITE_SYNTHETIC)
