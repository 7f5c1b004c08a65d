"""Answers of paid services that nobody keeps: about a photo that is no upload, no erasure would find them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tryon.core.records import Lease
from tryon.core.uploads import UploadRef


class Unkept:
    """Implements tryon.core.ports.Answers: each question is asked anew, by whoever has it."""

    def answers(self, keys: Sequence[str]) -> Mapping[str, str]:
        return {}

    def keep_answer(self, key: str, text: str, upload: UploadRef | None = None) -> None:
        """Nothing."""

    def answers_of(self, upload: UploadRef) -> int:
        return 0

    def forget_answers(self, upload: UploadRef) -> int:
        return 0

    def claim(self, keys: Sequence[str], holder: str, seconds: float) -> set[str]:
        return set(keys)

    def release(self, keys: Sequence[str], holder: str) -> None:
        """Nothing."""

    def leases(self) -> list[Lease]:
        return []
