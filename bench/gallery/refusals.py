"""Photos that the sample engines refuse, with what they say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bench.evaluate import spoiled
from bench.evaluate.chain import Engines, upload
from bench.evaluate.renders import load
from bench.evaluate.scenes import PLAIN, SITTING, Backdrop, Scene
from bench.gallery.samples import item_rgb, truths
from studio.backdrop import PERSON_BACKDROP
from studio.body import make_body
from studio.camera import full_length
from studio.pose import CROSSED, Pose
from studio.subject import Subject
from studio.wardrobe import PEOPLE
from tryon.core.ports import Pixels
from tryon.core.words import Category, Refused

POSES = {
    "seated": ("u4", Pose(seated=True)),
    "from behind": ("u2", Pose(turn=180.0)),
    "from the side": ("u1", Pose(turn=90.0)),
    "arms crossed": ("u1", Pose(*CROSSED)),
}
"""Who hides what would be dressed, and how."""


@dataclass(frozen=True)
class Shown:
    """what: a few words on the photo. verdict: None where it was not refused, which the page says."""

    what: str
    picture: Pixels
    verdict: Refused | None


def refusals(engines: Engines) -> Iterator[Shown]:
    """People first, then items."""
    for what, picture in _people():
        answer = engines.wearer(upload(picture))
        yield Shown(what, picture, answer if isinstance(answer, Refused) else None)
    for what, picture, category in _items():
        cut = engines.cutout(upload(picture), category)
        yield Shown(what, picture, cut if isinstance(cut, Refused) else None)


def _people() -> Iterator[tuple[str, Pixels]]:
    one, two, three, four = truths()
    yield "cropped", spoiled.above_the_knees([one], 1)
    yield "without a head", spoiled.without_head([two], 1)
    yield "upside down", spoiled.turned([three], 1)
    for what, (user, pose) in POSES.items():
        yield what, _posed(user, pose)
    yield "two people", spoiled.beside([four, one], 0)
    yield "busy room", _in_a_busy_room(one.rgb, one.alpha)
    yield "too small", spoiled.small([three], 0)
    yield "blurred", spoiled.blurred([two], 0)
    yield "no person", item_rgb("dress-floral")


def _items() -> Iterator[tuple[str, Pixels, Category]]:
    one, *_ = truths()
    tee = item_rgb("tee-sun")
    yield "cut off", np.ascontiguousarray(tee[:, : round(0.7 * tee.shape[1])]), Category.TOPS
    yield "a person as a top", one.rgb, Category.TOPS
    yield "trousers declared as a top", item_rgb("jeans-blue"), Category.TOPS


def _posed(user: str, pose: Pose) -> Pixels:
    """A sample user before the catalogue's backdrop, otherwise than on the upload."""
    person = PEOPLE[user]
    subject = Subject(make_body(person.shape, pose), person.looks, person.upper, person.lower)
    return load(Scene(subject, full_length(SITTING), Backdrop(PERSON_BACKDROP), antialias=2)).rgb


def _in_a_busy_room(rgb: Pixels, alpha: Pixels) -> Pixels:
    """The person before shelves of coloured boxes."""
    size = rgb.shape[1], rgb.shape[0]
    room = Backdrop(PLAIN[0], clutter=3).paint(size) ** (1 / 2.2) * 255.0
    return np.where(alpha[..., None] > 127, rgb, room.astype(np.uint8))
