"""What the body net is trained to make small."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from studio.augment import Batch
from studio.labels import CLASSES, HAIR, LEFT_ARM, LEFT_LEG, LEFT_SHOE, RIGHT_ARM, RIGHT_LEG, RIGHT_SHOE
from studio.net import CELL, BodyNet, cell_chances, soft_argmax

# Standard deviation of a keypoint's target, in pixels.
_SIGMA = 3.5
# Weights next to the labels' cross-entropy, found on short runs.
_OVERLAP, _CELLS, _PIXELS, _DEPTHS = 0.3, 0.05, 0.02, 0.02


def losses(net: BodyNet, batch: Batch) -> Tensor:
    """Cross-entropy and overlap of labels, cross-entropy of keypoint cells, smooth L1 of expected positions
    and depths (px).
    """
    labels, heat, depth = net(batch.image)
    seen = batch.keypoints[..., 2] > 0
    target = cell_targets(batch.keypoints, heat.shape[2], heat.shape[3])
    cells = -(target * heat.flatten(2).log_softmax(dim=2)).sum(dim=2).mean()
    where = soft_argmax(cell_chances(heat))[seen]
    pixels = functional.smooth_l1_loss(where, batch.keypoints[..., :2][seen])
    depths = depth_loss(depth, batch)
    total: Tensor = label_loss(labels, batch.labels) + _CELLS * cells + _PIXELS * pixels + _DEPTHS * depths
    return total


def label_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy and soft Dice of logits [n, 18, h / 2, w / 2] against the four pixels of each cell of labels.

    Against the share of each label in the cell, so edges stay finer than the logits; four times as fast as
    enlarging the logits first.
    """
    log_chance, share = logits.log_softmax(dim=1), shares(labels)
    entropy = -(share * log_chance * _class_weights()[:, None, None]).sum(dim=1).mean()
    return entropy + _OVERLAP * overlap_loss(log_chance.exp(), share)


def depth_loss(depth: Tensor, batch: Batch) -> Tensor:
    """Smooth L1 (px) of depths [n, h / 4, w / 4] on the person of each picture, whatever the plane they start from."""
    middle = slice(CELL // 2, None, CELL)
    person = (batch.labels[:, middle, middle] > 0).to(depth.dtype)
    off = depth - batch.depth[:, middle, middle]
    each = person.sum(dim=(1, 2), keepdim=True).clamp(min=1.0)
    off = (off - (off * person).sum(dim=(1, 2), keepdim=True) / each) * person
    return (
        functional.smooth_l1_loss(off, torch.zeros_like(off), reduction="none").sum(dim=(1, 2))
        / each[:, 0, 0]
    ).mean()


def shares(labels: Tensor) -> Tensor:
    """[n, 18, h / 2, w / 2] in [0, 1]: how much of each cell of 2 x 2 pixels of labels [n, h, w] has each label."""
    share = torch.zeros(labels.shape[0], CLASSES, labels.shape[1] // 2, labels.shape[2] // 2)
    quarter = torch.full((), 0.25).expand(share.shape[0], 1, *share.shape[2:])
    for y, x in ((0, 0), (0, 1), (1, 0), (1, 1)):
        share.scatter_add_(1, labels[:, None, y::2, x::2], quarter)
    return share


def overlap_loss(chance: Tensor, share: Tensor) -> Tensor:
    """1 - Dice of each label over the batch, averaged over the labels that occur; both [n, 18, h, w].

    The cross-entropy hardly minds a hair or a shoe that is a third too small; this does.
    """
    both = (chance * share).sum(dim=(0, 2, 3))
    sizes = chance.sum(dim=(0, 2, 3)) + share.sum(dim=(0, 2, 3))
    occurs = share.sum(dim=(0, 2, 3)) > 0
    return (1.0 - 2.0 * both / sizes.clamp(min=1.0))[occurs].mean()


def cell_targets(keypoints: Tensor, rows: int, columns: int) -> Tensor:
    """Chances [n, 19, rows * columns]: a Gaussian around each keypoint, or all cells alike out of the frame."""
    x = (torch.arange(columns) + 0.5) * CELL - keypoints[..., 0:1]
    y = (torch.arange(rows) + 0.5) * CELL - keypoints[..., 1:2]
    spread = 2.0 * _SIGMA**2
    peak = (-(y * y) / spread).softmax(2)[..., None] * (-(x * x) / spread).softmax(2)[..., None, :]
    cells = peak.flatten(2)
    return torch.where(keypoints[..., 2:3] > 0, cells, torch.full_like(cells, 1.0 / cells.shape[2]))


def _class_weights() -> Tensor:
    """Small parts count 1.5 times, or hair and shoes are learnt last."""
    weights = torch.ones(CLASSES)
    weights[[HAIR, LEFT_SHOE, RIGHT_SHOE, LEFT_ARM, RIGHT_ARM, LEFT_LEG, RIGHT_LEG]] = 1.5
    return weights
