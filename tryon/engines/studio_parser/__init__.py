"""Studio parser: labels, joints and depths of one standing person, by a small net trained on renders. CPU.

parser.py runs body_net.py twice (closer.py; letterbox.py and outfit.py read its answer), asks the checks for reasons to
refuse (person_checks.py and what it lists, in order), and refines the labels at their edges (edges.py, settle.py).
"""

from tryon.engines.studio_parser.parser import WORK_SIDE, StudioParser

__all__ = ["WORK_SIDE", "StudioParser"]
