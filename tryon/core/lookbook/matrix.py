"""Tops x bottoms, dresses and singles of one person: what is there, and why something is not."""

from __future__ import annotations

from tryon.core.lookbook.views import CoverageMatrix
from tryon.core.pipeline import Pipeline


def coverage_matrix(pipeline: Pipeline, user_id: str, after: str = "") -> CoverageMatrix:
    """after: the `next` of the page before. Raises UnknownUpload, InvalidId, InvalidFilter."""
    raise NotImplementedError
