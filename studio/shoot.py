"""Takes every picture of the sample catalogue: people, products and their ground truth."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter, shift

from studio import layout as at
from studio.backdrop import PERSON_BACKDROP, PRODUCT_BACKDROP, cyclorama
from studio.body import Body, make_body
from studio.camera import Camera, frame, full_length
from studio.garments import Garment, cut
from studio.labels import KEYPOINTS
from studio.render import Shot, shot
from studio.subject import Looks, Subject
from studio.wardrobe import ITEMS, MANNEQUIN, PEOPLE, Item, Person, looks

log = logging.getLogger(__name__)

CATALOGUE = Path(__file__).parent / "catalogue"
PHOTO, LOOK = (768, 1024), (384, 512)
CONSENT = {"consent": {"version": "2026-01", "at": "2026-11-01T09:00:00Z"}}
# Air around a garment and the least height of a packshot, in metres: shorts are not drawn larger than jeans.
_AIR, _LEAST = 0.08, 0.95


def photograph(
    person: Person, upper: Garment, lower: Garment | None, size: tuple[int, int], workers: int
) -> Shot:
    """A full-length picture of a person in these clothes."""
    subject = Subject(make_body(person.shape, person.pose), person.looks, upper, lower)
    return shot(subject, full_length(size), cyclorama(size, PERSON_BACKDROP), workers=workers)


def shoot_user(user: str, root: Path, workers: int) -> None:
    """Write a user's upload (photo and consent) and its truth (labels, keypoints, depth)."""
    person = PEOPLE[user]
    taken = photograph(person, person.upper, person.lower, PHOTO, workers)
    _save_upload(taken.rgb, CONSENT, root / "uploads" / "users" / user)
    truth = root / "truth" / "users"
    _save_png(taken.labels, truth / f"{user}.labels.png")
    _save_png((taken.depth * 1000.0 + 0.5).astype(np.uint16), truth / f"{user}.depth.png")
    points = {
        name: [round(float(value), 2) for value in point]
        for name, point in zip(KEYPOINTS, taken.keypoints, strict=True)
    }
    _save_json(points, truth / f"{user}.keypoints.json")


def shoot_item(item: str, root: Path, workers: int) -> None:
    """Write an item's upload (photo and categories) and the alpha of each of its garments."""
    photo = ITEMS[item]
    width, height = PHOTO
    picture = cyclorama(PHOTO, PRODUCT_BACKDROP)
    rgb = np.zeros((height, width, 3), dtype=np.uint8)
    left = 0
    for category, (subject, camera) in views(photo).items():
        columns = slice(left, left + camera.size[0])
        left = columns.stop
        taken = shot(subject, camera, picture[:, columns], workers=workers)
        rgb[:, columns] = with_shadow(taken.rgb, taken.alpha)
        alpha = np.zeros((height, width), dtype=np.uint8)
        alpha[:, columns] = (taken.alpha * 255.0 + 0.5).astype(np.uint8)
        _save_png(alpha, root / "truth" / "items" / f"{item}.{category}.alpha.png")
    _save_upload(rgb, {"categories": photo.categories}, root / "uploads" / "items" / item)


def shoot_looks(user: str, root: Path, workers: int) -> None:
    """Write the true picture of a user in every look; pictures that are there are kept."""
    person = PEOPLE[user]
    for outfit, (upper, lower) in looks().items():
        path = root / "truth" / "looks" / user / f"{outfit}.webp"
        if path.exists():
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        taken = photograph(person, upper, lower, LOOK, workers)
        Image.fromarray(taken.rgb).save(path, quality=90, method=6)
        log.info("look %s %s", user, outfit)


def with_shadow(rgb: NDArray[np.uint8], alpha: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The picture, uint8 [h, w, 3], with the soft shadow that a garment casts on the paper behind it.

    alpha: float [h, w], coverage by the garment, 0 to 1.
    """
    unit = alpha.shape[0] / 1024
    near = gaussian_filter(shift(alpha, (10 * unit, 6 * unit), order=1), 9 * unit)
    far = gaussian_filter(shift(alpha, (26 * unit, 14 * unit), order=1), 30 * unit)
    left = 1.0 - (1.0 - alpha) * (0.07 * near + 0.08 * far)
    return np.asarray(rgb * left[..., None] + 0.5, dtype=np.uint8)


def views(photo: Item) -> dict[str, tuple[Subject, Camera]]:
    """What to shoot for each category of an item, side by side if there is more than one."""
    body = make_body(MANNEQUIN)
    if photo.shoes is not None:
        pair = make_body(replace(MANNEQUIN, stance=0.3))
        subject = Subject(pair, Looks(shoes=photo.shoes), person=False)
        # Seen from 35 degrees above, where a shoe shows its vamp and laces.
        return {"shoes": (subject, frame(PHOTO, 0.62, (0.0, -0.02), pitch=0.61))}
    boxes = {category: _box(garment, body) for category, garment in photo.garments.items()}
    wide = sum(right - left for left, right, _, _ in boxes.values())
    high = max(top - bottom for _, _, bottom, top in boxes.values())
    extent = max(high, wide * PHOTO[1] / PHOTO[0], _LEAST)
    views = {}
    for category, (left, right, bottom, top) in boxes.items():
        # Garments of one photo share its width and its scale, as they would on a table.
        size = (round(PHOTO[0] * (right - left) / wide), PHOTO[1])
        garment = photo.garments[category]
        alone = Subject(body, person=False, shoes=False)
        above = garment.kind in ("top", "dress")
        subject = replace(alone, upper=garment) if above else replace(alone, lower=garment)
        views[category] = subject, frame(size, extent, ((left + right) / 2.0, (bottom + top) / 2.0))
    return views


def _box(garment: Garment, body: Body) -> tuple[float, float, float, float]:
    """Left, right, bottom and top (m) of a garment on the mannequin, with air around it."""
    layer = cut(garment, body)
    half = float(layer.tables[at.WIDTH].max() * (1.0 + 1.4 * layer.parameters[at.FLUTE_DEPTH]))
    if layer.parameters[at.LEGS] > 0.0:
        legs = np.abs(body.joints[[at.LEFT_LEG, at.RIGHT_LEG], :, 0])
        half = max(half, float(legs.max() + layer.tables[at.LEG_RADIUS].max()))
    if layer.parameters[at.ARMS] > 0.0:
        shoulder, _, wrist = body.joints[at.LEFT_ARM]
        half = max(half, float(shoulder[0] + (wrist[0] - shoulder[0]) * min(garment.sleeve, 1.0)) + 0.08)
    top = min(float(layer.parameters[at.CUT_TOP]), 0.86 * body.shape.height)
    return -half - _AIR, half + _AIR, float(layer.parameters[at.CUT_BOTTOM]) - _AIR, top + _AIR


def _save_upload(rgb: NDArray[np.uint8], sidecar: object, stem: Path) -> None:
    """Write <stem>.jpg and its sidecar <stem>.json."""
    stem.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(rgb).save(stem.with_suffix(".jpg"), quality=92, subsampling=0)
    _save_json(sidecar, stem.with_suffix(".json"))
    log.info("photo %s", stem.name)


def _save_json(value: object, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def _save_png(image: NDArray[np.uint8] | NDArray[np.uint16], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(path, optimize=True)
