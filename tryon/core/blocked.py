"""What stands in the way of an outfit without a verdict, from what is known of all that it is made from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tryon.core.differences import label
from tryon.core.explanation import Cause, Made
from tryon.core.failures import is_consequence
from tryon.core.wanted import Product


class Block(NamedTuple):
    """product: where to look. reason: a sentence."""

    cause: Cause
    product: Product
    reason: str


def blocked(made: Sequence[Made]) -> Block:
    """The first thing, root before consequence. made: each after what it needs; the last one has no record."""
    refused = next((m for m in made if m.reason), None)
    if refused:
        return Block(
            Cause.INPUT_REFUSED, refused.product, f"{label(refused.product)} was refused: {refused.reason}"
        )
    return _failed(made) or _missing(made)


def _failed(made: Sequence[Made]) -> Block | None:
    """The newest failure among what is missing, since a run that stops never comes to what is made later; but not
    one that only says that something was missing."""
    found = [(m.product, m.failure) for m in made if m.failure]
    if not found:
        return None
    product, last = max(found, key=lambda pair: (not is_consequence(pair[1]), pair[1].timestamp))
    return Block(Cause.FAILED, product, f"{label(product)} failed at {last.timestamp}: {last.message}")


def _missing(made: Sequence[Made]) -> Block:
    root = next(m for m in made if m.record is None).product
    if root is not made[-1].product:
        return Block(Cause.INPUT_MISSING, root, f"{label(root)} is not made yet")
    return Block(Cause.NOT_MADE, root, "it has not been generated yet")
