"""Photos in, garments out: ask once about each, keep the answer, choose by rules."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from uuid import uuid4

from pydantic import SecretStr

from tryon.core.metering import Meter
from tryon.core.ports import Analysis, Answers, ProductPhoto
from tryon.core.tariff import Calls
from tryon.core.words import Category, EngineCard, Refused
from tryon.engines.openai_vision.answer import read_answer
from tryon.engines.openai_vision.asking import ask_each
from tryon.engines.openai_vision.choose import choose
from tryon.engines.openai_vision.client import SECONDS, Client
from tryon.engines.openai_vision.failures import Wasted
from tryon.engines.openai_vision.kept import UNMEASURED, Heard, answer_key, calls_of, read_kept, to_keep
from tryon.engines.openai_vision.patience import Turns
from tryon.engines.openai_vision.picture import as_jpeg, photo_digest
from tryon.engines.openai_vision.prompt import PROMPT_REVISION

VERSION = 1
"""Raised when `choose` or `keywords` change what is chosen; answers that are kept stay good."""
DEFAULT_MODEL = "gpt-4o-2024-11-20"

NOTHING = ""
"""The key of a photo that nothing is declared of; nobody is asked about it."""

LEASE_SECONDS = 300.0
"""Of one round of questions: their retries take at most about two minutes. A killed process's lease lapses at once."""
POLL_SECONDS = 0.2
MOST_WASTED = 2
"""Answers of no use that are paid for about one photo. A run tries a photo six times, and the model mostly says the
same again."""

Photos = Mapping[str, Sequence[ProductPhoto]]
"""Equal photos by their key."""


class OpenAiAnalyzer:
    """temperature: None where the model takes none. threads: questions asked at a time.
    turns: how a busy service is treated. seconds: longest wait for one answer. holder: names this process in leases.
    meter: counts what answers cost.
    """

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
        holder: str = "analyzer",
        meter: Meter | None = None,
    ) -> None:
        self._client = Client(api_key, model, temperature, base_url, seconds, turns)
        self._answers, self._model, self._temperature, self._threads = answers, model, temperature, threads
        self._holder, self._meter = holder, meter or Meter()
        self._wasted: dict[str, list[Wasted]] = {}
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

    def load(self) -> None:
        """Opens its client; nothing is asked. Raises PackageMissing, and AccessDenied without a key."""
        self._client.open()

    def close(self) -> None:
        """Ends its connections; the next question opens new ones."""
        self._client.close()

    def _key(self, photo: ProductPhoto) -> str:
        return answer_key(photo_digest(photo.image), self._model, self._temperature)

    def _hear(self, photos: Photos) -> dict[str, Heard]:
        """What another process is asking about is waited for: a lease of its key keeps it from being paid for twice."""
        heard, asker = self._known(photos), f"{self._holder}:{uuid4().hex}"
        while left := [key for key in photos if key not in heard]:
            self._client.open()
            try:
                mine = self._answers.claim(left, asker, LEASE_SECONDS * -(-len(left) // self._threads))
                # Looked up again: who asked before may have been answered in the meantime.
                heard |= self._known({key: photos[key] for key in left if key in mine})
                heard |= self._ask_all({key: photos[key] for key in left if key in mine and key not in heard})
            finally:
                self._answers.release(left, asker)
            if not mine:
                time.sleep(POLL_SECONDS)
        return heard

    def _known(self, photos: Photos) -> dict[str, Heard]:
        known = self._answers.answers(list(photos))
        for key, text in known.items():
            self._keep(key, text, photos[key])
        return {key: read_kept(text) for key, text in known.items()}

    def _ask_all(self, photos: Photos) -> dict[str, Heard]:
        heard: dict[str, Heard] = {}

        def take(key: str, answer: tuple[Heard, str | None]) -> None:
            heard[key], text = answer
            if text is not None:
                self._keep(key, text, photos[key])

        ask_each(
            list(photos), lambda key, stopped: self._ask(key, photos[key][0], stopped), take, self._threads
        )
        return heard

    def _ask(self, key: str, photo: ProductPhoto, stopped: threading.Event) -> tuple[Heard, str | None]:
        """The answer, and what is kept of it: only what can be read."""
        wasted = self._wasted.setdefault(key, [])
        if len(wasted) >= MOST_WASTED:
            last = wasted[-1]
            raise type(last)(
                f"{last}; it was asked about {len(wasted)} times and is not again in this process"
            )
        try:
            said = self._client.ask(as_jpeg(photo.image), stopped)
            heard, text = said if isinstance(said, Refused) else read_answer(said.text), to_keep(said)
        except Wasted as error:
            wasted.append(error)
            self._count(photo, UNMEASURED)
            raise
        if text is not None:
            self._count(photo, calls_of(said))
        return heard, text

    def _count(self, photo: ProductPhoto, calls: Calls) -> None:
        if photo.upload:
            self._meter.count(photo.upload, calls)

    def _keep(self, key: str, text: str, alike: Sequence[ProductPhoto]) -> None:
        """For each upload with this photo: erasing one of them leaves the others theirs."""
        for upload in {photo.upload: None for photo in alike}:
            self._answers.keep_answer(key, text, upload)


def _chosen(heard: Heard | None, photo: ProductPhoto) -> Analysis | Refused:
    if heard is None:
        names = ", ".join(Category)
        return Refused("nothing_declared", f"The item does not say what it shows; name any of {names}.")
    return heard if isinstance(heard, Refused) else choose(heard, photo.declared)
