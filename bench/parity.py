"""How far our CatVTON is from a stored result of the published one, on the same weights and random numbers."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from tryon.engines.catvton.batch import generate_published
from tryon.engines.catvton.networks import Networks, load_networks
from tryon.engines.catvton.noise import PublishedNoise
from tryon.engines.catvton.prepare import binary, crop_to, fit_on_white, image_tensor, mask_tensor
from tryon.engines.catvton.schedulers import Sampling

Array = NDArray[Any]
Size = tuple[int, int]


@dataclass(frozen=True)
class Case:
    """persons, garments: float32 [B, 3, H, W] in -1..1; masks: [B, 1, H, W], 0 or 1.
    latents: float32 [B, 4, h, w], divided by the scaling factor; pictures: uint8 [B, H, W, 3]; both as stored."""

    persons: torch.Tensor
    masks: torch.Tensor
    garments: torch.Tensor
    sampling: Sampling
    noise: PublishedNoise
    latents: Array
    pictures: Array


def measure(case: Path, weights: Path) -> dict[str, object]:
    """One thread, so that sums are added in the same order every time."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return compare(read_case(case), open_networks(weights))
    finally:
        torch.set_num_threads(threads)


def open_networks(weights: Path) -> Networks:
    """weights: folder of `base`, `vae` and `attn`."""
    attention = weights / "attn" / "mix-48k-1024" / "attention" / "model.safetensors"
    return load_networks(weights / "base", weights / "vae", attention)


def compare(case: Case, networks: Networks) -> dict[str, object]:
    latents, made = generate_published(
        networks, case.persons, case.masks, case.garments, case.noise, case.sampling
    )
    # A picture whose numbers overflowed is as wrong as can be.
    pairs = [
        255 if picture is None else int(np.abs(picture.astype(np.int16) - stored).max())
        for picture, stored in zip(made, case.pictures.astype(np.int16), strict=True)
    ]
    return {
        "latent_max_abs": float(np.abs(latents.numpy() - case.latents).max()),
        "uint8_max": max(pairs),
    }


def read_case(path: Path) -> Case:
    """Pictures (uint8) take the published geometry; tensors (float32) are taken as they are."""
    with np.load(path) as stored:
        arrays = dict(stored)
    facts = json.loads(str(arrays["params"]))
    size = (int(facts["width"]), int(facts["height"])) if "width" in facts else None
    persons = _picture(arrays["person"], size, crop_to)
    return Case(
        persons,
        _mask(arrays["mask"], size).expand(persons.shape[0], -1, -1, -1),
        _picture(arrays["garment"], size, fit_on_white).expand(persons.shape[0], -1, -1, -1),
        Sampling(int(facts["steps"]), float(facts["guidance"]), eta=float(facts.get("eta", 1.0))),
        PublishedNoise(int(facts["seed"]), int(facts["global_seed"])),
        arrays["final_latent_scaled"],
        arrays["result"],
    )


def _picture(
    array: Array, size: Size | None, place: Callable[[Image.Image, Size], Image.Image]
) -> torch.Tensor:
    if array.dtype != np.uint8:
        return _tensor(array).reshape(-1, *array.shape[-3:])
    image = Image.fromarray(array).convert("RGB")
    return image_tensor(place(image, size or image.size))


def _mask(array: Array, size: Size | None) -> torch.Tensor:
    """Tensors may be [B, 1, H, W], [B, H, W] or [H, W]."""
    if array.dtype != np.uint8:
        return binary(_tensor(array).reshape(-1, 1, *array.shape[-2:]))
    image = Image.fromarray(array).convert("L")
    return mask_tensor(crop_to(image, size or image.size))


def _tensor(array: Array) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(array, np.float32))
