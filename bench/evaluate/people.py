"""Good photos of people through the parser and the masks stage."""

from __future__ import annotations

from bench.evaluate.cast import Cast
from bench.evaluate.chain import Engines, upload
from bench.evaluate.metrics import iou, keypoint_px, label_iou
from bench.evaluate.renders import Truth, load
from bench.evaluate.scenes import Scene, photo_of, sitting_of
from bench.evaluate.scores import BodyScore
from studio.labels import DRESS, PANTS, SKIRT, UPPER_CLOTHES
from tryon.core.masks import make_masks
from tryon.core.ports import Body, Pixels
from tryon.core.words import MaskKind, Refused

SITTINGS = 3
"""Smaller photos of each person, in other clothes and poses."""

UPPER, LOWER = (UPPER_CLOTHES, DRESS), (SKIRT, PANTS)


def photos(cast: Cast) -> dict[str, Scene]:
    """The photo of each person that is dressed, by name."""
    return {
        person.name: photo_of(person, cast.worn(number), cast.seeds[number])
        for number, person in enumerate(cast.people)
    }


def sittings(cast: Cast) -> dict[str, Scene]:
    """The other good photos, by a name."""
    made = {}
    for number in range(SITTINGS * len(cast.people)):
        person = cast.people[number % len(cast.people)]
        scene = sitting_of(person, cast.outfit(number), cast.seeds[number])
        made[f"{person.name} {number // len(cast.people) + 1}"] = scene
    return made


def score_photo(engines: Engines, name: str, scene: Scene) -> BodyScore:
    shown = load(scene)
    found = engines.wearer(upload(shown.rgb))
    if isinstance(found, Refused):
        return BodyScore(name, found)
    true = true_masks(shown)
    points = keypoint_px(found.body.keypoints, shown.keypoints, shown.labels.shape[0])
    dressed = DRESS in shown.labels
    return BodyScore(
        name,
        mask_upper=iou(found.masks[MaskKind.UPPER] > 0, true[MaskKind.UPPER] > 0),
        mask_lower=iou(found.masks[MaskKind.LOWER] > 0, true[MaskKind.LOWER] > 0),
        label_upper=label_iou(found.body.labels, shown.labels, UPPER),
        # A dress is upper clothes alone: what is taken for a skirt there already counts against them.
        label_lower=None if dressed else label_iou(found.body.labels, shown.labels, LOWER),
        keypoint_px=points,
    )


def true_masks(shown: Truth) -> dict[MaskKind, Pixels]:
    """The published masks as they would be of the true labels and keypoints."""
    made = make_masks(Body(shown.labels, shown.keypoints))
    kept = {kind: mask for kind, mask in made.items() if not isinstance(mask, Refused)}
    missing = {MaskKind.UPPER, MaskKind.LOWER} - set(kept)
    if missing:
        raise ValueError(f"a good photo has no true mask {sorted(missing)}; its scene is no good photo")
    return kept
