"""Detector with Grounding DINO or MM-Grounding-DINO, by transformers: boxes for described garments."""

from tryon.engines.grounding_dino.engine import GroundingDino
from tryon.engines.grounding_dino.models import MODELS
from tryon.engines.grounding_dino.select import Limits

__all__ = ["MODELS", "GroundingDino", "Limits"]
