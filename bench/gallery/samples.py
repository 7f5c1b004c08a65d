"""The sample catalogue through the sample engines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from PIL import Image

import studio
from bench.evaluate.chain import Cutout, Engines, Wearer
from bench.evaluate.renders import Truth
from studio.labels import KEYPOINTS
from studio.wardrobe import ITEMS, PEOPLE, looks
from tryon.core.ports import Pixels
from tryon.core.words import Category, Refused

CATALOGUE = Path(studio.__file__).parent / "catalogue"


@dataclass(frozen=True)
class Sample:
    """One sample user: the photo as uploaded, and what the masks stage makes of it."""

    name: str
    photo: Pixels
    wearer: Wearer | Refused


class Samples:
    """Users, cut-outs and looks, each made once. Raises FileNotFoundError where the catalogue has no such photo."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    @cached_property
    def users(self) -> list[Sample]:
        return [
            Sample(name, _rgb(_user(name)), self._engines.wearer(_user(name).read_bytes())) for name in PEOPLE
        ]

    @cached_property
    def cutouts(self) -> dict[str, Cutout | Refused]:
        """By the garment's id, `<item>.<category>`."""
        found: dict[str, Cutout | Refused] = {}
        for item, photo in ITEMS.items():
            declared = tuple(Category(category) for category in photo.categories)
            answers = self._engines.cutouts(item_bytes(item), declared)
            found |= {f"{item}.{category}": cut for category, cut in zip(declared, answers, strict=True)}
        return found

    def look(self, user: Sample, outfit: str) -> Pixels | Refused:
        """A finished look, or the first refusal on the way. outfit: an id of `studio.wardrobe.looks`."""
        if isinstance(user.wearer, Refused):
            return user.wearer
        worn = [self.cutouts[garment] for garment in outfit.split("+")]
        for cutout in worn:
            if isinstance(cutout, Refused):
                return cutout
        return self._engines.look(user.wearer, [cut for cut in worn if isinstance(cut, Cutout)])


def shown_looks(count: int) -> list[str]:
    """Of all looks some with every garment: dresses last, and of the pairs those whose garments came least before."""
    dresses = [outfit for outfit in looks() if "+" not in outfit]
    pairs, used, chosen = [outfit for outfit in looks() if "+" in outfit], dict[str, int](), list[str]()
    while pairs and len(chosen) < count - len(dresses):
        best = min(pairs, key=lambda outfit: sum(used.get(garment, 0) for garment in outfit.split("+")))
        pairs.remove(best)
        chosen.append(best)
        used |= {garment: used.get(garment, 0) + 1 for garment in best.split("+")}
    return chosen + dresses


def truths() -> Iterator[Truth]:
    """What is known of the users' photos: enough to spoil them."""
    folder = CATALOGUE / "truth" / "users"
    for name in PEOPLE:
        points = json.loads((folder / f"{name}.keypoints.json").read_text(encoding="utf-8"))
        labels = np.array(Image.open(folder / f"{name}.labels.png"))
        depth = np.array(Image.open(folder / f"{name}.depth.png")).astype(np.float32) / 1000.0
        known = np.array([points[joint] for joint in KEYPOINTS], np.float32)
        yield Truth(_rgb(_user(name)), labels, depth, (labels > 0).astype(np.uint8) * 255, known)


def item_bytes(item: str) -> bytes:
    return (CATALOGUE / "uploads" / "items" / f"{item}.jpg").read_bytes()


def item_rgb(item: str) -> Pixels:
    return _rgb(CATALOGUE / "uploads" / "items" / f"{item}.jpg")


def _user(name: str) -> Path:
    return CATALOGUE / "uploads" / "users" / f"{name}.jpg"


def _rgb(path: Path) -> Pixels:
    return np.array(Image.open(path).convert("RGB"), np.uint8)
