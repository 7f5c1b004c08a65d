"""Every published model that some engine can load; each engine's package says which are its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tryon.core.errors import UnknownModel
from tryon.core.models import Model
from tryon.engines.catvton.models import ATTENTION, CHECKER, Variant
from tryon.engines.catvton.models import MODELS as CATVTON
from tryon.engines.grounding_dino.models import MODELS as GROUNDING_DINO
from tryon.engines.human_parser.models import MODELS as HUMAN_PARSER
from tryon.engines.sharp.models import MODELS as SHARP

ALL: tuple[Model, ...] = (*GROUNDING_DINO, *HUMAN_PARSER, *CATVTON, *SHARP)
"""In the order in which the pipeline needs them."""

LIP = "schp-lip"
"""The second parsing net."""

OF_ENGINE: Mapping[str, tuple[str, ...]] = {
    "grounding-dino-tiny": ("grounding-dino-tiny",),
    "mm-grounding-dino-tiny": ("mm-grounding-dino-tiny",),
    "dwpose-schp": ("dwpose", "schp-atr"),
    "catvton": ("stable-diffusion-inpainting", "sd-vae-ft-mse"),
    "sharp": ("sharp",),
}
"""Ids of models by the engine's name in tryon.profiles.engines; engines that are not here need none. What depends on a
setting is added by `needed`."""


def needed(
    engines: Iterable[str], *, lip: bool = False, safety: bool = False, variant: Variant = "mix"
) -> tuple[Model, ...]:
    """What these engines load. The options are those of the body parser and of CatVTON."""
    names = set(engines)
    ids = {name for engine in names for name in OF_ENGINE.get(engine, ())}
    if lip and "dwpose-schp" in names:
        ids.add(LIP)
    if "catvton" in names:
        ids |= {ATTENTION[variant].id, *([CHECKER.id] if safety else [])}
    return tuple(model for model in ALL if model.id in ids)


def known(own: Iterable[Model] = ()) -> tuple[Model, ...]:
    """Every one that is published, and those of one's own that the settings name."""
    return tuple(dict.fromkeys((*ALL, *own)))


def by_ids(ids: Sequence[str], own: Iterable[Model] = ()) -> tuple[Model, ...]:
    """Raises UnknownModel naming those that there are."""
    found = {model.id: model for model in known(own)}
    if unknown := [name for name in ids if name not in found]:
        raise UnknownModel(f"there is no model {', '.join(unknown)}; there are {', '.join(found)}")
    return tuple(found[name] for name in dict.fromkeys(ids))
