"""Self-Correction for Human Parsing (Li et al. 2020, arXiv 1910.09777) in the layout of its published ONNX files:
ResNet-101 with a dilated last stage, pyramid pooling, a decoder and an edge branch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bench.parser_nets.graph import Graph

BLOCKS = (3, 4, 23, 3)
ACT = "LeakyRelu"


def build(graph: Graph, side: int, script: NDArray[np.float32]) -> dict[str, str]:
    """script: float32 [1, classes, side / 4, side / 4], added to the almost silent answer of the last layer."""
    images = graph.input("input.1", (1, 3, side, side))
    first, second, third, fourth = _resnet(graph, images)
    context = _pyramid(graph, fourth)
    classes = script.shape[1]
    parsing, features = _decoder(graph, context, first, classes)
    edge, edge_features = _edges(graph, first, second, third)
    fusion = graph.conv(graph.join([features, edge_features]), 256, act=ACT)
    fusion = graph.conv(fusion, classes, gain=1e-6)
    return {"parsing": parsing, "fusion": graph.sum(fusion, graph.constant(script)), "edge": edge}


def _resnet(graph: Graph, images: str) -> list[str]:
    x = graph.conv(images, 64, 3, 2, act="Relu")
    x = graph.conv(graph.conv(x, 64, 3, act="Relu"), 128, 3, act="Relu")
    _, depth, height, width = graph.shapes[x]
    pooled = (1, depth, -(-height // 2), -(-width // 2))
    x = graph.add("MaxPool", [x], pooled, kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
    stages = []
    for index, blocks in enumerate(BLOCKS):
        for block in range(blocks):
            stride = 2 if block == 0 and index in (1, 2) else 1
            x = _bottleneck(graph, x, 64 * 2**index, stride, 2 if index == 3 else 1, block == 0)
        stages.append(x)
    return stages


def _bottleneck(graph: Graph, x: str, channels: int, stride: int, dilation: int, first: bool) -> str:
    inner = graph.conv(x, channels, act="Relu")
    inner = graph.conv(inner, channels, 3, stride, dilation, act="Relu")
    # Thirty-three residual sums without normalisation would overflow at full gain.
    inner = graph.conv(inner, 4 * channels, gain=0.3)
    past = graph.conv(x, 4 * channels, 1, stride, gain=0.7) if first else x
    return graph.activate(graph.sum(inner, past), "Relu")


def _pyramid(graph: Graph, x: str) -> str:
    """Averages over 1, 2x2, 3x3 and 6x6 cells beside the features."""
    _, depth, height, width = graph.shapes[x]
    parts = []
    for cells in (1, 2, 3, 6):
        step = height // cells
        kernel = height - (cells - 1) * step
        pooled = graph.add(
            "AveragePool", [x], (1, depth, cells, cells), kernel_shape=[kernel] * 2, strides=[step] * 2
        )
        parts.append(graph.resize(graph.conv(pooled, 512, act=ACT), height, width))
    return graph.conv(graph.join([*parts, x]), 512, 3, act=ACT)


def _decoder(graph: Graph, context: str, first: str, classes: int) -> tuple[str, str]:
    _, _, height, width = graph.shapes[first]
    wide = graph.resize(graph.conv(context, 256, act=ACT), height, width)
    x = graph.join([wide, graph.conv(first, 48, act=ACT)])
    x = graph.conv(graph.conv(x, 256, act=ACT), 256, act=ACT)
    return graph.conv(x, classes), x


def _edges(graph: Graph, *stages: str) -> tuple[str, str]:
    _, _, height, width = graph.shapes[stages[0]]
    features = [graph.conv(stage, 256, act=ACT) for stage in stages]
    edges = [graph.resize(graph.conv(feature, 2, 3), height, width) for feature in features]
    wide = [graph.resize(feature, height, width) for feature in features]
    return graph.conv(graph.join(edges), 2), graph.join(wide)
