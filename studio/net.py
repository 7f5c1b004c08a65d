"""The body net: a residual U-Net with heads for labels, keypoints and depth, small enough for a CPU.

Dense 3x3 convolutions where pixels are many and channels few (a CPU is fastest with them), wide depthwise ones
at the coarse strides, where a cell must know the whole person: left from right, dress from top and skirt.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.labels import CLASSES, KEYPOINTS

HEIGHT, WIDTH = 384, 192
# A heatmap cell is this many input pixels wide; coordinates are expectations, finer than a cell.
CELL = 4
# What the depth head gives 1 for, in pixels: about the spread of depths in a person.
_DEPTH = 16.0
# The score of a keypoint sums the probability in a window of this many cells.
_WINDOW = 5


@dataclass(frozen=True)
class Size:
    """Channels at strides 2, 4, 8, 16 and 32, and residual blocks at strides 4, 8, 16 and 32 on the way down."""

    widths: tuple[int, int, int, int, int] = (16, 32, 64, 96, 128)
    blocks: tuple[int, int, int, int] = (1, 2, 3, 3)


class Dense(nn.Module):
    """3x3 convolution, batch norm, ReLU; residual when nothing changes its shape."""

    def __init__(self, inside: int, outside: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inside, outside, 3, stride, 1, bias=False)
        self.norm = nn.BatchNorm2d(outside)
        self.residual = stride == 1 and inside == outside

    def forward(self, x: Tensor) -> Tensor:
        """[n, inside, h, w] to [n, outside, h / stride, w / stride]."""
        y = functional.relu(self.norm(self.conv(x)))
        return x + y if self.residual else y


class Wide(nn.Module):
    """Depthwise k x k, then twice the channels and back, residual."""

    def __init__(self, channels: int, kernel: int) -> None:
        super().__init__()
        self.mix = nn.Sequential(
            nn.Conv2d(channels, channels, kernel, 1, kernel // 2, groups=channels, bias=False),
            nn.BatchNorm2d(channels),
            nn.Conv2d(channels, 2 * channels, 1),
            nn.ReLU(),
            nn.Conv2d(2 * channels, channels, 1, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        """[n, channels, h, w], same shape."""
        mixed: Tensor = self.mix(x)
        return x + mixed


class BodyNet(nn.Module):
    """image [n, 3, 384, 192] RGB in [0, 1] to label logits, heatmap logits and depths, see forward."""

    def __init__(self, size: Size | None = None) -> None:
        super().__init__()
        size = size or Size()
        w, b = size.widths, size.blocks
        self.down = nn.ModuleList(
            [
                Dense(3, w[0], 2),
                nn.Sequential(Dense(w[0], w[1], 2), *(Dense(w[1], w[1]) for _ in range(b[0]))),
                nn.Sequential(Dense(w[1], w[2], 2), *(Dense(w[2], w[2]) for _ in range(b[1]))),
                nn.Sequential(Dense(w[2], w[3], 2), *(Wide(w[3], 5) for _ in range(b[2]))),
                nn.Sequential(nn.MaxPool2d(2), _project(w[3], w[4]), *(Wide(w[4], 7) for _ in range(b[3]))),
            ]
        )
        self.project = nn.ModuleList(_project(w[i + 1], w[i]) for i in range(4))
        self.up = nn.ModuleList([Dense(w[0], w[0]), Dense(w[1], w[1]), Dense(w[2], w[2]), Wide(w[3], 5)])
        self.labels = nn.Conv2d(w[0], CLASSES, 1)
        self.joints = nn.Sequential(Dense(w[1], 2 * w[1]), nn.Conv2d(2 * w[1], len(KEYPOINTS), 1))
        self.depth = nn.Sequential(Dense(w[1], w[1]), nn.Conv2d(w[1], 1, 1))

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Label logits [n, 18, 192, 96], of 2 x 2 pixels each; heatmap logits [n, 19, 96, 48]; depths [n, 96, 48]
        of the person in pixels, away from the camera positive, from any plane.
        """
        skips = [image]
        for block in self.down:
            skips.append(block(skips[-1]))
        x = coarse = skips.pop()
        for level in (3, 2, 1, 0):
            coarse = x
            x = self.up[level](_grow(self.project[level](x)) + skips.pop())
        return self.labels(x), self.joints(coarse), _DEPTH * self.depth(coarse)[:, 0]


class BodyGraph(nn.Module):
    """What is exported: the net with keypoints as coordinates."""

    def __init__(self, net: BodyNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """labels: logits [n, 18, 384, 192]; keypoints: [n, 19, 3] x, y in pixels, score in [0, 1]; depth: pixels
        [n, 384, 192].
        """
        labels, heat, depth = self.net(image)
        chance = cell_chances(heat)
        near = functional.avg_pool2d(chance, _WINDOW, 1, _WINDOW // 2) * float(_WINDOW**2)
        keypoints = torch.cat([soft_argmax(chance), near.flatten(2).amax(2, keepdim=True)], dim=2)
        return _grow(labels), keypoints, _grow(_grow(depth[:, None]))[:, 0]


def cell_chances(heat: Tensor) -> Tensor:
    """Softmax over the cells of each heatmap, same shape [n, 19, h, w]."""
    return heat.flatten(2).softmax(dim=2).reshape(heat.shape)


def soft_argmax(chance: Tensor) -> Tensor:
    """Expected position [n, 19, 2] in input pixels of chances [n, 19, h, w]."""
    x = (torch.arange(chance.shape[3], dtype=chance.dtype) + 0.5) * CELL
    y = (torch.arange(chance.shape[2], dtype=chance.dtype) + 0.5) * CELL
    return torch.stack([(chance.sum(2) * x).sum(2), (chance.sum(3) * y).sum(2)], dim=2)


def _project(inside: int, outside: int) -> nn.Sequential:
    """1x1 convolution with batch norm: other channels, same place."""
    return nn.Sequential(nn.Conv2d(inside, outside, 1, bias=False), nn.BatchNorm2d(outside))


def _grow(x: Tensor) -> Tensor:
    """Twice as large, bilinear."""
    return functional.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)
