"""DWPose-L at 384x288 in the layout of `dw-ll_ucoco_384.onnx`: CSPNeXt-L with an RTMCC head (RTMPose, Jiang et al.
2023, arXiv 2303.07399; DWPose, Yang et al. 2023, arXiv 2307.15880)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bench.parser_nets.graph import Graph

POINTS = 133
STAGES = ((128, 3), (256, 6), (512, 6), (1024, 3))
ACT = "Silu"
HIDDEN, GATED, SHARED = 256, 512, 128


def build(graph: Graph, across: NDArray[np.float32], down: NDArray[np.float32]) -> dict[str, str]:
    """across: float32 [1, 133, 576], down: [1, 133, 768]: added to the almost silent last layers."""
    x = graph.input("input", ("batch", 3, 384, 288))
    for channels, stride in ((32, 2), (32, 1), (64, 1)):
        x = graph.conv(x, channels, 3, stride, act=ACT)
    for index, (channels, blocks) in enumerate(STAGES):
        x = graph.conv(x, channels, 3, 2, act=ACT)
        x = _pyramid(graph, x) if index == 3 else x
        x = _csp(graph, x, channels, blocks, shortcut=index < 3)
    hidden = _gate(graph, _flat(graph, graph.conv(x, POINTS, 7)))
    simcc = [
        graph.sum(_linear(graph, hidden, script.shape[2], 1e-6), graph.constant(script))
        for script in (across, down)
    ]
    return {"simcc_x": simcc[0], "simcc_y": simcc[1]}


def _csp(graph: Graph, x: str, channels: int, blocks: int, shortcut: bool) -> str:
    half = channels // 2
    main, side = graph.conv(x, half, act=ACT), graph.conv(x, half, act=ACT)
    for _ in range(blocks):
        inner = graph.conv(graph.conv(main, half, 3, act=ACT), half, 5, groups=half, act=ACT)
        inner = graph.conv(inner, half, act=ACT, gain=0.5)
        main = graph.sum(inner, main) if shortcut else inner
    return graph.conv(_attention(graph, graph.join([main, side])), channels, act=ACT)


def _attention(graph: Graph, x: str) -> str:
    depth = graph.shapes[x][1]
    mean = graph.add("GlobalAveragePool", [x], (1, depth, 1, 1))
    weight = graph.add("HardSigmoid", [graph.conv(mean, depth)], (1, depth, 1, 1))
    return graph.add("Mul", [x, weight], graph.shapes[x])


def _pyramid(graph: Graph, x: str) -> str:
    x = graph.conv(x, 512, act=ACT)
    pools = [
        graph.add("MaxPool", [x], graph.shapes[x], kernel_shape=[k, k], pads=[k // 2] * 4) for k in (5, 9, 13)
    ]
    return graph.conv(graph.join([x, *pools]), 1024, act=ACT)


def _flat(graph: Graph, x: str) -> str:
    _, points, height, width = graph.shapes[x]
    shape = graph.constant(np.array([0, points, height * width], np.int64))
    return graph.add("Reshape", [x, shape], (1, points, height * width))


def _linear(graph: Graph, x: str, width: int, gain: float = 1.0) -> str:
    depth = graph.shapes[x][-1]
    return graph.matmul(x, graph.random((depth, width), gain * depth**-0.5))


def _scaled(graph: Graph, x: str) -> str:
    """ScaleNorm: divided by the row's length."""
    *rows, depth = graph.shapes[x]
    length = graph.add("ReduceL2", [x], (*rows, 1), axes=[-1], keepdims=1)
    least = graph.constant(np.array(1e-5, np.float32))
    root = graph.constant(np.array(depth**0.5, np.float32))
    divisor = graph.add("Max", [length, least], (*rows, 1))
    return graph.add("Mul", [graph.add("Div", [x, divisor], graph.shapes[x]), root], graph.shapes[x])


def _gate(graph: Graph, x: str) -> str:
    """A gated attention unit over the points (Hua et al. 2022, arXiv 2202.10447)."""
    x = _linear(graph, _scaled(graph, x), HIDDEN)
    mixed = graph.activate(_linear(graph, _scaled(graph, x), 2 * GATED + SHARED), ACT)
    sizes = graph.constant(np.array([GATED, GATED, SHARED], np.int64))
    gate, value, base = graph.split(mixed, sizes, (GATED, GATED, SHARED))
    query, key = (
        graph.add("Mul", [base, graph.random((SHARED,), 0.02)], graph.shapes[base]) for _ in range(2)
    )
    turned = graph.add("Transpose", [key], (1, SHARED, POINTS), perm=[0, 2, 1])
    scores = graph.activate(graph.matmul(query, turned), "Relu")
    weights = graph.add("Mul", [scores, scores], graph.shapes[scores])
    mixed = graph.add("Mul", [gate, graph.matmul(weights, value)], graph.shapes[gate])
    return graph.sum(_linear(graph, mixed, HIDDEN), x)
