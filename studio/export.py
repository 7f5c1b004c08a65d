"""Writes the trained net: body.onnx and body.json, the card that describes and pins it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from studio.labels import KEYPOINTS
from studio.net import HEIGHT, WIDTH, BodyGraph, BodyNet
from studio.scores import NAMES, Scores

WEIGHTS = Path(__file__).parents[1] / "tryon" / "engines" / "weights"
# The newest operator set that the project's oldest supported onnxruntime reads without warnings.
OPSET = 17
# Smaller tensors stay float32: there is nothing to save.
_HALVED = 256


def export(net: BodyNet, scores: Scores, folder: Path = WEIGHTS, **training: int) -> None:
    """Write body.onnx and its card body.json into `folder`. training: what the card tells of it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "body.onnx"
    path.write_bytes(halved(graph_of(net, path)))
    card = {
        "name": "body",
        "revision": "3",
        "licence": "Apache-2.0",
        "file": path.name,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "bytes": path.stat().st_size,
        "opset": OPSET,
        "input": {"image": f"float32 [1, 3, {HEIGHT}, {WIDTH}], RGB (sRGB-encoded) in [0, 1]"},
        "outputs": {
            "labels": f"float32 [1, 18, {HEIGHT}, {WIDTH}], logits of the ATR classes; "
            "left and right are the person's",
            "keypoints": "float32 [1, 19, 3], x and y in input pixels (the centre of the first pixel is at 0.5) "
            "and a score in [0, 1]: the probability within 5 x 5 cells of 4 px around the likeliest place",
            "depth": f"float32 [1, {HEIGHT}, {WIDTH}], input pixels further from the camera than some plane, on the "
            "person; beside it no depth at all",
        },
        "labels": {str(label): name for label, name in NAMES.items()},
        "keypoints": list(KEYPOINTS),
        "training": {"data": "renders of studio/", **training},
        "held_out": dataclasses.asdict(scores),
    }
    (folder / "body.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")


def graph_of(net: BodyNet, path: Path) -> onnx.ModelProto:
    """The net as it is used, also written to `path`: batch norms folded in, keypoints as coordinates."""
    with warnings.catch_warnings():
        # The TorchScript exporter is deprecated, but the new one needs onnxscript and cannot write opset 17.
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            BodyGraph(net).eval(),
            (torch.zeros(1, 3, HEIGHT, WIDTH),),
            str(path),
            input_names=["image"],
            output_names=["labels", "keypoints", "depth"],
            opset_version=OPSET,
            dynamo=False,
        )
    return onnx.load(path)


def halved(model: onnx.ModelProto) -> bytes:
    """The model with its weights stored as float16, half the bytes; it computes in float32 as before.

    The runtime casts them once, when it loads the file.
    """
    for weight in list(model.graph.initializer):
        values = numpy_helper.to_array(weight)
        if values.dtype != np.float32 or values.size < _HALVED:
            continue
        stored = numpy_helper.from_array(values.astype(np.float16), f"{weight.name}.half")
        cast = onnx.helper.make_node("Cast", [stored.name], [weight.name], to=onnx.TensorProto.FLOAT)
        model.graph.initializer.remove(weight)
        model.graph.initializer.append(stored)
        model.graph.node.insert(0, cast)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())
