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
_OVERLAP, _CELLS, _PIXELS = 0.3, 0.05, 0.02


def losses(net: BodyNet, batch: Batch) -> Tensor:
    """Cross-entropy and overlap of labels, cross-entropy of keypoint cells, smooth L1 of expected positions (px)."""
    labels, heat = net(batch.image)
    seen = batch.keypoints[..., 2] > 0
    target = cell_targets(batch.keypoints, heat.shape[2], heat.shape[3])
    cells = -(target * heat.flatten(2).log_softmax(dim=2)).sum(dim=2).mean()
    where = soft_argmax(cell_chances(heat))[seen]
    pixels = functional.smooth_l1_loss(where, batch.keypoints[..., :2][seen])
    total: Tensor = label_loss(labels, batch.labels) + _CELLS * cells + _PIXELS * pixels
    return total


def label_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy and soft Dice of logits [n, 18, h / 2, w / 2] against the four pixels of each cell of labels.

    Against the share of each label in the cell, so edges stay finer than the logits; four times as fast as
    enlarging the logits first.
    """
    log_chance, share = logits.log_softmax(dim=1), shares(labels)
    entropy = -(share * log_chance * _class_weights()[:, None, None]).sum(dim=1).mean()
    return entropy + _OVERLAP * overlap_loss(log_chance.exp(), share)


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
