"""Every published model that some engine can load; each engine's package says which are its own."""

from __future__ import annotations

from collections.abc import Sequence

from tryon.core.errors import UnknownModel
from tryon.core.models import Model
from tryon.engines.catvton.models import MODELS as CATVTON
from tryon.engines.grounding_dino.models import MODELS as GROUNDING_DINO
from tryon.engines.human_parser.models import MODELS as HUMAN_PARSER
from tryon.engines.sharp.models import MODELS as SHARP

ALL: tuple[Model, ...] = (*GROUNDING_DINO, *HUMAN_PARSER, *CATVTON, *SHARP)
"""In the order in which the pipeline needs them."""

BY_CHOICE = frozenset({"mm-grounding-dino-tiny", "schp-lip", "catvton-vitonhd", "catvton-dresscode"})
"""Variants that an engine loads only when it is told to; everything else is needed by the neural engines' defaults."""

NEURAL: tuple[Model, ...] = tuple(model for model in ALL if model.id not in BY_CHOICE)


def by_ids(ids: Sequence[str]) -> tuple[Model, ...]:
    """Raises UnknownModel naming those that there are."""
    known = {model.id: model for model in ALL}
    if unknown := [name for name in ids if name not in known]:
        raise UnknownModel(f"there is no model {', '.join(unknown)}; there are {', '.join(known)}")
    return tuple(known[name] for name in dict.fromkeys(ids))
