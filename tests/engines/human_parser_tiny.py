"""Small nets in the published layout of DWPose and SCHP: names, shapes and dtypes of inputs and outputs are the
published ones, the layers between are two.

With a `Person` the nets answer what the published ones would answer for that one standing person.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bench.parser_nets import script
from bench.parser_nets.files import LIP_OF
from bench.parser_nets.graph import Graph
from bench.parser_nets.script import Person
from tryon.core.ports import Body, Pixels
from tryon.engines.human_parser.models import ATR_FILE, DETECTOR, DWPOSE, LIP_FILE, POSE, SCHP_ATR, SCHP_LIP

TRUTH = Path(__file__).parents[2] / "studio" / "catalogue" / "truth" / "users"
Array = NDArray[np.float32]


def catalogue_person(user: str = "u1") -> Person:
    """A person of the catalogue as the renderer knows them."""
    points = json.loads((TRUTH / f"{user}.keypoints.json").read_text())
    labels = np.array(Image.open(TRUTH / f"{user}.labels.png"))
    return Person.of(Body(labels, np.array(list(points.values()), np.float32)))


def write_tiny(
    folder: Path,
    person: Person | None = None,
    others: tuple[Person, ...] = (),
    lip: Pixels | None = None,
    seed: int = 0,
) -> Path:
    """Every file of the parser as `<folder>/<model id>/<file>`, for bench.local_models.LocalModels.

    person: the one that the nets describe, in a photo as large as its labels; None: random answers.
    others: more people for the detector. lip: what the second parser sees; None: the same as the first.
    """
    gain = 1.0 if person is None else 1e-9
    dwpose = folder / DWPOSE.id
    write_detector(dwpose / DETECTOR, script.detections([person, *others]) if person else None, gain, seed)
    write_pose(dwpose / POSE, script.pose(person) if person else None, gain, seed)
    labels = None if person is None else person.body.labels
    second = LIP_OF[labels] if lip is None and labels is not None else lip
    write_schp(folder / SCHP_ATR.id / ATR_FILE, labels, 18, 512, gain, seed)
    write_schp(folder / SCHP_LIP.id / LIP_FILE, second, 20, 473, gain, seed)
    return folder


def write_detector(path: Path, answer: Array | None, gain: float, seed: int = 0) -> None:
    graph = Graph("yolox", seed)
    images = graph.input("images", (1, 3, 640, 640))
    levels = [_flat(graph, graph.conv(_shrunk(graph, images, s), 85, gain=gain / 255)) for s in (8, 16, 32)]
    rows = graph.add("Transpose", [graph.join(levels, axis=2)], (1, 8400, 85), perm=[0, 2, 1])
    if answer is None:
        rows = graph.add("Sigmoid", [rows], (1, 8400, 85))
    graph.save(path, {"output": rows if answer is None else graph.sum(rows, graph.constant(answer))})


def write_pose(path: Path, answers: tuple[Array, Array] | None, gain: float, seed: int = 0) -> None:
    graph = Graph("dwpose", seed)
    crops = graph.input("input", ("batch", 3, 384, 288))
    points = _flat(graph, graph.conv(_shrunk(graph, crops, 32), 133))
    bins = [graph.matmul(points, graph.random((108, width), 0.1 * gain)) for width in (576, 768)]
    if answers is not None:
        bins = [graph.sum(part, graph.constant(answer)) for part, answer in zip(bins, answers, strict=True)]
    graph.save(path, {"simcc_x": bins[0], "simcc_y": bins[1]}, batch="batch")


def write_schp(
    path: Path, labels: Pixels | None, classes: int, side: int, gain: float, seed: int = 0
) -> None:
    """labels: uint8 [H, W] of the photo."""
    graph = Graph("schp", seed)
    cells = _shrunk(graph, graph.input("input.1", (1, 3, side, side)), 4)
    parsing, fusion, edge = (graph.conv(cells, depth, gain=gain) for depth in (classes, classes, 2))
    if labels is not None:
        fusion = graph.sum(fusion, graph.constant(script.logits(labels, classes, side)))
    graph.save(path, {"parsing": parsing, "fusion": fusion, "edge": edge})


def _shrunk(graph: Graph, x: str, step: int) -> str:
    """Averages of step x step pixels; a rest at the right or below counts too."""
    _, depth, height, width = graph.shapes[x]
    shape = (1, depth, -(-height // step), -(-width // step))
    return graph.add("AveragePool", [x], shape, kernel_shape=[step] * 2, strides=[step] * 2, ceil_mode=1)


def _flat(graph: Graph, x: str) -> str:
    _, depth, height, width = graph.shapes[x]
    shape = graph.constant(np.array([0, depth, height * width], np.int64))
    return graph.add("Reshape", [x, shape], (1, depth, height * width))
