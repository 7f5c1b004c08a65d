"""Photos of people that are too dark, burnt out or blurred, and backdrops that are not plain: rules on pixels."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tryon.core.anatomy import Atr
from tryon.core.areas import Area, dilate
from tryon.core.ports import Body, Pixels
from tryon.core.words import Refused
from tryon.engines.backdrop import fit_backdrop, to_lab
from tryon.engines.reasons import of_person

DARK = 25.0
"""Lightness (0..100) that the lightest hundredth of a photo must reach: 40 to 97 in the studio, 25 and more with a
third of its light, at most 15 with a hundredth."""

BURNT, BURNT_SHARE, BURNT_FACE = 250, 0.35, 0.25
"""Most of the person and of the face that may have all three channels from BURNT on; 0 in the studio, white clothes
included."""

BURNT_SKIN = 0.5
"""Most of the face that may have any channel from BURNT on: 0 in the studio, 0.2 to 0.3 under a lamp's colour, 0.7 on
skin that is as light as it can get without being white."""

SKIN_HUES, GREY = (5.0, 100.0), 8.0
"""Degrees in Lab in which a face's median hue lies, unless it has less chroma than GREY: 40 to 75 on people of every
colour, 180 and more from there on colour negatives. Photos without any colour have a reason of their own."""

RED_HUE, RED_CHROMA = 45.0, 50.0
"""Nor may the hue be below RED_HUE with more chroma than RED_CHROMA: people have 51 and more, and at most 34; in red
light 39 and 68, under a lamp 56 and 67."""

SHARPNESS = 1.3
"""Least steepness of the steepest edges, over their steepness after a blur by COARSE pixels."""

FINE, COARSE, HEIGHT = 0.8, 2.4, 512
"""Standard deviations of the two blurs, in pixels of a photo of this height. An edge that is already blurred by s has
sqrt(COARSE^2 + s^2) / sqrt(FINE^2 + s^2): 2.6 for 0.5 pixels, 1.3 for 2.6, 1.1 for 5."""

STEEPEST = 99.5
"""Percentile of the gradient that stands for the edges."""

BUSY, BUSY_SHARE = 12.0, 0.3
"""Most of the photo around the person that may differ by more than BUSY Lab units from a smooth backdrop: 0 to 0.30 on
walls with a floor, a shadow or a picture (seeds 700 to 759), 0.16 to 0.86 on bricks, shelves and streets."""

STEEP, STEEP_SHARE = 1.5, 0.12
"""Most of it where the colour changes by more than STEEP Lab units a pixel of 256 rows: at most 0.05 on those walls, at
least 0.23 on those streets."""


def check_darkness(image: Pixels) -> Refused | None:
    """Before anybody is looked for: in the dark no net finds anybody. image: uint8 [H, W, 3] RGB."""
    return of_person("too_dark") if brightest(image) < DARK else None


def check_light(image: Pixels, body: Body) -> Refused | None:
    """The first of these rules that the photo breaks, if any."""
    person, face, skin = burnt_shares(image, body)
    if person > BURNT_SHARE or face > BURNT_FACE or skin > BURNT_SKIN:
        return of_person("overexposed")
    return None if natural(image, body) else of_person("no_face")


def check_sharp(image: Pixels, body: Body) -> Refused | None:
    """Before faces and joints are judged: in a blur they are anywhere."""
    return of_person("blurred") if sharpness(image, body) < SHARPNESS else None


def check_backdrop(image: Pixels, body: Body) -> Refused | None:
    """The net was trained on plain backdrops, and dressing repaints them."""
    found = busy_shares(image, body)
    if found is None:
        return of_person("person_cut_off")
    uneven, steep = found
    return of_person("busy_backdrop") if uneven > BUSY_SHARE or steep > STEEP_SHARE else None


def brightest(image: Pixels) -> float:
    """Lightness 0..100 of the lightest hundredth."""
    return float(np.percentile(to_lab(_shrunk(image, 256))[..., 0], 99))


def burnt_shares(image: Pixels, body: Body) -> tuple[float, float, float]:
    """Of the person and of the face in all channels, and of the face in any, 0..1."""
    face = body.labels == Atr.FACE
    white, any_channel = image.min(axis=2) >= BURNT, image.max(axis=2) >= BURNT
    pairs = (white, body.labels > 0), (white, face), (any_channel, face)
    person, burnt, skin = (float(np.mean(burnt[area])) if area.any() else 0.0 for burnt, area in pairs)
    return person, burnt, skin


def natural(image: Pixels, body: Body) -> bool:
    """Whether the face has a colour that faces have."""
    face = image[body.labels == Atr.FACE]
    if not len(face):
        return True
    _, a, b = np.median(to_lab(face[None])[0], axis=0)
    hue, chroma = np.degrees(np.arctan2(b, a)), np.hypot(a, b)
    least, most = SKIN_HUES if chroma <= RED_CHROMA else (RED_HUE, SKIN_HUES[1])
    return bool(chroma < GREY or least <= hue <= most)


def sharpness(image: Pixels, body: Body) -> float:
    """See SHARPNESS; of the person and what is just around."""
    return sharpness_of(image, body.labels > 0)


def sharpness_of(image: Pixels, area: Area) -> float:
    """The same of any area [H, W] of the photo, a garment for one."""
    grey = cv2.cvtColor(_shrunk(image, HEIGHT), cv2.COLOR_RGB2GRAY).astype(np.float32)
    small = cv2.resize(area.astype(np.uint8), grey.shape[::-1], interpolation=cv2.INTER_AREA) > 0
    if not small.any():
        return float("inf")
    near = dilate(small, 4, 4)
    fine, coarse = (_steepness(grey, sigma, near) for sigma in (FINE, COARSE))
    return fine / max(coarse, 1e-6)


def busy_shares(image: Pixels, body: Body) -> tuple[float, float] | None:
    """Shares of what is around the person that no smooth backdrop explains, and that is steep; None when nothing is
    around."""
    lab = to_lab(_shrunk(image, 256))
    shape = lab.shape[1], lab.shape[0]
    person = cv2.resize((body.labels > 0).astype(np.uint8), shape, interpolation=cv2.INTER_AREA) > 0
    around = ~dilate(person, 6, 6)
    if np.count_nonzero(around) < 100:
        return None
    uneven = np.linalg.norm(fit_backdrop(lab, around).residual[around], axis=-1) > BUSY
    smooth = cv2.GaussianBlur(lab, (0, 0), 1.0)
    slopes = [cv2.Sobel(smooth, cv2.CV_32F, *way) / 8 for way in ((1, 0), (0, 1))]
    steep = np.hypot(*slopes).max(axis=-1)[around] > STEEP
    return float(np.mean(uneven)), float(np.mean(steep))


def _steepness(grey: NDArray[np.float32], sigma: float, near: Area) -> float:
    smooth = cv2.GaussianBlur(grey, (0, 0), sigma)
    steep = np.hypot(cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1))
    return float(np.percentile(steep[near], STEEPEST))


def _shrunk(image: Pixels, height: int) -> Pixels:
    """At most that high."""
    scale = min(1.0, height / image.shape[0])
    size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
