"""One outfit a person: patches of another garment go to the garments that most pixels show."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tryon.core.anatomy import Atr
from tryon.engines.studio_parser.outfit import one_outfit


def logits(labels: Sequence[int], lead: float = 3.0) -> NDArray[np.float32]:
    """[18, 1, n]: each pixel's label leads by `lead`."""
    made = np.zeros((18, 1, len(labels)), np.float32)
    made[list(labels), 0, range(len(labels))] = lead
    return made


def best(values: NDArray[np.float32]) -> list[int]:
    return [int(label) for label in one_outfit(values).argmax(0)[0]]


def test_a_patch_of_dress_in_a_top_is_top() -> None:
    found = logits([Atr.UPPER] * 6 + [Atr.PANTS] * 5 + [Atr.DRESS] * 2)
    found[Atr.UPPER, 0, 11] = found[Atr.PANTS, 0, 12] = 1.0
    assert best(found) == [Atr.UPPER] * 6 + [Atr.PANTS] * 5 + [Atr.UPPER, Atr.PANTS]


def test_a_dress_is_one_dress() -> None:
    assert best(logits([Atr.DRESS] * 6 + [Atr.SKIRT] * 3 + [Atr.UPPER] * 2)) == [Atr.DRESS] * 11


def test_a_lower_garment_is_a_skirt_or_trousers() -> None:
    found = logits([Atr.UPPER] * 4 + [Atr.SKIRT] * 4 + [Atr.PANTS] * 2)
    found[Atr.SKIRT, 0, 8:] = 1.0
    assert best(found) == [Atr.UPPER] * 4 + [Atr.SKIRT] * 6


def test_what_is_no_cloth_stays() -> None:
    labels = [Atr.HAIR, Atr.FACE, 0, Atr.LEFT_SHOE, Atr.UPPER, Atr.PANTS]
    assert best(logits(labels)) == labels
    assert best(logits([0, Atr.FACE])) == [0, Atr.FACE]


def test_the_input_is_left_alone() -> None:
    found = logits([Atr.UPPER, Atr.UPPER, Atr.DRESS])
    before = found.copy()
    one_outfit(found)
    assert np.array_equal(found, before)
