"""From everything the model saw to what is cropped: plain rules, the same for every photo.

What is not clearly there is not cropped: a refusal costs a better photo, a wrong crop a wrong try-on for everybody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tryon.core.ports import Analysis, SeenGarment
from tryon.core.words import Category, Refused
from tryon.engines.openai_vision.answer import Kind, Layer, PhotoAnswer, SeenItem, Visibility
from tryon.engines.openai_vision.keywords import category_of

DOUBT = 0.5
"""Weight of an item of whose nouns one speaks against its category: something surer goes before it."""
PARTLY_SEEN = 0.5
"""Weight of an item of which a good part is missing."""
CLEARLY = 1.5
"""With several people, how far the chosen one must outweigh the next: else it is a guess whose garment is meant."""

LEAST_SHARE = 0.02
"""Of the photo, below which a garment for the body is only an edge, whatever the model calls it."""

MOST_WORDS = 8
"""Of a phrase; a detector's text is short. The last ones hold the noun."""

_DEPTH = {Layer.INNER: 0, Layer.MID: 1, Layer.OUTER: 2}
_COVERED_BY = {
    Category.TOPS: {Category.TOPS, Category.DRESS},
    Category.BOTTOMS: {Category.BOTTOMS, Category.DRESS},
    Category.DRESS: {Category.DRESS},
}
"""What can hide most of it. A jacket over a dress leaves the dress to be seen."""


@dataclass(frozen=True)
class Candidate:
    """category: None for what no category is offered for, or what is not certain to be in one."""

    item: SeenItem
    category: Category | None
    doubtful: bool = False

    @property
    def weight(self) -> float:
        doubt = DOUBT if self.doubtful else 1.0
        seen = 1.0 if self.item.visibility is Visibility.FULL else PARTLY_SEEN
        return self.item.prominence * doubt * seen


def choose(answer: PhotoAnswer, declared: Sequence[Category]) -> Analysis | Refused:
    """One garment a declared category, the categories in their order; one that is not clearly there is left out."""
    seen = [settle(item) for item in answer.items]
    if not answer.is_fashion and not any(candidate.category for candidate in seen):
        return Refused(
            "not_fashion", "the photo shows nothing that can be worn or carried; upload a product photo"
        )
    chosen: dict[Category, Candidate] = {}
    for category in declared:
        ranked = sorted(_croppable(seen, category), key=lambda one: -one.weight)
        if answer.people > 1 and _is_a_guess(ranked):
            return Refused(
                "several_people",
                f"{answer.people} people wear different {category}, and it is not clear whose is meant; use a photo "
                "of one of them",
            )
        if ranked:
            chosen[category] = ranked[0]
    return _named(chosen, seen)


def settle(item: SeenItem) -> Candidate:
    """The model's category, unless its own nouns agree on another one.

    "other" gives way to any noun that is known. A category gives way when label and subtype both name the same other
    one. Where no noun speaks for it and one against it, nobody knows: the item is not offered for any. Where one
    speaks for it and the other against it, it is doubtful.
    """
    said = _said(item)
    nouns = {noun for noun in (category_of(item.label), category_of(item.subtype)) if noun}
    if not nouns or nouns == {said}:
        return Candidate(item, said)
    if len(nouns) == 1 and (said is None or _both(item)):
        return Candidate(item, nouns.pop())
    return Candidate(item, said, doubtful=True) if said in nouns else Candidate(item, None)


def _said(item: SeenItem) -> Category | None:
    return None if item.category is Kind.OTHER else Category(item.category.value)


def _both(item: SeenItem) -> bool:
    return None not in (category_of(item.label), category_of(item.subtype))


def _croppable(seen: Sequence[Candidate], category: Category) -> Iterator[Candidate]:
    there = [one for one in seen if not _is_an_edge(one)]
    return (one for one in there if one.category is category and not _covered(one, there))


def _is_an_edge(one: Candidate) -> bool:
    small = one.category in _COVERED_BY and one.item.prominence < LEAST_SHARE
    return small or one.item.visibility is Visibility.SLIVER


def _covered(one: Candidate, there: Sequence[Candidate]) -> bool:
    """Under something that hides a good part of it: a box around it would show that instead."""
    if one.category not in _COVERED_BY or one.item.visibility is Visibility.FULL:
        return False
    near = [other for other in there if (other.category or _said(other.item)) in _COVERED_BY[one.category]]
    return any(_is_over(other.item.layer, one.item.layer) for other in near)


def _is_over(layer: Layer, under: Layer) -> bool:
    """What is worn next to the skin is under everything that is not."""
    if under is Layer.INNER:
        return layer is not Layer.INNER
    return layer in _DEPTH and under in _DEPTH and _DEPTH[layer] > _DEPTH[under]


def _is_a_guess(ranked: Sequence[Candidate]) -> bool:
    """Not when several people wear the same."""
    rivals = [one for one in ranked[1:] if one.item.label != ranked[0].item.label]
    return any(ranked[0].weight < CLEARLY * one.weight for one in rivals)


def _named(chosen: dict[Category, Candidate], seen: Sequence[Candidate]) -> Analysis:
    """With a phrase of its own for each garment; everything else by its phrase, once."""
    garments: list[SeenGarment] = []
    for category, one in chosen.items():
        taken = {garment.phrase for garment in garments}
        garments.append(
            SeenGarment(category, next(p for p in _phrases(one.item, category) if p not in taken))
        )
    taken = {garment.phrase for garment in garments}
    picked = {id(one) for one in chosen.values()}
    others = [next(_phrases(one.item)) for one in seen if id(one) not in picked]
    return Analysis(tuple(garments), tuple(dict.fromkeys(phrase for phrase in others if phrase not in taken)))


def _phrases(item: SeenItem, category: str = "") -> Iterator[str]:
    """The best first; in lower case and without what separates phrases. The last is unlike any other category's."""
    texts = (item.detection_phrase, item.label, f"{item.colour} {item.subtype}", f"{item.label} {category}")
    for text in texts:
        words = re.sub(r"[^\w'&/-]+", " ", text.lower()).split()
        if words:
            yield " ".join(words[-MOST_WORDS:])
