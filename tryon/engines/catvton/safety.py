"""Stable Diffusion's safety checker over finished pictures (diffusers; Rando et al., arXiv 2210.04610, describe it).

It compares a CLIP embedding with 17 concepts. Off unless asked for: it has many false alarms on plain clothes, the
pictures are of people who consented to exactly this, and only their clothes are generated.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from tryon.core.errors import ModelDamaged, ModelMissing
from tryon.core.ports import Pixels
from tryon.core.words import Refused
from tryon.engines.catvton.checkpoints import read_config
from tryon.engines.torch_runtime import need

UNSAFE = Refused(
    "unsafe",
    "The safety checker takes the picture for an unsafe one; use another photo of the person or garment.",
)


class SafetyChecker:
    """folder: `config.json`, `preprocessor_config.json`, `model.safetensors`."""

    def __init__(
        self, folder: Path, device: torch.device | str = "cpu", dtype: torch.dtype = torch.float32
    ) -> None:
        need("transformers")
        module = need("diffusers.pipelines.stable_diffusion.safety_checker")
        if not (folder / "model.safetensors").exists():
            raise ModelMissing(f"{folder}/model.safetensors is not there; `fashion models pull` downloads it")
        self._sizes = read_config(folder / "preprocessor_config.json")
        model, report = module.StableDiffusionSafetyChecker.from_pretrained(
            folder, local_files_only=True, use_safetensors=True, output_loading_info=True
        )
        missing = sorted(report["missing_keys"])
        if missing:
            raise ModelDamaged(
                f"the safety checker lacks {missing[0]} and {len(missing) - 1} more; pull it again"
            )
        self._model: Any = model.to(device, dtype).eval()

    @torch.inference_mode()
    def unsafe(self, images: Sequence[Pixels]) -> list[bool]:
        """For each uint8 [H, W, 3]. The pictures themselves stay as they are."""
        tensors = torch.cat([_clip_tensor(image, self._sizes) for image in images])
        weights = self._model.special_care_embeds
        # The checker blackens what it finds in its second argument: it gets numbers that nobody needs.
        unneeded = torch.zeros(len(images)).to(weights)
        _, found = self._model.forward_onnx(tensors.to(weights), unneeded)
        return [bool(flag) for flag in found]


def _clip_tensor(image: Pixels, sizes: dict[str, Any]) -> torch.Tensor:
    """float [1, 3, S, S]: shorter side to S, bicubic, the middle, normalised; as CLIPImageProcessor, which would need
    torchvision."""
    side = sizes["crop_size"] if isinstance(sizes["crop_size"], int) else sizes["crop_size"]["height"]
    height, width = image.shape[:2]
    scale = side / min(height, width)
    size = max(side, int(width * scale)), max(side, int(height * scale))
    left, top = (size[0] - side) // 2, (size[1] - side) // 2
    small = Image.fromarray(image).resize(size, Image.Resampling.BICUBIC)
    middle = np.asarray(small.crop((left, top, left + side, top + side)), np.float32) / 255
    normal = (middle - np.float32(sizes["image_mean"])) / np.float32(sizes["image_std"])
    return torch.from_numpy(normal.transpose(2, 0, 1)[None].copy())
