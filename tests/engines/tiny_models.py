"""Tiny checkpoints of every engine, in the published layouts, and a stand-in for Apple's package."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.engines import catvton_tiny, grounding_dino_tiny, human_parser_tiny, sharp_tiny

USER = "u1"
"""The person of the sample catalogue whom the tiny parser knows."""
COLOUR = (150, 60, 60)
"""What the tiny painter paints."""
BOX = (0.5, 0.5, 0.8, 0.7)
"""Where the tiny detector sees a garment in any photo."""


def write_all(root: Path) -> Path:
    grounding_dino_tiny.write_tiny(root / "grounding-dino-tiny", box=BOX)
    human_parser_tiny.write_tiny(root, human_parser_tiny.catalogue_person(USER))
    catvton_tiny.write_tiny(root, paint=COLOUR)
    sharp_tiny.write_tiny(root)
    return root


def install_sharp(patch: pytest.MonkeyPatch) -> None:
    """Apple's package as far as the engine calls it."""
    package, module = ModuleType("sharp"), ModuleType("sharp.models")
    module.__dict__["PredictorParams"] = object
    module.__dict__["create_predictor"] = lambda params: sharp_tiny.TinyPredictor()
    patch.setitem(sys.modules, "sharp", package)
    patch.setitem(sys.modules, "sharp.models", module)
