"""Batches that fit into memory: halved until they do."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from typing import TypeVar

from tryon.core.errors import OutOfMemory
from tryon.engines.torch_runtime import is_out_of_memory, release_memory

JobT = TypeVar("JobT")
AnswerT = TypeVar("AnswerT")


class Portions:
    """size: how many jobs are worked on together; what did not fit once is not tried again."""

    def __init__(self, size: int) -> None:
        self.size = size

    def run(
        self, jobs: Sequence[JobT], work: Callable[[Sequence[JobT]], list[AnswerT]], what: str
    ) -> list[AnswerT]:
        """All answers in order. Raises OutOfMemory when not even a single job fits."""
        answers: list[AnswerT] = []
        while len(answers) < len(jobs):
            portion = jobs[len(answers) : len(answers) + self.size]
            try:
                answers += work(portion)
            except RuntimeError as error:
                if not is_out_of_memory(error):
                    raise
                if len(portion) == 1:
                    raise OutOfMemory(f"{what} does not fit into memory: {error}") from error
                self.size = len(portion) // 2
            else:
                continue
            # Outside the handler, whose traceback keeps the failed tensors alive.
            gc.collect()
            release_memory()
        return answers
