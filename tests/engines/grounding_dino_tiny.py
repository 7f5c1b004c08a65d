"""Tiny Grounding DINO checkpoints in the published layout, for tests that need an engine that really loads.

With `box=None` all weights are noise: such a net answers something, mostly that nothing was found. With a box, the
last biases are set so that every query answers just this box, with the same score for every token.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Literal

import torch
from transformers import BertConfig, GroundingDinoConfig, MMGroundingDinoConfig

from bench.random_detector import Config, random_model, swin, write_checkpoint

Kind = Literal["grounding-dino", "mm-grounding-dino"]
Shares = tuple[float, float, float, float]

FAR = 100.0
"""A logit that is 1 for certain after the sigmoid."""

CUT = math.log((1 - 1e-5) / 1e-5)
"""What the decoder reads such a 1 as: torch.special.logit with eps 1e-5."""


def tiny_config(kind: Kind = "grounding-dino") -> Config:
    """Some 350,000 parameters. MM-Grounding-DINO has one box head for each decoder layer."""
    sizes: dict[str, Any] = {
        "backbone_config": swin(
            embed_dim=16,
            depths=[1, 1, 1, 1],
            num_heads=[1, 2, 2, 4],
            window_size=4,
            image_size=64,
        ),
        "text_config": BertConfig(
            vocab_size=1300,
            hidden_size=32,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=64,
        ),
        "d_model": 64,
        "encoder_layers": 1,
        "decoder_layers": 2,
        "encoder_ffn_dim": 64,
        "decoder_ffn_dim": 64,
        "encoder_attention_heads": 4,
        "decoder_attention_heads": 4,
        "num_queries": 40,
    }
    if kind == "mm-grounding-dino":
        return MMGroundingDinoConfig(**sizes, decoder_bbox_embed_share=False, decoder_cls_embed_share=False)
    return GroundingDinoConfig(**sizes)


def write_tiny(
    folder: Path,
    kind: Kind = "grounding-dino",
    box: Shares | None = None,
    score: float = 0.9,
    seed: int = 0,
) -> None:
    """box: (centre x, centre y, width, height) in shares of the photo, each above 0 and below 1."""
    config = tiny_config(kind)
    model = random_model(config, seed)
    if box is not None:
        with torch.no_grad():
            _answer_box(model, box)
            _answer_score(model, score)
    write_checkpoint(folder, model)


def loud(model: Any, gain: float) -> None:
    """Every logit times `gain`: noise that passes thresholds."""
    with torch.no_grad():
        model.model.decoder.layer_norm.weight.mul_(gain)


def _answer_box(model: Any, box: Shares) -> None:
    """The proposals' head puts every reference at 1, whatever the photo; each layer then adds its share of the way
    from there to the box."""
    heads = [*model.bbox_embed, *model.model.decoder.bbox_embed]
    way = torch.logit(torch.tensor(box)) - CUT
    model.model.encoder_output_bbox_embed.layers[-1].bias.fill_(FAR)
    for head in heads:
        head.layers[-1].weight.zero_()
        head.layers[-1].bias.copy_(way / len(model.bbox_embed))


def _answer_score(model: Any, score: float) -> None:
    """Both sides of the product that scores a box become constant."""
    d_model = model.config.d_model
    scale = d_model if model.config.model_type == "grounding-dino" else math.sqrt(d_model)
    sides = (
        model.model.decoder.layer_norm,
        model.model.encoder.layers[-1].text_enhancer_layer.layer_norm_after,
    )
    for head in model.class_embed:
        if hasattr(head, "bias"):
            head.bias.zero_()
    for norm, value in zip(sides, (1.0, math.log(score / (1 - score)) / scale), strict=True):
        norm.weight.zero_()
        norm.bias.fill_(value)
