"""Answers that were paid for, kept under everything that decided them; that the model will not look is one too.

What was declared, and our own rules, decide only what is chosen from an answer.
"""

from __future__ import annotations

import json
from hashlib import sha256

from tryon.core.errors import AnswerUnusable, StoreDamaged
from tryon.core.recipes import canonical_json
from tryon.core.tariff import Calls
from tryon.core.words import Refused
from tryon.engines.openai_vision.answer import PhotoAnswer, read_answer
from tryon.engines.openai_vision.outcomes import WAS_FILTERED, WILL_NOT_LOOK, Said
from tryon.engines.openai_vision.prompt import PROMPT_REVISION
from tryon.engines.openai_vision.reply import Usage

Heard = PhotoAnswer | Refused

_REFUSALS = {refused.code: refused for refused in (WILL_NOT_LOOK, WAS_FILTERED)}
"""Of the photo itself. That it could not be read is none: what is sent was encoded here."""


def answer_key(photo: str, model: str, temperature: float | None) -> str:
    """photo: `picture.photo_digest`. A digest again, so that the key names no photo."""
    facts = {"photo": photo, "prompt": PROMPT_REVISION, "model": model, "temperature": temperature}
    return sha256(canonical_json(facts).encode()).hexdigest()


def to_keep(said: Said | Refused) -> str | None:
    """The model's own words, with the tokens that they cost, or the code of a refusal; None: not to be kept."""
    if isinstance(said, Said):
        return canonical_json({"text": said.text, "usage": said.usage.model_dump()})
    return canonical_json({"refused": said.code}) if said.code in _REFUSALS else None


UNMEASURED = Calls(unmeasured=1)


def calls_of(said: Said | Refused) -> Calls:
    """What was paid for an answer that is kept."""
    usage = said.usage if isinstance(said, Said) else Usage()
    return Calls(usage.input_tokens, usage.output_tokens) if usage != Usage() else UNMEASURED


def read_kept(text: str) -> Heard:
    """Raises StoreDamaged: only answers that can be read are kept."""
    try:
        kept = json.loads(text)
        return _REFUSALS[kept["refused"]] if "refused" in kept else read_answer(kept["text"])
    except (AnswerUnusable, ValueError, KeyError, TypeError):
        raise StoreDamaged(
            "an answer about a photo is not as it was kept; restore a backup of the database"
        ) from None
