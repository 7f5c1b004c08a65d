"""Focal length in pixels: given by the caller, else from EXIF, else assumed.

A splat's depth is proportional to f_px, so the source that decided it travels with the result.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real
from typing import Literal

from tryon.core.errors import InvalidSetting

FULL_FRAME_MM = (36.0, 24.0)
"""The sensor that "35 mm equivalent" refers to, width and height in millimetres."""

CROP_FACTOR = 8.4
"""ml-sharp (src/sharp/utils/io.py): a bare FocalLength under 10 mm is a phone's, whose sensor is about 8.4
times smaller than full frame; from 10 mm on it is taken as 35 mm equivalent."""

DEFAULT_RATIO = 1.2
"""f_px / longest side when nothing is known: about 45 degrees of view, a phone's main camera held upright."""

PLAUSIBLE_RATIOS = (0.02, 250.0)
"""f_px / longest side that a lens can have: 177 degrees of view down to 0.23 degrees."""

Source = Literal["given", "exif", "default"]


@dataclass(frozen=True, slots=True)
class Camera:
    """What a photo's EXIF says about its lens, in millimetres; None where it says nothing usable.

    focal_mm_35: FocalLengthIn35mmFilm (0xA405); focal_mm: FocalLength (0x920A).
    """

    focal_mm_35: float | None = None
    focal_mm: float | None = None

    @classmethod
    def from_exif(cls, focal_mm_35: object, focal_mm: object) -> Camera:
        """From raw tag values: rationals, integers, or whatever a broken writer stored there."""
        return cls(_number(focal_mm_35), _number(focal_mm))

    @property
    def equivalent_mm(self) -> float | None:
        """35 mm equivalent focal length, by ml-sharp's rule; None instead of its 30 mm guess.

        A FocalLengthIn35mmFilm below 1 means "unknown" (EXIF writes 0) and gives way to FocalLength.
        """
        if self.focal_mm_35 is not None and self.focal_mm_35 >= 1:
            return self.focal_mm_35
        if self.focal_mm is None:
            return None
        return self.focal_mm * CROP_FACTOR if self.focal_mm < 10 else self.focal_mm


@dataclass(frozen=True, slots=True)
class Focal:
    """f_px: focal length in pixels of a picture of one particular size; source: who decided it."""

    f_px: float
    source: Source

    def resized(self, before: tuple[int, int], after: tuple[int, int]) -> Focal:
        """The same lens after the picture went from `before` to `after`, (width, height), aspect kept.

        >>> Focal(1000.0, "given").resized((3000, 4000), (768, 1024)).f_px
        256.0
        """
        return Focal(self.f_px * math.hypot(*after) / math.hypot(*before), self.source)


def focal_length(camera: Camera | None, width: int, height: int, given: float | None = None) -> Focal:
    """The focal length of a picture of `width` x `height` pixels.

    The size is that of the pixels in hand, upright and perhaps shrunk. EXIF speaks of millimetres, so its
    value fits any uniform resize and either orientation (f_px = mm * diagonal_px / diagonal_mm); a picture
    that was cropped after the shot keeps no usable EXIF: pass None. `given` is in pixels of this same size.

    EXIF that no lens can have (0/0, negative, a million millimetres) is skipped for the default.
    Raises InvalidSetting when `given` is not a plausible number: what a caller says is never replaced.
    """
    if given is not None:
        return Focal(_checked_given(given, width, height), "given")
    millimetres = None if camera is None else camera.equivalent_mm
    if millimetres is not None:
        f_px = millimetres * math.hypot(width, height) / math.hypot(*FULL_FRAME_MM)
        if _plausible(f_px, width, height):
            return Focal(f_px, "exif")
    return Focal(DEFAULT_RATIO * max(width, height), "default")


def _checked_given(given: float, width: int, height: int) -> float:
    value = _number(given)
    if value is not None and _plausible(value, width, height):
        return value
    low, high = (ratio * max(width, height) for ratio in PLAUSIBLE_RATIOS)
    raise InvalidSetting(
        f"f_px {given!r} is not a focal length for a {width}x{height} picture; "
        f"give pixels between {low:g} and {high:g}, or leave it out"
    )


def _plausible(f_px: float, width: int, height: int) -> bool:
    low, high = PLAUSIBLE_RATIOS
    return low <= f_px / max(width, height) <= high


def _number(value: object) -> float | None:
    """A finite float, or None. EXIF rationals may be 0/0 (NaN) or have any other type behind the tag."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    try:
        number = float(value)
    except (ValueError, ZeroDivisionError, OverflowError):
        return None
    return number if math.isfinite(number) else None
