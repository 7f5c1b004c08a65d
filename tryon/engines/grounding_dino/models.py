"""The published weights that `GroundingDino` can load."""

from __future__ import annotations

from tryon.core.errors import InvalidSetting
from tryon.core.licences import APACHE
from tryon.core.models import Model, ModelFile

_SMALL_FILES = (
    ModelFile("config.json"),
    ModelFile("preprocessor_config.json"),
    ModelFile("special_tokens_map.json"),
    ModelFile("tokenizer.json"),
    ModelFile("tokenizer_config.json"),
    ModelFile("vocab.txt"),
)
"""As save_pretrained of the years 2023 to 2025 wrote them: configuration, image processor, tokenizer."""

GROUNDING_DINO_TINY = Model(
    id="grounding-dino-tiny",
    repo="IDEA-Research/grounding-dino-tiny",
    revision="a2bb814dd30d776dcf7e30523b00659f4f141c71",
    files=(
        *_SMALL_FILES,
        ModelFile(
            "model.safetensors",
            size=689_359_096,
            sha256="1a2412ef99bd74bcd3c2a246fa1e48581f8889a1300c9051974741314fc042f3",
        ),
    ),
    licence="Apache-2.0",
    commercial_use=True,
    terms=APACHE,
    facts={"paper": "https://arxiv.org/abs/2303.05499", "parameters": "172 million"},
)

MM_GROUNDING_DINO_TINY = Model(
    id="mm-grounding-dino-tiny",
    repo="openmmlab-community/mm_grounding_dino_tiny_o365v1_goldg_v3det",
    # No commit of it is published where it could be checked: the model cache pins the one that it downloads.
    revision="main",
    files=(*_SMALL_FILES, ModelFile("model.safetensors", size=692_015_412)),
    licence="Apache-2.0",
    commercial_use=True,
    terms=APACHE,
    facts={"paper": "https://arxiv.org/abs/2401.02361", "parameters": "173 million"},
)

MODELS: tuple[Model, ...] = (GROUNDING_DINO_TINY, MM_GROUNDING_DINO_TINY)
"""The default first."""


def detector_model(name: str) -> Model:
    """By our id or by its repository. Raises InvalidSetting, which names those that there are."""
    for model in MODELS:
        if name in (model.id, model.repo):
            return model
    known = ", ".join(model.id for model in MODELS)
    raise InvalidSetting(f"{name!r} is not a detector's model; choose one of {known}")
