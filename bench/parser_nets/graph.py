"""A small builder of ONNX graphs that counts parameters and multiply-adds while it writes random weights."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Shape = tuple[int, ...]
Values = NDArray[np.float32] | NDArray[np.int64]


class Graph:
    """Tensors are named by strings; `shapes` knows each one's shape, with 1 for the batch.

    seed: None only counts, so that a net of 67 million parameters is measured without making them.
    """

    def __init__(self, name: str, seed: int | None = 0) -> None:
        self._name, self._rng = name, None if seed is None else np.random.default_rng(seed)
        self._nodes: list[Any] = []
        self._weights: list[Any] = []
        self._inputs: list[Any] = []
        self.shapes: dict[str, Shape] = {}
        self.parameters = self.flop = 0

    def input(self, name: str, shape: Sequence[int | str]) -> str:
        """A string in the shape is an axis of any length, counted as 1."""
        self._inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape)))
        self.shapes[name] = tuple(1 if isinstance(size, str) else size for size in shape)
        return name

    def add(self, kind: str, inputs: Sequence[str], shape: Shape, **attributes: Any) -> str:
        name = f"{kind.lower()}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        self.shapes[name] = shape
        return name

    def constant(self, values: Values) -> str:
        name = f"weight_{len(self.shapes)}"
        self.shapes[name] = tuple(values.shape)
        self._weights.append(numpy_helper.from_array(values, name))
        return name

    def random(self, shape: Shape, deviation: float) -> str:
        """Normally distributed parameters."""
        self.parameters += int(np.prod(shape))
        if self._rng is None:
            name = f"weight_{len(self.shapes)}"
            self.shapes[name] = shape
            return name
        values = self._rng.standard_normal(shape, dtype=np.float32)
        values *= np.float32(deviation)
        return self.constant(values)

    def conv(
        self,
        x: str,
        channels: int,
        kernel: int = 1,
        stride: int = 1,
        dilation: int = 1,
        groups: int = 1,
        act: str | None = None,
        gain: float = 1.0,
    ) -> str:
        """A convolution with a bias that keeps its input's size over the stride. gain: over that of He et al."""
        _, depth, height, width = self.shapes[x]
        inner = depth // groups * kernel * kernel
        pad = dilation * (kernel - 1) // 2
        size = (1, channels, -(-height // stride), -(-width // stride))
        self.flop += 2 * inner * int(np.prod(size))
        weight = self.random((channels, depth // groups, kernel, kernel), gain * (2 / inner) ** 0.5)
        attributes = {
            "strides": [stride] * 2,
            "dilations": [dilation] * 2,
            "pads": [pad] * 4,
            "group": groups,
        }
        out = self.add("Conv", [x, weight, self.random((channels,), 0.01 * gain)], size, **attributes)
        return out if act is None else self.activate(out, act)

    def activate(self, x: str, act: str) -> str:
        shape = self.shapes[x]
        if act == "Silu":
            return self.add("Mul", [x, self.add("Sigmoid", [x], shape)], shape)
        slope = {"alpha": 0.01} if act == "LeakyRelu" else {}
        return self.add(act, [x], shape, **slope)

    def matmul(self, x: str, other: str) -> str:
        ours, theirs = self.shapes[x], self.shapes[other]
        shape = (*ours[:-1], theirs[-1])
        self.flop += 2 * int(np.prod(shape)) * ours[-1]
        return self.add("MatMul", [x, other], shape)

    def sum(self, x: str, other: str) -> str:
        return self.add("Add", [x, other], self.shapes[x])

    def join(self, tensors: Sequence[str], axis: int = 1) -> str:
        shape = list(self.shapes[tensors[0]])
        shape[axis] = sum(self.shapes[tensor][axis] for tensor in tensors)
        return self.add("Concat", tensors, tuple(shape), axis=axis)

    def split(self, x: str, sizes: str, widths: Sequence[int]) -> list[str]:
        """Along the last axis; sizes: the constant tensor of `widths`."""
        names = [f"split_{len(self._nodes)}_{index}" for index in range(len(widths))]
        self._nodes.append(helper.make_node("Split", [x, sizes], names, axis=-1))
        for name, width in zip(names, widths, strict=True):
            self.shapes[name] = (*self.shapes[x][:-1], width)
        return names

    def resize(self, x: str, height: int, width: int) -> str:
        """Bilinear with aligned corners."""
        shape = (*self.shapes[x][:2], height, width)
        sizes = self.constant(np.array(shape, np.int64))
        attributes = {"mode": "linear", "coordinate_transformation_mode": "align_corners"}
        return self.add("Resize", [x, "", "", sizes], shape, **attributes)

    def save(self, path: Path, outputs: dict[str, str], batch: int | str = 1) -> None:
        """outputs: published name -> tensor. batch: of the outputs' first axis, as declared."""
        assert self._rng is not None, "a graph without a seed only counts"
        for name, tensor in outputs.items():
            self._nodes.append(helper.make_node("Identity", [tensor], [name]))
        declared = [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, [batch, *self.shapes[tensor][1:]])
            for name, tensor in outputs.items()
        ]
        graph = helper.make_graph(self._nodes, self._name, self._inputs, declared, self._weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        path.parent.mkdir(parents=True, exist_ok=True)
        onnx.save(model, path)
