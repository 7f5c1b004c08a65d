"""The figures, what each must reach, and which do not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

GAIN = 0.05
"""By how much the try-on's region SSIM must be above both baselines."""


@dataclass(frozen=True)
class Target:
    """words: of the table. met: of all figures, whether this one is reached."""

    words: str
    met: Callable[[Mapping[str, float]], bool]


def _least(*names: str, bound: float) -> Target:
    """The least of several figures counts: the stricter of two ways to measure one thing."""
    return Target(f"at least {bound:g}", lambda figures: min(figures[name] for name in names) >= bound)


def _most(name: str, bound: float) -> Target:
    return Target(f"at most {bound:g}", lambda figures: figures[name] <= bound)


TARGETS: dict[str, Target] = {
    "mask_iou_upper": _least("mask_iou_upper", "label_iou_upper", bound=0.95),
    "mask_iou_lower": _least("mask_iou_lower", "label_iou_lower", bound=0.94),
    "keypoint_px": _most("keypoint_px", 6.0),
    "garment_alpha_iou": _least("garment_alpha_iou", bound=0.98),
    "garment_mask_iou": _least("garment_mask_iou", bound=0.90),
    "region_ssim": Target(
        f"{GAIN:g} above both others",
        lambda figures: (
            figures["region_ssim"]
            >= max(figures["region_ssim_unchanged"], figures["region_ssim_paste"]) + GAIN
        ),
    ),
    "depth_correlation": _least("depth_correlation", bound=0.9),
    "refused_wrongly": _most("refused_wrongly", 0.02),
    "accepted_wrongly": _most("accepted_wrongly", 0.02),
    "tryon_seconds": _most("tryon_seconds", 0.6),
    "splat_seconds": _most("splat_seconds", 0.2),
    "net_ms": _most("net_ms", 100.0),
}


def misses(figures: Mapping[str, float]) -> list[str]:
    """Names of the targets that are missed, of those whose figures were measured."""
    missed = []
    for name, target in TARGETS.items():
        try:
            met = target.met(figures)
        except KeyError:  # A part that was not asked for.
            continue
        if not met:
            missed.append(name)
    return missed
