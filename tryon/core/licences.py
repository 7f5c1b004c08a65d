"""What the licences of engines and models allow."""

from __future__ import annotations

from collections.abc import Iterable

from tryon.core.errors import NotForCommercialUse
from tryon.core.models import Model
from tryon.core.words import EngineCard

APACHE = "https://www.apache.org/licenses/LICENSE-2.0"

ALTERNATIVES = {
    "warp": "FASHION_DRESSER=warp, the dresser of the sample profile (Apache-2.0)",
    "studio-parser": "FASHION_BODY_PARSER=studio-parser, the body parser of the sample profile (Apache-2.0)",
    "relief": "FASHION_SPLATTER=relief, the splatter of the sample profile (Apache-2.0)",
    "fashn-vton-1.5": "FASHN VTON 1.5 (code and weights Apache-2.0; not built in, and its human parser is under "
    "NVIDIA's non-commercial licence: use another parser's masks)",
    "jco-mvton": "JCo-MVTON (Apache-2.0; not built in; its base is a FLUX model: read that licence too)",
}
"""What does the same under a licence that allows commercial use, by the ids in `Model.alternatives`."""

OF_ENGINE = {"catvton": ("warp",), "human-parser": ("studio-parser",), "sharp": ("relief",)}
"""By the ids of engines: one may be barred though none of the models that we know is, with weights of one's own."""


def licence_facts(*cards: EngineCard) -> dict[str, object]:
    """What a record says of the engines that made it, fixed when it is published; see tryon.core.origins."""
    return {
        "licences": {card.id: card.licence for card in cards},
        "commercial_use": all(card.commercial_use for card in cards),
    }


def check_commercial(cards: Iterable[EngineCard], models: Iterable[Model], commercial: bool) -> None:
    """Raises NotForCommercialUse naming each engine and model that may not be used so, its licence, and what else
    there is. cards: of the engines that are about to work. models: all that they load. Says nothing of what outputs
    may be used for beyond that: docs/licences.md."""
    if not commercial:
        return
    engines = [card for card in cards if not card.commercial_use]
    barred = [model for model in models if not model.commercial_use]
    if not engines and not barred:
        return
    found = [f"engine {card.id} ({card.licence})" for card in engines]
    found += [f"model {model.id} ({model.licence})" for model in barred]
    others = [name for card in engines for name in OF_ENGINE.get(card.id, ())]
    others += [name for model in barred for name in model.alternatives]
    instead = "; ".join(ALTERNATIVES[name] for name in dict.fromkeys(others))
    instead = f" Instead: {instead}." if instead else ""
    raise NotForCommercialUse(
        f"FASHION_COMMERCIAL=true, but the licences of these forbid commercial use: {', '.join(found)}.{instead} "
        "Choose other engines or unset FASHION_COMMERCIAL; docs/licences.md has them all"
    )
