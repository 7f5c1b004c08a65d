"""From what an analyzer saw to phrases a text encoder can be asked for, without any model.

Grounding DINO separates the phrases of a prompt by full stops and by question marks (the tokens `.` and `?`, see
SPECIAL_TOKENS of its implementation in transformers), so neither may stand in a phrase.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tryon.core.ports import SeenGarment

Spans = Callable[[str], Sequence[tuple[int, int]]]
"""Where each token of a text begins and ends, in characters, special tokens left out."""

LONGEST = 24
"""Tokens of one phrase; descriptions have 2 to 8, and what is longer was not written for a detector."""

_NO_WORD = re.compile(r"[^\w'-]|_")


@dataclass(frozen=True, slots=True)
class Question:
    """What one photo is searched for.

    phrases: different from each other; first those of wanted garments, then those of everything else.
    wanted: how many of them garments want. asked: of each garment, the place of its phrase; None without words.
    """

    phrases: tuple[str, ...]
    wanted: int
    asked: tuple[int | None, ...]

    @property
    def alone(self) -> bool:
        """Nothing else is known to be in the photo."""
        return len(self.asked) == 1 and len(self.phrases) == 1


def clean(text: str) -> str:
    """Lower-case words parted by single spaces; letters, digits, hyphens and apostrophes stay.

    >>> clean(" A “V-neck” shirt, men's. (blue?) ")
    "a v-neck shirt men's blue"
    """
    plain = _NO_WORD.sub(" ", unicodedata.normalize("NFKC", text).lower())
    words = [word.strip("-'") for word in plain.split()]
    return " ".join(word for word in words if word)


def ask(seen: Sequence[SeenGarment], others: Sequence[str], spans: Spans) -> Question:
    """One phrase may be asked for by several garments. What is wanted cannot distract as well."""
    asked = [_phrase(garment.phrase, spans) for garment in seen]
    wanted = list(dict.fromkeys(phrase for phrase in asked if phrase))
    rest = dict.fromkeys(_phrase(other, spans) for other in others)
    phrases = [*wanted, *(phrase for phrase in rest if phrase and phrase not in wanted)]
    places = tuple(phrases.index(phrase) if phrase else None for phrase in asked)
    return Question(tuple(phrases), len(wanted), places)


def _phrase(text: str, spans: Spans) -> str:
    """Empty when the text encoder would see nothing of it."""
    phrase = clean(text)
    tokens = spans(phrase) if phrase else ()
    if not tokens:
        return ""
    return clean(phrase[: tokens[LONGEST - 1][1]]) if len(tokens) > LONGEST else phrase
