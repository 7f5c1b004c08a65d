"""Every published model that some engine can load; each engine's package says which are its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tryon.core.errors import UnknownModel
from tryon.core.models import Model
from tryon.engines.catvton.models import MODELS as CATVTON
from tryon.engines.grounding_dino.models import MODELS as GROUNDING_DINO
from tryon.engines.human_parser.models import MODELS as HUMAN_PARSER
from tryon.engines.sharp.models import MODELS as SHARP

ALL: tuple[Model, ...] = (*GROUNDING_DINO, *HUMAN_PARSER, *CATVTON, *SHARP)
"""In the order in which the pipeline needs them."""

LIP = "schp-lip"
"""The second parsing net, loaded with FASHION_LIP."""

OF_ENGINE: Mapping[str, tuple[str, ...]] = {
    "grounding-dino-tiny": ("grounding-dino-tiny",),
    "mm-grounding-dino-tiny": ("mm-grounding-dino-tiny",),
    "dwpose-schp": ("dwpose", "schp-atr"),
    "catvton": (
        "stable-diffusion-inpainting",
        "sd-vae-ft-mse",
        "catvton",
        "stable-diffusion-safety-checker",
    ),
    "sharp": ("sharp",),
}
"""Ids of models by the engine's name in tryon.profiles; engines that are not here need none."""


def needed(engines: Iterable[str], lip: bool = False) -> tuple[Model, ...]:
    """What these engines load with their default variants, as in `needed(chosen(settings).values(), settings.lip)`."""
    ids = {name for engine in engines for name in OF_ENGINE.get(engine, ())}
    if lip and "schp-atr" in ids:
        ids.add(LIP)
    return tuple(model for model in ALL if model.id in ids)


def by_ids(ids: Sequence[str]) -> tuple[Model, ...]:
    """Raises UnknownModel naming those that there are."""
    known = {model.id: model for model in ALL}
    if unknown := [name for name in ids if name not in known]:
        raise UnknownModel(f"there is no model {', '.join(unknown)}; there are {', '.join(known)}")
    return tuple(known[name] for name in dict.fromkeys(ids))
