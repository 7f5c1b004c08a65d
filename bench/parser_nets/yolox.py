"""YOLOX-L (Ge et al. 2021, arXiv 2107.08430) at 640x640 in the layout of DWPose's `yolox_l.onnx`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bench.parser_nets.graph import Graph

SIDE, CLASSES = 640, 80
STRIDES = (8, 16, 32)
ACT = "Silu"
QUIET = 1e-6
"""Gain of a last layer whose answer the script decides."""


def build(graph: Graph, script: NDArray[np.float32]) -> dict[str, str]:
    """script: float32 [1, 8400, 85], added to what the nearly silent last layers answer."""
    backbone = _backbone(graph, graph.input("images", (1, 3, SIDE, SIDE)))
    levels = [_head(graph, level) for level in _neck(graph, *backbone)]
    rows = graph.add("Transpose", [graph.join(levels, axis=2)], (1, script.shape[1], 85), perm=[0, 2, 1])
    return {"output": graph.sum(rows, graph.constant(script))}


def _backbone(graph: Graph, images: str) -> tuple[str, str, str]:
    """Features at strides 8, 16 and 32."""
    x = graph.conv(_focus(graph, images), 64, 3, act=ACT)
    x = _csp(graph, graph.conv(x, 128, 3, 2, act=ACT), 128, 3)
    third = _csp(graph, graph.conv(x, 256, 3, 2, act=ACT), 256, 9)
    fourth = _csp(graph, graph.conv(third, 512, 3, 2, act=ACT), 512, 9)
    x = _pyramid(graph, graph.conv(fourth, 1024, 3, 2, act=ACT))
    return third, fourth, _csp(graph, x, 1024, 3, shortcut=False)


def _focus(graph: Graph, images: str) -> str:
    """Every second pixel of every second row, four times, as channels."""
    parts = []
    for x in (0, 1):
        for y in (0, 1):
            start, end, axes, steps = (
                graph.constant(np.array(values, np.int64))
                for values in ((y, x), (SIDE, SIDE), (2, 3), (2, 2))
            )
            shape = (1, 3, SIDE // 2, SIDE // 2)
            parts.append(graph.add("Slice", [images, start, end, axes, steps], shape))
    return graph.join(parts)


def _csp(graph: Graph, x: str, channels: int, blocks: int, shortcut: bool = True) -> str:
    half = channels // 2
    main, side = graph.conv(x, half, act=ACT), graph.conv(x, half, act=ACT)
    for _ in range(blocks):
        inner = graph.conv(graph.conv(main, half, act=ACT), half, 3, act=ACT, gain=0.5 if shortcut else 1.0)
        main = graph.sum(inner, main) if shortcut else inner
    return graph.conv(graph.join([main, side]), channels, act=ACT)


def _pyramid(graph: Graph, x: str) -> str:
    """Spatial pyramid pooling."""
    x = graph.conv(x, 512, act=ACT)
    pools = [
        graph.add("MaxPool", [x], graph.shapes[x], kernel_shape=[k, k], pads=[k // 2] * 4) for k in (5, 9, 13)
    ]
    return graph.conv(graph.join([x, *pools]), 1024, act=ACT)


def _neck(graph: Graph, third: str, fourth: str, fifth: str) -> tuple[str, str, str]:
    top = graph.conv(fifth, 512, act=ACT)
    middle = _csp(graph, graph.join([_double(graph, top), fourth]), 512, 3, shortcut=False)
    middle = graph.conv(middle, 256, act=ACT)
    small = _csp(graph, graph.join([_double(graph, middle), third]), 256, 3, shortcut=False)
    down = graph.join([graph.conv(small, 256, 3, 2, act=ACT), middle])
    medium = _csp(graph, down, 512, 3, shortcut=False)
    down = graph.join([graph.conv(medium, 512, 3, 2, act=ACT), top])
    return small, medium, _csp(graph, down, 1024, 3, shortcut=False)


def _double(graph: Graph, x: str) -> str:
    _, depth, height, width = graph.shapes[x]
    scales = graph.constant(np.array([1, 1, 2, 2], np.float32))
    attributes = {
        "mode": "nearest",
        "coordinate_transformation_mode": "asymmetric",
        "nearest_mode": "floor",
    }
    return graph.add("Resize", [x, "", scales], (1, depth, 2 * height, 2 * width), **attributes)


def _head(graph: Graph, x: str) -> str:
    """[1, 85, cells]: box, objectness, classes; almost zero, so that the script decides."""
    x = graph.conv(x, 256, act=ACT)
    classes, boxes = x, x
    for _ in range(2):
        classes, boxes = graph.conv(classes, 256, 3, act=ACT), graph.conv(boxes, 256, 3, act=ACT)
    box, score = graph.conv(boxes, 4, gain=QUIET), graph.conv(boxes, 1, gain=QUIET)
    kind = graph.conv(classes, CLASSES, gain=QUIET)
    off = graph.constant(np.full((1, 1, 1, 1), -20, np.float32))
    scores = [graph.add("Sigmoid", [graph.sum(part, off)], graph.shapes[part]) for part in (score, kind)]
    joined = graph.join([box, *scores])
    _, _, height, width = graph.shapes[joined]
    flat = graph.constant(np.array([1, 85, height * width], np.int64))
    return graph.add("Reshape", [joined, flat], (1, 85, height * width))
