"""Models: one engine a file in tryon/engines/."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from tryon.core.camera import Source
from tryon.core.splats import Gaussians
from tryon.core.uploads import UploadRef
from tryon.core.words import Category, EngineCard, Order, Refused

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class SeenGarment:
    """One garment an analyzer saw in a product photo. `phrase` is what a detector is asked to find."""

    category: Category
    phrase: str


@dataclass(frozen=True, slots=True)
class Analysis:
    """garments: at most one a category, the one to crop. others: phrases of everything else in the photo, which a
    detector must not take for one of them."""

    garments: tuple[SeenGarment, ...]
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProductPhoto:
    """image: [H, W, 3]. declared: the categories that the item's sidecar asks for, in its order.
    upload: whose photo it is, so that what is kept about it can be erased with it; None for a photo from elsewhere."""

    image: Pixels
    declared: tuple[Category, ...]
    upload: UploadRef | None = None


class Analyzer(Protocol):
    """Says which garments a product photo shows."""

    card: EngineCard

    def analyze(self, batch: Sequence[ProductPhoto]) -> list[Analysis | Refused]: ...


@dataclass(frozen=True, slots=True)
class Detected:
    """box: (left, top, right, bottom) pixels inside the image, right and bottom exclusive.
    alpha: [H, W] uint8 coverage 0..255 over the whole photo, when the engine can cut the garment out."""

    box: tuple[int, int, int, int]
    alpha: Pixels | None
    score: float


@dataclass(frozen=True, slots=True)
class DetectJob:
    """image: [H, W, 3]. seen: the garments to find. others: as in `Analysis`."""

    image: Pixels
    seen: tuple[SeenGarment, ...]
    others: tuple[str, ...] = ()


class Detector(Protocol):
    """Finds each seen garment: one answer per entry of `seen`, in order."""

    card: EngineCard

    def detect(self, batch: Sequence[DetectJob]) -> list[tuple[Detected | Refused, ...]]: ...


@dataclass(frozen=True, slots=True)
class Body:
    """One chosen person, at the photo's size.

    labels: uint8 [H, W], ATR-18 (0 background, 1 hat, 2 hair, 3 sunglasses, 4 upper clothes, 5 skirt, 6 pants,
        7 dress, 8 belt, 9/10 left/right shoe, 11 face and neck, 12/13 left/right leg, 14/15 left/right arm,
        16 bag, 17 scarf); left and right are the person's.
    keypoints: float32 [19, 3] (x, y in pixels, score 0..1), OpenPose-18 order plus 18 = chin; score 0 = not seen.
    lip: uint8 [H, W], LIP-20 labels of a second parser, where there is one (tryon.core.anatomy.Lip); it finds coats,
        jumpsuits, gloves, socks and the neck more exactly.
    """

    labels: Pixels
    keypoints: NDArray[np.float32]
    lip: Pixels | None = None


class BodyParser(Protocol):
    card: EngineCard

    def parse(self, batch: Sequence[Pixels]) -> list[Body | Refused]: ...


@dataclass(frozen=True, slots=True)
class DressJob:
    """Put one garment on one person.

    person: [H, W, 3], the photo or the base that already wears the other garment.
    region: mask [H, W]; only pixels at 255 may change.
    garment: uint8 [h, w, 4] RGBA crop (straight alpha; 255 everywhere when the detector gave no cut-out).
    body: the parse of the ORIGINAL photo, scaled to `person`'s size.
    order: whether a bottom goes behind the top that is worn (untucked) or in front of it (tucked).
    """

    person: Pixels
    region: Pixels
    garment: Pixels
    category: Category
    body: Body
    seed: int
    order: Order = Order.UNTUCKED


@dataclass(frozen=True, slots=True)
class Dressed:
    """image: same shape as `DressJob.person`, equal to it wherever `region` is 0."""

    image: Pixels


class Dresser(Protocol):
    card: EngineCard

    def dress(self, batch: Sequence[DressJob]) -> list[Dressed | Refused]: ...


@runtime_checkable
class Samples(Protocol):
    """A dresser that denoises in steps."""

    def sampled(self, steps: int, guidance: float) -> Dresser:
        """The same networks, loaded once, with another number of steps and another guidance scale; its pictures are of
        another recipe. Raises as `dress` does, and InvalidSetting for values that cannot work."""
        ...


def sampled(dresser: Dresser, steps: int, guidance: float) -> Dresser:
    """The dresser itself where it takes no steps, as the warp does."""
    return dresser.sampled(steps, guidance) if isinstance(dresser, Samples) else dresser


@dataclass(frozen=True, slots=True)
class SplatJob:
    """image: [H, W, 3] of a finished look. f_px: focal length in pixels of that image; f_px_source: who decided it,
    which an engine repeats in the facts of its splat, since depth is proportional to f_px."""

    image: Pixels
    f_px: float
    f_px_source: Source = "given"


class Splatter(Protocol):
    card: EngineCard

    def splat(self, batch: Sequence[SplatJob]) -> list[Gaussians | Refused]: ...


@runtime_checkable
class Scenic(Protocol):
    """A splatter that can keep more than the person."""

    def scene(self) -> Splatter:
        """The same network, loaded once, for pictures of anything: nothing is dropped."""
        ...


def scenic(splatter: Splatter) -> Splatter:
    """The splatter itself where it knows people only, as the relief does."""
    return splatter.scene() if isinstance(splatter, Scenic) else splatter
