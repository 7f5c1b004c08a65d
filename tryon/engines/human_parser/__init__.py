"""Bodies of real people: DWPose's detector and pose net and the human parsers of SCHP."""

from tryon.engines.human_parser.models import MODELS
from tryon.engines.human_parser.parser import HumanParser

__all__ = ["MODELS", "HumanParser"]
