"""docs/evaluation.md: the figures, how they are measured, and what they are measured on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from bench.evaluate.cast import LOOKS_OF_A_PERSON, Cast
from bench.evaluate.hopeless import EXAMPLES
from bench.evaluate.looks import MARGIN
from bench.evaluate.measure import Results
from bench.evaluate.people import SITTINGS
from bench.evaluate.scenes import PHOTO, SITTING
from bench.evaluate.summary import by_kind, figures, refused_good
from bench.evaluate.targets import GAIN, TARGETS, misses

PICTURE = "images/evaluation-worst.jpg"

MEANS = {
    "mask_iou_upper": "published upper mask against the mask that the true labels and joints give",
    "label_iou_upper": "the same of the labels: upper clothes and dresses",
    "mask_iou_lower": "published lower mask, likewise",
    "label_iou_lower": "the same of the labels: trousers and skirts",
    "keypoint_px": "distance of the joints in the frame, pixels of a picture 1024 high",
    "garment_alpha_iou": "coverage cut out of product photos against the true one",
    "garment_alpha_iou_hard": "the same where the coverage is above a half",
    "garment_mask_iou": "where each garment is in the look against where it is in the true picture",
    "region_ssim": "likeness of the look and the true picture, where clothes are or were",
    "region_ssim_unchanged": "the same of the photo left as it was",
    "region_ssim_paste": "the same of a simple paste",
    "depth_correlation": "splat of the look against the true depth, over the person",
    "depth_covered": "share of the person that the splat shows",
    "refused_wrongly": "good photos, product photos, looks and splats that were refused",
    "accepted_wrongly": "hopeless pictures that went through every door",
    "detect_seconds": "one product photo, one thread",
    "parse_seconds": "one photo of a person, one thread",
    "tryon_seconds": "one garment on one person, the slower of a top and a bottom, one thread",
    "splat_seconds": "one look, one thread",
    "net_ms": "one run of all nets, one thread",
}

HOW = f"""
Pictures are renders of `studio/`, since only there the truth is known to the pixel. The engines see files alone: JPEGs
of photos and product photos, and the declared category. Everything goes through the doors of the pipeline: decoding,
detector, parser, masks, region, dresser, verdicts, and WebP between two layers.

- **Bodies.** Every person is photographed once to be dressed ({PHOTO[0]} x {PHOTO[1]}) and {SITTINGS} times more
  ({SITTING[0]} x {SITTING[1]}) in other clothes, places and framings, every third time with a hand on the hip. The
  masks of the true labels and joints are made by the same code as the published ones. The target counts for the
  stricter of masks and labels.
- **Joints** count when they are in the frame and do not look away from the camera; those behind cloth or hair count.
- **Cut-outs.** The sum of the smaller coverage of each pixel over the sum of the larger one. The paper
  behind a garment has its soft shadow, which is no coverage.
- **Looks.** {LOOKS_OF_A_PERSON} of each person, none with a garment of the photo: tops with bottoms, and one dress. The
  true picture shows the same body, place, light and framing in that outfit.
- **Where a garment is** is not asked of the engine. The look is made twice more, the cut-outs a quarter of the way to
  orange or to azure; the pixels that follow are the garment. A top and its bottom are tinted the other way round.
- **Region SSIM** is that of Wang et al. 2004 (Gaussian window of 11 pixels, mean of the three channels) where old or
  new clothes are and {MARGIN:.0%} of the height around them. The simple paste is the detector's cut-out, scaled to the
  parser's torso or hips and pasted.
- **Depth.** Pearson's correlation of the nearest Gaussian at each pixel, seen from the camera, with the true depth of
  the same person in that outfit.
- **Hopeless pictures.** {EXAMPLES} of each kind, each to be refused when it is opened, found, parsed or
  dressed.
- **Seconds** are those of the processor, medians of five, on one thread.
"""

WORST = f"""
![the worst cases]({PICTURE})

