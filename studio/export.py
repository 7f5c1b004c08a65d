"""Writes the trained net: body.onnx and body.json, the card that describes and pins it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import warnings
from pathlib import Path

import torch

from studio.labels import KEYPOINTS
from studio.net import HEIGHT, WIDTH, BodyGraph, BodyNet
from studio.scores import NAMES, Scores

WEIGHTS = Path(__file__).parents[1] / "tryon" / "engines" / "weights"
# The newest operator set that the project's oldest supported onnxruntime reads without warnings.
OPSET = 17


def export(net: BodyNet, scores: Scores, *, seed: int, renders: int, steps: int) -> None:
    """Write body.onnx and its card body.json into tryon/engines/weights."""
    WEIGHTS.mkdir(parents=True, exist_ok=True)
    path = WEIGHTS / "body.onnx"
    with warnings.catch_warnings():
        # The TorchScript exporter is deprecated, but the new one needs onnxscript and cannot write opset 17.
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            BodyGraph(net).eval(),
            (torch.zeros(1, 3, HEIGHT, WIDTH),),
            str(path),
            input_names=["image"],
            output_names=["labels", "keypoints"],
            opset_version=OPSET,
            dynamo=False,
        )
    card = {
        "name": "body",
        "revision": "1",
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
        },
        "labels": {str(label): name for label, name in NAMES.items()},
        "keypoints": list(KEYPOINTS),
        "training": {"data": "renders of studio/", "seed": seed, "renders": renders, "steps": steps},
        "held_out": dataclasses.asdict(scores),
    }
    (WEIGHTS / "body.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
