"""Answers that were paid for, kept under everything that decided them.

photo: of the decoded pixels. What was declared, and our own rules, decide only what is chosen from an answer.
"""

from __future__ import annotations

import json
from hashlib import sha256

from tryon.core.errors import AnswerUnusable, StoreDamaged
from tryon.core.recipes import canonical_json
from tryon.engines.openai_vision.answer import PhotoAnswer, read_answer
from tryon.engines.openai_vision.outcomes import Said
from tryon.engines.openai_vision.prompt import PROMPT_REVISION


def answer_key(photo: str, model: str, temperature: float | None) -> str:
    """photo: `picture.photo_digest`. A digest again, so that the key names no photo."""
    facts = {"photo": photo, "prompt": PROMPT_REVISION, "model": model, "temperature": temperature}
    return sha256(canonical_json(facts).encode()).hexdigest()


def to_keep(said: Said) -> str:
    """The model's own words, with the tokens that they cost."""
    return canonical_json({"text": said.text, "usage": said.usage.model_dump()})


def read_kept(text: str) -> PhotoAnswer:
    """Raises StoreDamaged: only answers that can be read are kept."""
    try:
        return read_answer(json.loads(text)["text"])
    except (AnswerUnusable, ValueError, KeyError, TypeError):
        raise StoreDamaged(
            "an answer about a photo is not as it was kept; restore a backup of the database"
        ) from None
