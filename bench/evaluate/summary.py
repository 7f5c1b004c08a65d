"""From scores to figures: means, fractions and the table per kind of garment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import fmean

from bench.evaluate.cast import Cast
from bench.evaluate.measure import Results
from bench.evaluate.scores import LookScore
from bench.evaluate.targets import misses
from tryon.core.words import Refused


def figures(results: Results) -> dict[str, float]:
    """Every figure that the results have something for, by the names of the JSON."""
    depths = [look.depth for look in results.looks if look.depth is not None]
    found = {
        "mask_iou_upper": _mean(score.mask_upper for score in results.people),
        "label_iou_upper": _mean(score.label_upper for score in results.people),
        "mask_iou_lower": _mean(score.mask_lower for score in results.people),
        "label_iou_lower": _mean(score.label_lower for score in results.people),
        "keypoint_px": _mean(score.keypoint_px for score in results.people),
        "garment_alpha_iou": _mean(score.alpha_iou for score in results.items),
        "garment_alpha_iou_hard": _mean(score.hard_iou for score in results.items),
        "garment_mask_iou": _mean(iou for look in results.looks for iou in look.garments.values()),
        "region_ssim": _mean(look.ssim for look in results.looks),
        "region_ssim_unchanged": _mean(look.unchanged for look in results.looks),
        "region_ssim_paste": _mean(look.paste for look in results.looks),
        "depth_correlation": _mean(depth.correlation for depth in depths),
        "depth_covered": _mean(depth.covered for depth in depths),
        "refused_wrongly": _mean(float(verdict is not None) for verdict in good_verdicts(results)),
        "accepted_wrongly": _mean(float(score.refused is None) for score in results.hopeless),
        **results.seconds,
    }
    return {name: round(value, 4) for name, value in found.items() if value is not None}


def good_verdicts(results: Results) -> list[Refused | None]:
    """Of every good photo, product photo, look and splat: the refusal, or None."""
    verdicts = [score.refused for score in results.people] + [score.refused for score in results.items]
    verdicts += [look.refused for look in results.looks]
    return verdicts + [look.depth.refused for look in results.looks if look.depth is not None]


def refused_good(cast: Cast, results: Results) -> list[tuple[str, Refused]]:
    """What was refused of everything good, by name: of a photo, a garment, or a person in an outfit."""
    named = [(score.name, score.refused) for score in results.people]
    named += [(score.piece, score.refused) for score in results.items]
    for look in results.looks:
        name = look_name(cast, look.person, look.outfit)
        named += [(name, look.refused), (f"splat of {name}", look.depth.refused if look.depth else None)]
    return [(name, refused) for name, refused in named if refused is not None]


def look_name(cast: Cast, person: int, outfit: str) -> str:
    return f"{cast.people[person].name} in {outfit}"


def report(cast: Cast, results: Results) -> dict[str, object]:
    """The JSON: figures, what is missed, and where to look."""
    found = figures(results)
    return {
        "set": cast.name,
        **found,
        "misses": misses(found),
        "counted": {
            "photos": len(results.people),
            "items": len(results.items),
            "looks": len(results.looks),
            "hopeless": len(results.hopeless),
        },
        "refused": dict(Counter(refused.code for _, refused in refused_good(cast, results))),
        "accepted": dict(Counter(score.kind for score in results.hopeless if score.refused is None)),
        "kinds": by_kind(cast, results),
    }


def by_kind(cast: Cast, results: Results) -> dict[str, dict[str, float]]:
    """Kind of garment -> looks, alpha IoU, mask IoU, and the region SSIM of the looks with it and of both baselines."""
    table = {}
    for kind in dict.fromkeys(piece.kind for piece in cast.pieces):
        ids = {piece.id for piece in cast.pieces if piece.kind == kind}
        looks = [look for look in results.looks if ids & set(look.garments)]
        row = {
            "garment_alpha_iou": _mean(score.alpha_iou for score in results.items if score.piece in ids),
            "garment_mask_iou": _mean(
                iou for look in looks for id_, iou in look.garments.items() if id_ in ids
            ),
            **_ssims(looks),
        }
        table[kind] = {"looks": len(looks)} | {
            name: round(value, 4) for name, value in row.items() if value is not None
        }
    return table


def _ssims(looks: Sequence[LookScore]) -> dict[str, float | None]:
    return {
        "region_ssim": _mean(look.ssim for look in looks),
        "region_ssim_unchanged": _mean(look.unchanged for look in looks),
        "region_ssim_paste": _mean(look.paste for look in looks),
    }


def _mean(values: Iterable[float | None]) -> float | None:
    """None of nothing; what was refused has no value, and counts as refused instead."""
    there = [value for value in values if value is not None]
    return fmean(there) if there else None
