"""Pictures for the networks: the published geometry, and pixels as tensors.

Sizes are (width, height). Every resize is PIL's LANCZOS, masks too: the threshold comes after it.
"""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image

from tryon.core.ports import Pixels

Size = tuple[int, int]


def crop_to(image: Image.Image, size: Size) -> Image.Image:
    """The middle of the picture in the aspect of `size`, resized to it; the published way for person and mask."""
    (w, h), (width, height) = image.size, size
    if w * height < width * h:
        new_w, new_h = w, w * height // width
    else:
        new_w, new_h = h * width // height, h
    box = ((w - new_w) // 2, (h - new_h) // 2, (w + new_w) // 2, (h + new_h) // 2)
    return image.crop(box).resize(size, Image.Resampling.LANCZOS)


def fit_on_white(image: Image.Image, size: Size) -> Image.Image:
    """The whole picture as large as it fits into `size`, in the middle of white; for garments."""
    (w, h), (width, height) = image.size, size
    inner = (w * height // h, height) if w * height < width * h else (width, h * width // w)
    white = Image.new("RGB", size, (255, 255, 255))
    fitted = image.resize((max(1, inner[0]), max(1, inner[1])), Image.Resampling.LANCZOS)
    white.paste(fitted, ((width - inner[0]) // 2, (height - inner[1]) // 2))
    return white


def image_tensor(image: Image.Image) -> torch.Tensor:
    """float32 [1, 3, H, W] in -1..1."""
    pixels = np.asarray(image.convert("RGB"), np.float32)
    return torch.from_numpy(pixels.transpose(2, 0, 1)[None] / 127.5 - 1.0)


def mask_tensor(mask: Image.Image) -> torch.Tensor:
    """float32 [1, 1, H, W], 1 where the picture may change."""
    return binary(torch.from_numpy(np.asarray(mask.convert("L"), np.float32)[None, None] / 255.0))


def binary(mask: torch.Tensor) -> torch.Tensor:
    """0 below a half, 1 from a half on: of grey levels 127 is out and 128 in."""
    return (mask >= 0.5).to(torch.float32)


def without_masked(image: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """What the network sees of the person: the masked pixels are 0, mid-grey."""
    return image * (mask < 0.5)


def to_pixels(decoded: torch.Tensor) -> Pixels:
    """float [N, 3, H, W] around -1..1 -> uint8 [N, H, W, 3]."""
    unit = (decoded.float() / 2 + 0.5).clamp(0, 1)
    return np.asarray((unit * 255).round().to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy(), np.uint8)
