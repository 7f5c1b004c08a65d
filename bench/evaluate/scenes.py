"""What one render shows, as a value that names it, and the pictures an evaluation takes of its cast."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from bench.evaluate.cast import Outfit, Person, Piece
from studio.backdrop import busy_backdrop, cyclorama
from studio.body import Array, make_body
from studio.camera import Camera, frame
from studio.garments import Colour
from studio.pose import ON_HIP, Pose
from studio.shoot import views
from studio.subject import Subject, linear
from studio.wardrobe import Item

PHOTO, SITTING, SMALL = (768, 1024), (480, 640), (360, 480)
"""Width and height of photos that are dressed and of product photos, of photos that are only parsed, and of what is
hopeless at any size."""

PLAIN: tuple[tuple[Colour, Colour], ...] = (
    ((176, 186, 196), (132, 148, 162)), ((206, 200, 190), (168, 160, 148)), ((226, 226, 224), (196, 196, 194)),
    ((150, 168, 150), (112, 130, 114)), ((196, 178, 160), (156, 136, 118)), ((118, 122, 132), (84, 88, 98)),
    ((188, 176, 196), (150, 138, 160)),
)  # fmt: skip
"""Studio papers and even walls: the middle and the corners."""

PRODUCT: tuple[tuple[Colour, Colour], ...] = (
    ((240, 240, 241), (233, 233, 235)), ((228, 229, 231), (218, 219, 222)), ((222, 218, 212), (212, 208, 202)),
)  # fmt: skip
"""What shops photograph on: light greys; a white garment stands out from the darker two."""


@dataclass(frozen=True)
class Backdrop:
    """colours: the middle's and the corners'. floor: of a floor that begins at 0.88 of the height, or none.
    clutter: seed of a busy place that takes their place, or none."""

    colours: tuple[Colour, Colour]
    floor: Colour | None = None
    clutter: int | None = None

    def paint(self, size: tuple[int, int]) -> Array:
        """[h, w, 3] linear RGB."""
        picture = cyclorama(size, self.colours)
        if self.floor is not None:
            picture[round(0.88 * size[1]) :] = linear(self.floor)
        return picture if self.clutter is None else busy_backdrop(np.random.default_rng(self.clutter), size)


@dataclass(frozen=True)
class Scene:
    """Everything that decides one render."""

    subject: Subject
    camera: Camera
    backdrop: Backdrop
    antialias: int = 4

    def words(self) -> str:
        """Equal scenes, and only they, have equal words."""
        worn = {part.name: getattr(self.subject, part.name) for part in fields(self.subject)}
        body = worn.pop("body")
        return repr((body.shape, body.pose, worn, self.camera, self.backdrop, self.antialias))


def photo_of(person: Person, outfit: Outfit, seed: int, size: tuple[int, int] = PHOTO) -> Scene:
    """Full length in a plain place, arms hanging; the seed alone decides place and framing."""
    rng = np.random.default_rng(seed)
    subject = Subject(make_body(person.shape), person.looks, outfit.upper, outfit.lower)
    return Scene(subject, full_frame(rng, size, person.shape.height), plain_place(rng), antialias=3)


def sitting_of(person: Person, outfit: Outfit, seed: int, pose: Pose | None = None) -> Scene:
    """A smaller photo in a pose, or at ease: every third with a hand on the hip, the other arms hang."""
    rng = np.random.default_rng([seed, 1])
    arm, elbow, stance = (float(value) for value in rng.uniform((10.0, 0.0, 0.5), (28.0, 12.0, 2.2)))
    shape = replace(person.shape, arm=arm, elbow=elbow, stance=stance)
    body = make_body(shape, pose or at_ease(rng, hands_on_hips=seed % 3 == 0))
    subject = Subject(body, person.looks, outfit.upper, outfit.lower)
    return Scene(subject, full_frame(rng, SITTING, shape.height), plain_place(rng), antialias=2)


def packshot_of(piece: Piece, seed: int) -> Scene:
    """A product photo, framed a little looser or tighter and off the middle than the catalogue's."""
    rng = np.random.default_rng([seed, 2])
    ((subject, camera),) = views(Item({piece.category.value: piece.cut})).values()
    shift = rng.uniform(-0.02, 0.02, 2) * PHOTO
    camera = replace(
        camera,
        focal=camera.focal * float(rng.uniform(0.86, 0.98)),
        centre_x=camera.centre_x + float(shift[0]),
        centre_y=camera.centre_y + float(shift[1]),
    )
    darker = 1 + int(rng.integers(len(PRODUCT) - 1))
    pale = min(piece.cut.palette[0]) > 200
    return Scene(subject, camera, Backdrop(PRODUCT[darker if pale else int(rng.integers(len(PRODUCT)))]))


def smaller(scene: Scene) -> Scene:
    """The same scene at SMALL's height, for pictures that are wrong at any size."""
    width, height = scene.camera.size
    share = SMALL[1] / height
    camera = replace(
        scene.camera,
        size=(round(width * share), SMALL[1]),
        focal=scene.camera.focal * share,
        centre_x=scene.camera.centre_x * share,
        centre_y=scene.camera.centre_y * share,
    )
    return replace(scene, camera=camera, antialias=2)


def full_frame(rng: np.random.Generator, size: tuple[int, int], height: float) -> Camera:
    """Head to feet with at least 6% of the height below and 8% above."""
    extent = float(rng.uniform(1.16, 1.42)) * height
    slack = (extent - 1.14 * height) / 2.0
    middle = 0.51 * height + float(rng.uniform(-slack, slack))
    return frame(size, extent, (float(rng.normal(0.0, 0.05)), middle), float(rng.normal(0.0, 0.015)))


def plain_place(rng: np.random.Generator) -> Backdrop:
    """One in four has a floor that is seen."""
    colours = PLAIN[int(rng.integers(len(PLAIN)))]
    floor = (118, 104, 92) if rng.random() < 0.25 else None
    return Backdrop(colours, floor)


def at_ease(rng: np.random.Generator, hands_on_hips: bool) -> Pose:
    """As people stand who want to be seen well: facing the camera, the weight on one leg, one or both hands on the
    hips or none."""
    arms = (
        [(ON_HIP, ON_HIP), (ON_HIP, None), (None, ON_HIP)][int(rng.integers(3))]
        if hands_on_hips
        else (None, None)
    )
    weight, turn, nod = rng.uniform((-0.8, -8.0, -4.0), (0.8, 8.0, 4.0))
    return Pose(*arms, weight=float(weight), head_turn=float(turn), head_nod=float(nod))
