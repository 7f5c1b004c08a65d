"""Trains the body net on a folder of shards and writes the ONNX file with its card."""

from __future__ import annotations

import logging
import math
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from studio.augment import Batch, vary
from studio.dataset import SHARD
from studio.export import export
from studio.labels import CLASSES, HAIR, LEFT_ARM, LEFT_LEG, LEFT_SHOE, RIGHT_ARM, RIGHT_LEG, RIGHT_SHOE
from studio.net import CELL, HEIGHT, WIDTH, BodyGraph, BodyNet, cell_chances, soft_argmax
from studio.scores import Scores, score

log = logging.getLogger(__name__)

BATCH = 12
# Renders kept apart for the card: the last two shards.
HELD_OUT = 2 * SHARD
_PEAK_RATE = 4e-3
# Standard deviation of a keypoint's target, in pixels.
_SIGMA = 3.5


def train_body(folder: Path, steps: int, seed: int) -> None:
    """Train for `steps` batches on one thread, seeded, and write tryon/engines/weights/body.*."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    random = torch.Generator().manual_seed(seed)
    data = load(folder)
    count = len(data.image) - HELD_OUT
    # Channels last: pointwise convolutions run twice as fast on a CPU.
    net = BodyNet().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    log.info("%d parameters, %d renders", sum(p.numel() for p in net.parameters()), count)
    optimizer = torch.optim.AdamW(net.parameters(), _PEAK_RATE, weight_decay=1e-4)
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = rate(step, steps)
        batch = vary(_pick(data, torch.randint(0, count, (BATCH,), generator=random)), random)
        loss = losses(net, batch)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        if step % 100 == 99:
            log.info("step %d loss %.3f", step + 1, loss.item())
        if step % 500 == 499 and step + 1 < steps:
            log.info("%s", held_out(net, data))
            net.train()
    export(net, held_out(net, data), seed=seed, renders=count, steps=steps)


def load(folder: Path) -> Batch:
    """Every shard of a folder; the picture stays uint8 [n, 3, h, w] until it is picked."""
    paths = sorted(folder.glob("shard-*.npz"))
    if len(paths) * SHARD <= HELD_OUT:
        raise ValueError(f"{folder} has {len(paths)} shards; make at least 3 with `python -m studio dataset`")
    shards = [np.load(path) for path in paths]
    return Batch(
        image=torch.from_numpy(np.concatenate([s["rgb"] for s in shards])).permute(0, 3, 1, 2),
        labels=torch.from_numpy(np.concatenate([s["labels"] for s in shards])),
        keypoints=torch.from_numpy(np.concatenate([s["keypoints"] for s in shards])),
    )


def rate(step: int, steps: int) -> float:
    """Learning rate: 60 steps of warm-up, then half a cosine."""
    return _PEAK_RATE * min(1.0, (step + 1) / 60) * (0.5 + 0.5 * math.cos(math.pi * step / steps)) + 1e-5


def losses(net: BodyNet, batch: Batch) -> Tensor:
    """Cross-entropy of labels and of keypoint cells, plus 0.02 x smooth L1 of the expected positions (px)."""
    labels, heat = net(batch.image)
    seen = batch.keypoints[..., 2] > 0
    target = cell_targets(batch.keypoints)
    cells = -(target * heat.flatten(2).log_softmax(dim=2)).sum(dim=2).mean()
    where = soft_argmax(cell_chances(heat))[seen]
    pixels = functional.smooth_l1_loss(where, batch.keypoints[..., :2][seen])
    parts = label_loss(labels, batch.labels)
    total: Tensor = parts + 0.05 * cells + 0.02 * pixels
    return total


def label_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy of logits [n, 18, h / 2, w / 2] against the four pixels of each cell of labels [n, h, w].

    The same as against the share of each label in the cell, so edges stay finer than the logits; four times
    as fast as enlarging the logits first.
    """
    chance, weights = logits.log_softmax(dim=1), _class_weights()
    corners = [(0, 0), (0, 1), (1, 0), (1, 1)]
    parts = [functional.nll_loss(chance, labels[:, y::2, x::2], weight=weights) for y, x in corners]
    return torch.stack(parts).mean()


def cell_targets(keypoints: Tensor) -> Tensor:
    """Chances [n, 19, 64 * 48]: a Gaussian around each keypoint, or all cells alike out of the frame."""
    x = (torch.arange(WIDTH // CELL) + 0.5) * CELL - keypoints[..., 0:1]
    y = (torch.arange(HEIGHT // CELL) + 0.5) * CELL - keypoints[..., 1:2]
    spread = 2.0 * _SIGMA**2
    peak = (-(y * y) / spread).softmax(2)[..., None] * (-(x * x) / spread).softmax(2)[..., None, :]
    cells = peak.flatten(2)
    return torch.where(keypoints[..., 2:3] > 0, cells, torch.full_like(cells, 1.0 / cells.shape[2]))


def held_out(net: BodyNet, data: Batch) -> Scores:
    """Scores on the renders that were kept apart."""
    graph = BodyGraph(net).eval()
    labels, points = [], []
    with torch.no_grad():
        for part in torch.arange(len(data.image) - HELD_OUT, len(data.image)).reshape(-1, 20):
            logits, found = graph(_pick(data, part).image)
            labels.append(logits.argmax(1).numpy())
            points.append(found.numpy())
    truth = data.labels[-HELD_OUT:].numpy(), data.keypoints[-HELD_OUT:].numpy()
    return score(np.concatenate(labels), np.concatenate(points), *truth)


def _pick(data: Batch, index: Tensor) -> Batch:
    """The renders at index [n], the picture scaled to [0, 1]."""
    return Batch(data.image[index].float() / 255.0, data.labels[index].long(), data.keypoints[index])


def _class_weights() -> Tensor:
    """Small parts count 1.5 times, or hair and shoes are learnt last."""
    weights = torch.ones(CLASSES)
    weights[[HAIR, LEFT_SHOE, RIGHT_SHOE, LEFT_ARM, RIGHT_ARM, LEFT_LEG, RIGHT_LEG]] = 1.5
    return weights
