"""A contact sheet of the worst cases: what the means of docs/evaluation.md hide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from bench.evaluate.cast import Cast
from bench.evaluate.chain import Cutout, Wearer
from bench.evaluate.hopeless import Example, examples
from bench.evaluate.items import packshots
from bench.evaluate.looks import CLOTHES, Asked, asked, worn_areas
from bench.evaluate.measure import Results
from bench.evaluate.metrics import Area
from bench.evaluate.people import photos, sittings
from bench.evaluate.renders import load
from bench.evaluate.scenes import Scene
from bench.evaluate.scores import BodyScore, ItemScore, LookScore
from bench.evaluate.summary import look_name, refused_good
from bench.evaluate.work import all_cutouts, engines, wearer_of
from studio.labels import CLOTH_LABEL
from tryon.core.contact_sheet import Cell
from tryon.core.ports import Pixels
from tryon.core.words import Refused

LOOKS, OTHERS = 6, 5
"""Rows of looks; at most so many pictures in each of the other rows."""

BOTH, FOUND, MISSED = (70, 160, 90), (214, 60, 50), (40, 90, 210)
"""Right; where there is nothing; and where something is that was not found."""


def rows(cast: Cast, results: Results) -> Iterator[list[Cell]]:
    """Looks by their worst garment and by what they gain, parses, cut-outs, and wrong verdicts."""
    cutouts = all_cutouts(cast)
    wanted = {(look.person, look.outfit.id): look for look in asked(cast)}
    for score in worst_looks(results.looks):
        yield _look(cast, wanted[score.person, score.outfit], score, cutouts)
    named = {**photos(cast), **sittings(cast)}
    yield [_parse(score, named[score.name]) for score in _worst_parses(results.people)]
    scenes = packshots(cast)
    yield [_item(score, scenes[score.piece], cutouts[score.piece]) for score in _worst_items(results.items)]
    shown = {**named, **scenes, **{look_name(cast, *key): look.true for key, look in wanted.items()}}
    refused = [(name, why) for name, why in refused_good(cast, results) if name in shown]
    yield [Cell(f"refused: {why.code}\n{name}", load(shown[name]).rgb) for name, why in refused[:OTHERS]]
    yield [_hopeless(example) for example in _accepted(cast, results)]


def _worst_parses(people: Sequence[BodyScore]) -> list[BodyScore]:
    """By the worse of upper and lower labels."""
    parsed = [score for score in people if score.label_upper is not None]
    parsed.sort(
        key=lambda score: min(value for value in (score.label_upper, score.label_lower) if value is not None)
    )
    return parsed[:OTHERS]


def _worst_items(items: Sequence[ItemScore]) -> list[ItemScore]:
    cut = [score for score in items if score.alpha_iou is not None]
    return sorted(cut, key=lambda score: score.alpha_iou or 0)[:OTHERS]


def _accepted(cast: Cast, results: Results) -> list[Example]:
    """Hopeless pictures that nothing refused."""
    accepted = {(score.kind, score.number) for score in results.hopeless if score.refused is None}
    wrong = [example for example in examples(cast) if (example.kind, example.number) in accepted]
    return wrong[:OTHERS]


def worst_looks(looks: Sequence[LookScore], count: int = LOOKS) -> list[LookScore]:
    """Half by the garment that is most misplaced, half by the least gain over the better baseline; none twice."""
    made = [look for look in looks if look.refused is None]
    misplaced = sorted(made, key=lambda look: min(look.garments.values()))[: count // 2]
    left = [look for look in made if look not in misplaced]
    return misplaced + sorted(left, key=gain)[: count - len(misplaced)]


def gain(look: LookScore) -> float:
    """How much the look's SSIM is above the better baseline's."""
    assert look.ssim is not None, "a look that was made was compared"
    assert look.unchanged is not None, "a look that was made was compared"
    assert look.paste is not None, "a look that was made was compared"
    return look.ssim - max(look.unchanged, look.paste)


def _look(cast: Cast, look: Asked, score: LookScore, cutouts: Mapping[str, Cutout | Refused]) -> list[Cell]:
    wearer, true = wearer_of(look.before), load(look.true)
    worn = [
        cutout for cutout in (cutouts[piece.id] for piece in look.outfit.pieces) if isinstance(cutout, Cutout)
    ]
    assert isinstance(wearer, Wearer), "a look that was made has a wearer"
    made, areas = engines().look(wearer, worn), worn_areas(engines(), wearer, worn)
    assert not isinstance(made, Refused), "a look that was made is made again"
    assert not isinstance(areas, Refused), "a look that was made is made again"
    cells = [
        Cell(f"{cast.people[look.person].name}\nphoto", load(look.before).rgb),
        Cell("made: " + look.outfit.id.replace("+", "\n+ "), made),
        Cell(f"true\nSSIM {score.ssim:.3f}, gain {gain(score):+.3f}", true.rgb),
    ]
    for piece, area in zip(look.outfit.pieces, areas, strict=True):
        there = true.labels == CLOTH_LABEL[piece.cut.kind]
        cells.append(Cell(f"{piece.id}\nIoU {score.garments[piece.id]:.3f}", differing(made, area, there)))
    return cells


def differing(picture: Pixels, found: Area, true: Area) -> Pixels:
    """The picture in pale grey, with where two areas agree and differ."""
    grey = picture.mean(axis=2, keepdims=True) * 0.35 + 160.0
    shown = np.repeat(grey, 3, axis=2)
    for area, colour in ((found & true, BOTH), (found & ~true, FOUND), (true & ~found, MISSED)):
        shown[area] = 0.35 * shown[area] + 0.65 * np.array(colour)
    return np.asarray(shown, np.uint8)


def _parse(score: BodyScore, scene: Scene) -> Cell:
    """All clothes of the parse against the true ones."""
    shown, found = load(scene), wearer_of(scene)
    assert isinstance(found, Wearer), "a photo that was parsed is parsed again"
    areas = [np.isin(labels, CLOTHES) for labels in (found.body.labels, shown.labels)]
    lower = "a dress" if score.label_lower is None else f"lower {score.label_lower:.3f}"
    words = f"{score.name}, {score.keypoint_px:.1f} px\nupper {score.label_upper:.3f}, {lower}"
    return Cell(words, differing(shown.rgb, areas[0], areas[1]))


def _item(score: ItemScore, scene: Scene, cutout: Cutout | Refused) -> Cell:
    shown = load(scene)
    assert isinstance(cutout, Cutout), "a garment that was cut out is cut out again"
    picture = differing(shown.rgb, cutout.alpha > 127, shown.alpha > 127)
    return Cell(f"{score.piece}\nalpha IoU {score.alpha_iou:.3f}", picture)


def _hopeless(example: Example) -> Cell:
    picture = example.picture([load(scene) for scene in example.scenes], example.number)
    return Cell(f"accepted:\n{example.kind}", picture)
