"""Photos in, garments out: ask once about each, keep the answer, choose by rules."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from pydantic import SecretStr

from tryon.core.errors import FashionError, Unusable
from tryon.core.ports import Analysis, Answers, ProductPhoto
from tryon.core.words import Category, EngineCard, Refused
from tryon.engines.openai_vision.answer import PhotoAnswer, read_answer
from tryon.engines.openai_vision.choose import choose
from tryon.engines.openai_vision.client import SECONDS, Client
from tryon.engines.openai_vision.kept import answer_key, read_kept, to_keep
from tryon.engines.openai_vision.outcomes import Said
from tryon.engines.openai_vision.patience import Stopped, Turns
from tryon.engines.openai_vision.picture import as_jpeg, photo_digest
from tryon.engines.openai_vision.prompt import PROMPT_REVISION

VERSION = 1
"""Raised when `choose` or `keywords` change what is chosen; answers that are kept stay good."""
DEFAULT_MODEL = "gpt-4o-2024-11-20"

NOTHING = ""
"""The key of a photo that nothing is declared of; nobody is asked about it."""

Heard = PhotoAnswer | Refused
Photos = Mapping[str, Sequence[ProductPhoto]]
"""Equal photos by their key."""


class OpenAiAnalyzer:
    """temperature: None where the model takes none. threads: questions asked at a time.
    turns: how a busy service is treated. seconds: longest wait for one answer."""

    def __init__(
        self,
        api_key: SecretStr | None,
        answers: Answers,
        model: str = DEFAULT_MODEL,
        base_url: str | None = None,
        *,
        temperature: float | None = 0.0,
        seconds: float = SECONDS,
        threads: int = 4,
        turns: Turns | None = None,
    ) -> None:
        self._client = Client(api_key, model, temperature, base_url, seconds, turns)
        self._answers, self._model, self._temperature, self._threads = answers, model, temperature, threads
        self._refused: dict[str, Refused] = {}
        """In this process: a batch that is tried again for a neighbour's sake does not pay for a refusal again."""
        self.card = EngineCard(
            id="gpt-4o",
            revision=f"{VERSION}+{PROMPT_REVISION}",
            licence="proprietary (OpenAI terms)",
            commercial_use=True,
            deterministic=False,
            url="https://openai.com/policies/services-agreement/",
            parameters={"model": model, "temperature": temperature},
            typical_seconds=8.0,
        )

    def analyze(self, batch: Sequence[ProductPhoto]) -> list[Analysis | Refused]:
        """One answer a photo, in order.

        All are asked about, and what was paid for is kept, before an error is raised: a second try asks only for what
        is missing. After an error that no photo can change (EngineUnusable) nothing more is asked.
        """
        keys = [self._key(photo) if photo.declared else NOTHING for photo in batch]
        photos: dict[str, list[ProductPhoto]] = {}
        for key, photo in zip(keys, batch, strict=True):
            photos.setdefault(key, []).append(photo)
        photos.pop(NOTHING, None)
        heard = self._hear(photos)
        return [_chosen(heard.get(key), photo) for key, photo in zip(keys, batch, strict=True)]

    def close(self) -> None:
        """Ends its connections; the next question opens new ones."""
        self._client.close()

    def _key(self, photo: ProductPhoto) -> str:
        return answer_key(photo_digest(photo.image), self._model, self._temperature)

    def _hear(self, photos: Photos) -> dict[str, Heard]:
        known = self._answers.answers(list(photos))
        for key, text in known.items():
            self._keep(key, text, photos[key])
        heard: dict[str, Heard] = {key: self._refused[key] for key in photos if key in self._refused}
        heard |= {key: read_kept(text) for key, text in known.items()}
        return heard | self._ask_all({key: alike for key, alike in photos.items() if key not in heard})

    def _ask_all(self, photos: Photos) -> dict[str, Heard]:
        if not photos:
            return {}
        self._client.open()
        stopped, heard, errors = threading.Event(), dict[str, Heard](), list[FashionError]()
        with ThreadPoolExecutor(self._threads) as pool:
            asked = {pool.submit(self._ask, alike[0], stopped): key for key, alike in photos.items()}
            try:
                for done in as_completed(asked):
                    try:
                        heard[asked[done]] = self._heard(asked[done], done.result(), photos)
                    except FashionError as error:
                        errors.append(error)
                        if isinstance(error, Unusable):
                            stopped.set()
            finally:
                stopped.set()
        if errors:
            raise _weightiest(errors)
        return heard

    def _ask(self, photo: ProductPhoto, stopped: threading.Event) -> Said | Refused:
        """In a thread of its own: what stops everything has to stop the next question before that begins."""
        try:
            return self._client.ask(as_jpeg(photo.image), stopped)
        except Unusable:
            stopped.set()
            raise

    def _heard(self, key: str, said: Said | Refused, photos: Photos) -> Heard:
        """Kept only if it can be read."""
        if isinstance(said, Refused):
            self._refused[key] = said
            return said
        answer = read_answer(said.text)
        self._keep(key, to_keep(said), photos[key])
        return answer

    def _keep(self, key: str, text: str, alike: Sequence[ProductPhoto]) -> None:
        """For each upload with this photo: erasing one of them leaves the others theirs."""
        for upload in {photo.upload: None for photo in alike}:
            self._answers.keep_answer(key, text, upload)


def _chosen(heard: Heard | None, photo: ProductPhoto) -> Analysis | Refused:
    if heard is None:
        names = ", ".join(Category)
        return Refused("nothing_declared", f"The item does not say what it shows; name any of {names}.")
    return heard if isinstance(heard, Refused) else choose(heard, photo.declared)


def _weightiest(errors: Sequence[FashionError]) -> FashionError:
    """What stops everything before what may go better next time; Stopped is only its echo."""
    return min(errors, key=lambda error: (not isinstance(error, Unusable), isinstance(error, Stopped)))
