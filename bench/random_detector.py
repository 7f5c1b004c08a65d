"""Grounding DINO checkpoints with random weights, in the published layout: nothing is downloaded.

The vocabulary is laid out as that of `bert-base-uncased`, because the architecture knows the ids of its separators:
0 [PAD], 100 to 103 [UNK] [CLS] [SEP] [MASK], printable ASCII from 999 on ("." is 1012, "?" is 1029).
"""

from __future__ import annotations

import json
import math
import string
from importlib import import_module
from pathlib import Path
from typing import Any, TypeAlias

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, GroundingDinoConfig, MMGroundingDinoConfig, SwinConfig

transformers: Any = import_module("transformers")  # much of it has no types

SPECIAL = {0: "[PAD]", 100: "[UNK]", 101: "[CLS]", 102: "[SEP]", 103: "[MASK]"}
FIRST_CHARACTER = 999
NAMES = {f"{name}_token": f"[{name.upper()}]" for name in ("pad", "unk", "cls", "sep", "mask")}
WORDS = [
    *(
        "white",
        "black",
        "blue",
        "red",
        "green",
        "light",
        "dark",
        "striped",
        "plaid",
        "denim",
        "leather",
        "wooden",
    ),
    *(
        "shirt",
        "dress",
        "skirt",
        "sweater",
        "jeans",
        "trousers",
        "top",
        "jacket",
        "coat",
        "shoe",
        "shoes",
        "pair",
    ),
    *(
        "bag",
        "belt",
        "hat",
        "scarf",
        "socks",
        "polo",
        "tee",
        "sleeves",
        "hanger",
        "a",
        "of",
        "with",
        "and",
        "or",
    ),
]
"""Whole words; others are spelled in pieces of one character."""

PREPROCESSOR = {
    "do_normalize": True,
    "do_pad": True,
    "do_rescale": True,
    "do_resize": True,
    "format": "coco_detection",
    "image_mean": [0.485, 0.456, 0.406],
    "image_processor_type": "GroundingDinoImageProcessor",
    "image_std": [0.229, 0.224, 0.225],
    "processor_class": "GroundingDinoProcessor",
    "resample": 2,
    "rescale_factor": 1 / 255,
    "size": {"longest_edge": 1333, "shortest_edge": 800},
}
"""preprocessor_config.json as published."""

Config: TypeAlias = GroundingDinoConfig | MMGroundingDinoConfig


def vocabulary(size: int) -> list[str]:
    """Token of each id. size: at least 1,200; the published one has 30,522."""
    characters = [c for c in string.printable[:94] if not c.isupper()]
    known = sorted(characters) + sorted({f"##{c}" for c in string.ascii_lowercase + string.digits}) + WORDS
    tokens = [f"[unused{place}]" for place in range(size)]
    for place, token in SPECIAL.items():
        tokens[place] = token
    tokens[FIRST_CHARACTER : FIRST_CHARACTER + len(known)] = known
    return tokens


def write_tokenizer(folder: Path, size: int) -> None:
    """vocab.txt, tokenizer.json, tokenizer_config.json and special_tokens_map.json."""
    tokens = vocabulary(size)
    inner = Tokenizer(models.WordPiece({t: i for i, t in enumerate(tokens)}, unk_token="[UNK]"))
    inner.normalizer = normalizers.BertNormalizer(lowercase=True)
    inner.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    inner.post_processor = processors.BertProcessing(("[SEP]", 102), ("[CLS]", 101))
    inner.decoder = decoders.WordPiece()
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=inner, model_max_length=512, **NAMES
    ).save_pretrained(folder)
    (folder / "vocab.txt").write_text("\n".join(tokens) + "\n")
    (folder / "special_tokens_map.json").write_text(json.dumps(NAMES))
    path = folder / "tokenizer_config.json"
    config = json.loads(path.read_text()) | {"tokenizer_class": "BertTokenizer", "do_lower_case": True}
    path.write_text(json.dumps(config))


def write_checkpoint(folder: Path, model: Any) -> None:
    """Everything an engine loads of it, as transformers 4.40 wrote it; at full size the weights have exactly the
    published number of bytes, 689,359,096."""
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    _age_config(folder / "config.json")
    _age_weights(folder / "model.safetensors")
    write_tokenizer(folder, model.config.text_config.vocab_size)
    (folder / "preprocessor_config.json").write_text(json.dumps(PREPROCESSOR))


def _age_config(path: Path) -> None:
    old = {
        "use_timm_backbone": False,
        "use_pretrained_backbone": False,
        "backbone": None,
        "backbone_kwargs": None,
    }
    path.write_text(json.dumps(json.loads(path.read_text()) | old))


def _age_weights(path: Path) -> None:
    """Then: each Swin block's table of window offsets, which is computed today. Since: a norm that nothing uses."""
    weights = {name: value for name, value in load_file(path).items() if ".swin.layernorm." not in name}
    for name in [*weights]:
        if name.endswith("relative_position_bias_table"):
            places = ((math.isqrt(len(weights[name])) + 1) // 2) ** 2
            index = torch.zeros(places, places, dtype=torch.int64)
            weights[name.replace("bias_table", "index")] = index
    save_file(weights, path, {"format": "pt"})


def random_model(config: Config, seed: int = 0) -> Any:
    torch.manual_seed(seed)
    return transformers.AutoModelForZeroShotObjectDetection.from_config(config).eval()


def swin(**sizes: Any) -> SwinConfig:
    """The image encoder gives its last three stages."""
    return SwinConfig.from_dict(
        {"out_indices": [2, 3, 4], "out_features": ["stage2", "stage3", "stage4"], **sizes}
    )


def full_config() -> GroundingDinoConfig:
    """grounding-dino-tiny as published: Swin-T, BERT base, 172 million parameters."""
    return GroundingDinoConfig(backbone_config=swin(), text_config=BertConfig())