Green: right. Red: the garment is shown where it is not. Blue: it is missing. At the end: what was refused though it \
is good (of looks, the true picture), and hopeless pictures that were not.
"""

LIMITS = """
## What the figures do not say
Renders are kinder than photos: plain cloth, soft light, no busy rooms. Engines that pass here may still fail on a photo
of a real person; what they refuse and why is in [gallery.md](gallery.md).
"""


def page(cast: Cast, results: Results) -> str:
    """Markdown, the same for the same results."""
    found = figures(results)
    return "\n".join(
        [
            "# Evaluation of the sample engines",
            f"Written by `make evaluate` ({_counted(results)}).",
            *_section("Figures", _figures(found, misses(found))),
            *_section("By kind of garment", _kinds(by_kind(cast, results))),
            *_section("Refusals", _refusals(cast, results)),
            *_section("The worst cases", WORST.strip().splitlines()),
            *_section("How it is measured", [HOW.strip(), LIMITS.rstrip()]),
            *_section("Held out", _cast(cast)),
            "",
        ]
    )


def _section(title: str, lines: Iterable[str]) -> Iterable[str]:
    yield from ("", f"## {title}", *lines)


def _counted(results: Results) -> str:
    return (
        f"{len(results.people)} photos of people, {len(results.items)} product photos, {len(results.looks)} looks, "
        f"{len(results.hopeless)} hopeless pictures"
    )


def _figures(found: Mapping[str, float], missed: Sequence[str]) -> Iterable[str]:
    yield from ("| figure | value | target | what it is |", "|---|---|---|---|")
    for name in (name for name in MEANS if name in found):
        target = TARGETS[name].words if name in TARGETS else ""
        value = f"**{found[name]:.4g}**, missed" if name in missed else f"{found[name]:.4g}"
        yield f"| `{name}` | {value} | {target} | {MEANS[name]} |"
    yield ""
    yield f"**Targets missed: {', '.join(missed)}.**" if missed else "Every target is reached."


def _kinds(table: Mapping[str, Mapping[str, float]]) -> Iterable[str]:
    columns = (
        "garment_alpha_iou",
        "garment_mask_iou",
        "region_ssim",
        "region_ssim_unchanged",
        "region_ssim_paste",
    )
    yield "| kind | looks | cut-out | garment's place | region SSIM | unchanged | paste |"
    yield "|---|---|---|---|---|---|---|"
    for kind, row in table.items():
        cells = (f"{row[name]:.3f}" if name in row else "" for name in columns)
        yield f"| {kind} | {row['looks']} | {' | '.join(cells)} |"
    dull = [kind for kind, row in table.items() if "region_ssim" in row and _gain(row) < GAIN]
    yield from (
        "",
        f"Kinds that gain less than {GAIN} over the better baseline: {', '.join(dull) or 'none'}.",
    )


def _gain(row: Mapping[str, float]) -> float:
    return row["region_ssim"] - max(row["region_ssim_unchanged"], row["region_ssim_paste"])


def _refusals(cast: Cast, results: Results) -> Iterable[str]:
    told = ", ".join(f"{name} ({why.code})" for name, why in refused_good(cast, results)) or "none"
    yield from (f"Good pictures that were refused: {told}.", "")
    yield from ("| hopeless | refused | as |", "|---|---|---|")
    for kind in dict.fromkeys(score.kind for score in results.hopeless):
        scores = [score for score in results.hopeless if score.kind == kind]
        codes = Counter(score.refused.code for score in scores if score.refused is not None)
        words = ", ".join(f"{code} ({count})" for code, count in codes.most_common())
        yield f"| {kind} | {sum(codes.values())} of {len(scores)} | {words} |"


def _cast(cast: Cast) -> Iterable[str]:
    yield f"Never trained or tuned on; listed in `bench/evaluate/{cast.name.replace('-', '_')}.py`, which a test"
    yield "compares with the catalogue and the tuning set (`python -m bench evaluate --tuning`)."
    yield ""
    yield f"- seeds of places, framings and poses: {cast.seeds[0]} to {cast.seeds[-1]}"
    yield f"- bodies: {', '.join(person.name for person in cast.people)}"
    yield f"- garments: {', '.join(f'{piece.id} ({piece.kind})' for piece in cast.pieces)}"
