"""The body net: a small U-Net of separable convolutions with a label head and a keypoint head."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.labels import CLASSES, KEYPOINTS

HEIGHT, WIDTH = 256, 192
# Channels at strides 2, 4, 8, 16 and 32: wide where pixels are few and cheap.
_WIDTHS = (16, 40, 64, 112, 160)
# A heatmap cell is this many input pixels wide; coordinates are expectations, finer than a cell.
CELL = 4
# The score of a keypoint sums the probability in a window of this many cells.
_WINDOW = 5


class Separable(nn.Module):
    """Depthwise 3x3, pointwise, batch norm, ReLU."""

    def __init__(self, inside: int, outside: int, stride: int = 1) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(inside, inside, 3, stride, 1, groups=inside, bias=False)
        self.pointwise = nn.Conv2d(inside, outside, 1, bias=False)
        self.norm = nn.BatchNorm2d(outside)

    def forward(self, x: Tensor) -> Tensor:
        """[n, inside, h, w] to [n, outside, h / stride, w / stride]."""
        return functional.relu(self.norm(self.pointwise(self.depthwise(x))))


class BodyNet(nn.Module):
    """image [n, 3, 256, 192] RGB in [0, 1] to label logits and heatmap logits, see forward."""

    def __init__(self) -> None:
        super().__init__()
        w = _WIDTHS
        stem = nn.Conv2d(3, w[0], 3, 2, 1, bias=False)
        self.stem = nn.Sequential(stem, nn.BatchNorm2d(w[0]), nn.ReLU())
        self.down = nn.ModuleList(
            nn.Sequential(Separable(w[i], w[i + 1], 2), Separable(w[i + 1], w[i + 1])) for i in range(4)
        )
        self.up = nn.ModuleList(Separable(w[i + 1] + w[i], w[i]) for i in range(4))
        self.labels = nn.Conv2d(w[0], CLASSES, 1)
        self.joints = nn.Sequential(Separable(w[1], 64), nn.Conv2d(64, len(KEYPOINTS), 1))

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Label logits [n, 18, 128, 96], of 2 x 2 pixels each, and heatmap logits [n, 19, 64, 48]."""
        skips = [self.stem(image)]
        for block in self.down:
            skips.append(block(skips[-1]))
        x = coarse = skips[-1]
        for level in (3, 2, 1, 0):
            coarse = x
            x = self.up[level](torch.cat([_grow(x), skips[level]], dim=1))
        return self.labels(x), self.joints(coarse)


class BodyGraph(nn.Module):
    """What is exported: the net with keypoints as coordinates."""

    def __init__(self, net: BodyNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """labels: logits [n, 18, 256, 192]; keypoints: [n, 19, 3] x, y in pixels, score in [0, 1]."""
        labels, heat = self.net(image)
        chance = cell_chances(heat)
        near = functional.avg_pool2d(chance, _WINDOW, 1, _WINDOW // 2) * float(_WINDOW**2)
        return _grow(labels), torch.cat([soft_argmax(chance), near.flatten(2).amax(2, keepdim=True)], dim=2)


def cell_chances(heat: Tensor) -> Tensor:
    """Softmax over the cells of each heatmap, same shape [n, 19, 64, 48]."""
    return heat.flatten(2).softmax(dim=2).reshape(heat.shape)


def soft_argmax(chance: Tensor) -> Tensor:
    """Expected position [n, 19, 2] in input pixels of chances [n, 19, 64, 48]."""
    x = (torch.arange(WIDTH // CELL, dtype=chance.dtype) + 0.5) * CELL
    y = (torch.arange(HEIGHT // CELL, dtype=chance.dtype) + 0.5) * CELL
    return torch.stack([(chance.sum(2) * x).sum(2), (chance.sum(3) * y).sum(2)], dim=2)


def _grow(x: Tensor) -> Tensor:
    """Twice as large, bilinear."""
    return functional.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)
