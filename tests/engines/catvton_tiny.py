"""Tiny CatVTON checkpoints in the published layout, for `LocalModels`: `<root>/<model.id>/<file>`.

The networks are the parity cases' own: random, with 11 self-attentions instead of 16. Their pictures mean nothing, so
`paint` replaces what the decoder says by one colour: that passes the publish gate for a garment of this colour.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from tryon.engines.catvton.models import ATTENTION, BASE, CHECKER, FOLDERS, VAE, Variant

DATA = Path(__file__).parents[1] / "data" / "parity" / "catvton"
TINY = DATA / "tiny"
ATTENTION_FILE = "attention/model.safetensors"
NETWORK_FILE = "diffusion_pytorch_model.safetensors"

Tensors = dict[str, torch.Tensor]


def write_tiny(root: Path, *, variant: Variant = "mix", paint: tuple[int, int, int] | None = None) -> Path:
    """Returns `root`. paint: RGB 0..255 of every pixel the decoder makes, give or take a little texture."""
    base, vae = root / BASE.id, root / VAE.id
    shutil.copytree(TINY / "base", base, ignore=shutil.ignore_patterns("*.safetensors"), dirs_exist_ok=True)
    # A pickle, as the base is published.
    torch.save(
        load_file(TINY / "base" / "unet" / NETWORK_FILE), base / "unet" / "diffusion_pytorch_model.bin"
    )
    shutil.copytree(TINY / "vae", vae, dirs_exist_ok=True)
    attention = root / ATTENTION[variant].id / FOLDERS[variant] / ATTENTION_FILE
    attention.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(TINY / "attn" / FOLDERS["mix"] / ATTENTION_FILE, attention)
    if paint is not None:
        rewrite(vae / NETWORK_FILE, lambda tensors: _painted(tensors, paint))
    return root


def rewrite(path: Path, change: Callable[[Tensors], Tensors]) -> None:
    """A safetensors file with other tensors."""
    save_file({name: tensor.clone().contiguous() for name, tensor in change(load_file(path)).items()}, path)


def _painted(tensors: Tensors, colour: tuple[int, int, int]) -> Tensors:
    """The last convolution: the colour as its bias, and weights that leave about 4 grey levels of texture (its input
    is normalised and about 0.6 strong)."""
    weight = tensors["decoder.conv_out.weight"]
    noise = torch.randn(weight.shape, generator=torch.Generator().manual_seed(0))
    texture = 4 / 127.5 / (0.6 * weight[0].numel() ** 0.5)
    last = {
        "decoder.conv_out.weight": noise * texture,
        "decoder.conv_out.bias": torch.tensor(colour) / 127.5 - 1,
    }
    return {**tensors, **last}


def write_checker(root: Path, unsafe: bool) -> Path:
    """A tiny safety checker that flags everything, or nothing."""
    from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
    from transformers import CLIPConfig

    vision = {
        "hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
        "image_size": 32, "patch_size": 16,
    }  # fmt: skip
    checker = StableDiffusionSafetyChecker(CLIPConfig(vision_config=vision, projection_dim=8))
    # A cosine is never above 1, and always above -2.
    checker.concept_embeds_weights.data.fill_(-2.0 if unsafe else 2.0)
    checker.special_care_embeds_weights.data.fill_(2.0)
    folder = root / CHECKER.id
    checker.save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(
        '{"crop_size": 32, "size": 32, "image_mean": [0.48, 0.46, 0.41], "image_std": [0.27, 0.26, 0.28]}'
    )
    return root
