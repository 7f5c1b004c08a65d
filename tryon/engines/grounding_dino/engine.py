"""The engine: from photos and what an analyzer saw in them to boxes or refusals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from threading import Lock

import numpy as np

from tryon.core.errors import InvalidSetting, ModelMissing, OutOfMemory
from tryon.core.models import Models
from tryon.core.ports import Detected, DetectJob, Pixels
from tryon.core.words import EngineCard, Refused
from tryon.engines.grounding_dino.batching import Row, Size, buckets, resized, searchable
from tryon.engines.grounding_dino.models import GROUNDING_DINO_TINY, detector_model
from tryon.engines.grounding_dino.net import Answer, Net, load
from tryon.engines.grounding_dino.phrases import Question, ask
from tryon.engines.grounding_dino.prompts import prompts
from tryon.engines.grounding_dino.refusals import odd_shape
from tryon.engines.grounding_dino.scores import corners
from tryon.engines.grounding_dino.select import Found, Limits, select
from tryon.engines.torch_runtime import Device, Precision, need, release_memory, resolve_device

REVISION = "1"


class GroundingDino:
    """Finds garments by their descriptions.

    model: id or repository of one of `MODELS`. shortest, longest: photos are searched with the shorter side at
    `shortest` pixels, less where the longer one would pass `longest`; the model was trained with 480 to 800 and up to
    1333. batch_size: photos at once on a GPU; a CPU takes one at a time, since each costs a gigabyte and saves
    nothing. threads: of torch, on a CPU; None: as torch is set.
    """

    def __init__(
        self,
        models: Models,
        model: str = GROUNDING_DINO_TINY.id,
        device: Device = "auto",
        precision: Precision = "no",
        shortest: int = 640,
        longest: int = 1066,
        limits: Limits | None = None,
        batch_size: int = 8,
        threads: int | None = None,
    ) -> None:
        if not 0 < shortest <= longest:
            raise InvalidSetting(
                f"a detector cannot search at {shortest} to {longest} px; 640 to 1066 is usual"
            )
        self._models, self._model = models, detector_model(model)
        self._device, self._precision, self._threads = device, precision, threads
        self._edges, self._limits, self._most = (shortest, longest), limits or Limits(), max(batch_size, 1)
        self._net: Net | None = None
        self._busy = Lock()
        self.card = EngineCard(
            id="grounding-dino",
            revision=self._revision(),
            licence=self._model.licence,
            commercial_use=self._model.commercial_use,
            deterministic=True,
            url=self._model.url,
            parameters=self._parameters(),
            typical_seconds=0.2 if device == "cuda" else 15.0,
        )

    def _revision(self) -> str:
        return f"{REVISION}+{self._models.revision(self._model)[:12]}"

    def _parameters(self) -> dict[str, object]:
        size = {"shortest": self._edges[0], "longest": self._edges[1]}
        return {"model": self._model.id, "precision": self._precision, **size, **asdict(self._limits)}

    def detect(self, batch: Sequence[DetectJob]) -> list[tuple[Detected | Refused, ...]]:
        """Raises ModelMissing, ModelDamaged, DeviceMissing, PackageMissing, OutOfMemory, EngineError."""
        # One pass at a time: two threads would need the memory twice and share the same cores.
        with self._busy:
            net = self._loaded()
            questions = [ask(job.seen, job.others, net.spans) for job in batch]
            rows = [*self._rows(net, batch, questions)]
            answers = self._search(net, batch, rows)
        return [
            self._choose(net, job, question, answers.get(place, []))
            for place, (job, question) in enumerate(zip(batch, questions, strict=True))
        ]

    def load(self) -> None:
        """Now instead of with the first photo. Raises as `detect`, without OutOfMemory."""
        with self._busy:
            self._loaded()

    @property
    def device(self) -> str:
        """Implements tryon.core.ports.OnDevice."""
        return self._net.device.type if self._net else resolve_device(self._device)

    def release(self) -> None:
        """Implements tryon.core.ports.Releasing."""
        release_memory()

    def _loaded(self) -> Net:
        if self._net is None:
            folder = self._models.folder(self._model)
            if self._revision() != self.card.revision:
                raise ModelMissing(
                    f"model {self._model.id} was downloaded after this process began; start it again, so that what it"
                    " makes is recorded with the weights' commit"
                )
            if self._threads is not None:
                need("torch").set_num_threads(self._threads)
            self._net = load(folder, self._device, self._precision)
        return self._net

    def _rows(self, net: Net, batch: Sequence[DetectJob], questions: Sequence[Question]) -> Iterator[Row]:
        """One for each prompt of each photo that can be searched."""
        for place, (job, question) in enumerate(zip(batch, questions, strict=True)):
            size = self._size(job.image)
            if question.wanted and searchable(size, net.queries):
                for prompt in prompts(question, net.spans, net.text_length):
                    yield Row(place, prompt, size)

    def _size(self, image: Pixels) -> Size:
        return resized((image.shape[1], image.shape[0]), *self._edges)

    def _search(
        self, net: Net, batch: Sequence[DetectJob], rows: Sequence[Row]
    ) -> dict[int, list[tuple[Row, Answer]]]:
        """The answers to the prompts of each photo, by the photo's place in the batch."""
        found: dict[int, list[tuple[Row, Answer]]] = {}
        most = 1 if net.device.type == "cpu" else self._most
        for group in buckets(rows, most):
            for row, answer in zip(group, _search(net, batch, group), strict=True):
                found.setdefault(row.job, []).append((row, answer))
        return found

    def _choose(
        self, net: Net, job: DetectJob, question: Question, answers: Sequence[tuple[Row, Answer]]
    ) -> tuple[Detected | Refused, ...]:
        height, width = job.image.shape[:2]
        if question.wanted and not searchable(self._size(job.image), net.queries):
            return (odd_shape(width, height),) * len(job.seen)
        return select(_pooled(answers, question, (width, height)), question, (width, height), self._limits)


def _search(net: Net, batch: Sequence[DetectJob], rows: Sequence[Row]) -> list[Answer]:
    """Halved for as long as it does not fit into memory."""
    try:
        return net.search([batch[row.job].image for row in rows], [row.prompt for row in rows], rows[0].size)
    except OutOfMemory:
        if len(rows) == 1:
            raise
    half = len(rows) // 2
    return _search(net, batch, rows[:half]) + _search(net, batch, rows[half:])


def _pooled(answers: Sequence[tuple[Row, Answer]], question: Question, size: Size) -> Found:
    """The boxes of all prompts of one photo together; a box does not fit a phrase that its prompt had not."""
    boxes = [corners(answer.boxes, size) for _, answer in answers]
    scores = [np.zeros((len(answer.boxes), len(question.phrases)), np.float32) for _, answer in answers]
    for table, (row, answer) in zip(scores, answers, strict=True):
        table[:, list(row.prompt.phrases)] = answer.scores
    if not answers:
        return Found(np.zeros((0, 4), np.float32), np.zeros((0, len(question.phrases)), np.float32))
    return Found(np.concatenate(boxes), np.concatenate(scores))
