"""The net's answer in numbers -> how well each box fits each phrase.

The text labels that transformers offers join all tokens over a threshold, across phrases ("white shirt jeans"), and
cannot be mapped back; the columns of a phrase's own tokens can.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def columns(offsets: Sequence[tuple[int, int]], spans: Sequence[tuple[int, int]]) -> list[list[int]]:
    """For each phrase the tokens that lie within its characters. offsets: of each token, as fast tokenizers give
    them; special tokens and padding are empty and belong to nothing.

    >>> columns([(0, 0), (0, 5), (5, 6), (7, 12), (12, 13), (0, 0)], [(0, 5), (7, 12)])
    [[1], [3]]
    """
    return [
        [i for i, (start, end) in enumerate(offsets) if begin <= start < end <= stop] for begin, stop in spans
    ]


def phrase_scores(logits: Floats, tokens: Sequence[Sequence[int]]) -> Floats:
    """float32 [boxes, phrases] in 0..1: the best token of each phrase, as the model's authors score a box.

    logits: [boxes, at least as many columns as tokens]; unused columns are -inf.
    """
    from scipy.special import expit  # here, so that few commands wait for scipy

    scores = np.zeros((len(logits), len(tokens)), np.float32)
    for place, own in enumerate(tokens):
        if own:
            scores[:, place] = expit(logits[:, list(own)].astype(np.float32)).max(axis=1)
    return scores


def corners(boxes: Floats, size: tuple[int, int]) -> Floats:
    """[N, 4] (centre x, centre y, width, height) in shares of the photo -> (left, top, right, bottom) in pixels,
    clipped to the photo of `size` (width, height)."""
    centre, half = boxes[:, :2], boxes[:, 2:] / 2
    shares = np.concatenate([centre - half, centre + half], axis=1)
    return np.asarray(shares.clip(0, 1) * np.array([*size, *size], np.float32), np.float32)
