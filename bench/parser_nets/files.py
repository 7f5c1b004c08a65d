"""A model cache with all four nets in their published shapes and sizes, about 900 MB."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bench.null_engines import figure
from bench.parser_nets import dwpose, schp, script, yolox
from bench.parser_nets.graph import Graph
from tryon.core.ports import Body
from tryon.engines.human_parser.models import ATR_FILE, DETECTOR, DWPOSE, LIP_FILE, POSE, SCHP_ATR, SCHP_LIP

LIP_OF = np.array([0, 1, 2, 4, 5, 12, 9, 6, 9, 18, 19, 13, 16, 17, 14, 15, 0, 11], np.uint8)
"""ATR's labels in LIP's; a belt belongs to the trousers, and LIP knows no bag."""


def write_nets(root: Path, width: int, height: int) -> dict[str, float]:
    """Nets that find one drawn person in any photo of that size; GFLOP of one run each."""
    body = figure(width, height)
    person = script.Person.of(body)
    graphs = {name: Graph(name, seed) for seed, name in enumerate(("yolox_l", "dwpose_l", "atr", "lip"))}
    detector, pose, atr, lip = graphs.values()
    detector.save(root / DWPOSE.id / DETECTOR, yolox.build(detector, script.detections([person])))
    pose.save(root / DWPOSE.id / POSE, dwpose.build(pose, *script.pose(person)), batch="batch")
    parsing = schp.build(atr, 512, script.logits(body.labels, 18, 512))
    atr.save(root / SCHP_ATR.id / ATR_FILE, parsing)
    parsing = schp.build(lip, 473, script.logits(LIP_OF[body.labels], 20, 473))
    lip.save(root / SCHP_LIP.id / LIP_FILE, parsing)
    return {name: round(graph.flop / 1e9, 1) for name, graph in graphs.items()}


def count() -> dict[str, tuple[float, float]]:
    """Millions of parameters and GFLOP of each net, without making its weights."""
    counted = {name: Graph(name, None) for name in ("yolox_l", "dwpose_l", "atr", "lip")}
    detector, pose, atr, lip = counted.values()
    empty: Body = figure(90, 120)
    person = script.Person.of(empty)
    yolox.build(detector, script.detections([person]))
    dwpose.build(pose, *script.pose(person))
    schp.build(atr, 512, script.logits(empty.labels, 18, 512))
    schp.build(lip, 473, script.logits(empty.labels, 20, 473))
    return {name: (graph.parameters / 1e6, graph.flop / 1e9) for name, graph in counted.items()}
