"""Who stands in front of the camera in an evaluation, and in what: a written list, and the looks made of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from studio.body import BodyShape
from studio.garments import Garment
from studio.subject import Looks
from tryon.core.words import Category

LOOKS_OF_A_PERSON = 3
"""Two of a top and a bottom, and one dress."""


@dataclass(frozen=True)
class Person:
    """One body with its skin, hair and shoes. name: a word for tables and sheets."""

    name: str
    shape: BodyShape
    looks: Looks


@dataclass(frozen=True)
class Piece:
    """One garment. kind: the row of the table per kind ("hoodie"); id: also the item's id in a try-on."""

    id: str
    kind: str
    category: Category
    cut: Garment


@dataclass(frozen=True)
class Outfit:
    """pieces: top first, as in tryon.core.words.Outfit."""

    pieces: tuple[Piece, ...]

    @property
    def id(self) -> str:
        return "+".join(piece.id for piece in self.pieces)

    @property
    def upper(self) -> Garment:
        return self.pieces[0].cut

    @property
    def lower(self) -> Garment | None:
        return self.pieces[1].cut if len(self.pieces) > 1 else None


@dataclass(frozen=True)
class Cast:
    """Everybody and everything of one evaluation. seeds: of backdrops, framings and poses; no training set, catalogue
    or other cast uses them, nor any of these bodies and garments."""

    name: str
    seeds: range
    people: tuple[Person, ...]
    pieces: tuple[Piece, ...]

    def of(self, category: Category) -> tuple[Piece, ...]:
        return tuple(piece for piece in self.pieces if piece.category is category)

    def outfit(self, number: int) -> Outfit:
        """Any number: every fifth is a dress, and tops and bottoms meet in ever new pairs."""
        tops, bottoms, dresses = self.of(Category.TOPS), self.of(Category.BOTTOMS), self.of(Category.DRESS)
        if number % 5 == 4:
            return Outfit((dresses[number // 5 % len(dresses)],))
        top, bottom = tops[number % len(tops)], bottoms[(number + number // len(tops)) % len(bottoms)]
        return Outfit((top, bottom))

    def worn(self, person: int) -> Outfit:
        """What a person wears on the photo that is dressed: nothing that the looks of that person show."""
        tried = {piece.id for look in self.looks(person) for piece in look.pieces}
        numbers = (5 * person + step for step in range(1, 5 * len(self.pieces)))
        for number in numbers:
            outfit = self.outfit(number)
            if not tried.intersection(piece.id for piece in outfit.pieces):
                return outfit
        raise ValueError(
            f"the cast {self.name!r} has too few garments for {LOOKS_OF_A_PERSON} looks and one more"
        )

    def looks(self, person: int) -> Iterator[Outfit]:
        """What a person tries on."""
        tops, bottoms, dresses = self.of(Category.TOPS), self.of(Category.BOTTOMS), self.of(Category.DRESS)
        for k in range(LOOKS_OF_A_PERSON - 1):
            first = (LOOKS_OF_A_PERSON - 1) * person + k
            yield Outfit((tops[first % len(tops)], bottoms[(first + first // len(tops)) % len(bottoms)]))
        yield Outfit((dresses[person % len(dresses)],))

    @property
    def by_id(self) -> Mapping[str, Piece]:
        return {piece.id: piece for piece in self.pieces}
