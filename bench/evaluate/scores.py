"""What is found out about one photo, one garment, one look and one hopeless picture."""

from __future__ import annotations

from dataclasses import dataclass, field

from tryon.core.words import Refused


@dataclass(frozen=True)
class BodyScore:
    """One good photo of a person. Shares 0..1, None when refused; label_lower also of a dress.
    keypoint_px: at 1024 high."""

    name: str
    refused: Refused | None = None
    mask_upper: float | None = None
    mask_lower: float | None = None
    label_upper: float | None = None
    label_lower: float | None = None
    keypoint_px: float | None = None


@dataclass(frozen=True)
class ItemScore:
    """One good product photo. alpha_iou: of the coverages; hard_iou: of where they are above a half."""

    piece: str
    refused: Refused | None = None
    alpha_iou: float | None = None
    hard_iou: float | None = None


@dataclass(frozen=True)
class DepthScore:
    """A splat's depth. correlation: -1..1; covered: share of the person that the splat shows."""

    refused: Refused | None = None
    correlation: float | None = None
    covered: float | None = None


@dataclass(frozen=True)
class LookScore:
    """One person in one outfit. garments: IoU of each piece, by its id. ssim, unchanged, paste: in the compared
    region, of the look, of the photo as it was and of the simple paste."""

    person: int
    outfit: str
    refused: Refused | None = None
    garments: dict[str, float] = field(default_factory=dict)
    ssim: float | None = None
    unchanged: float | None = None
    paste: float | None = None
    depth: DepthScore | None = None


@dataclass(frozen=True)
class HopelessScore:
    """refused: None where a picture that must be refused was accepted."""

    kind: str
    number: int
    refused: Refused | None
