"""What a stage is to whoever makes its products."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from tryon.core.depot import Made
from tryon.core.recipes import Method
from tryon.core.wanted import Product
from tryon.core.words import Refused

JobT = TypeVar("JobT")
Task = tuple[Product, ...]
"""The products of one engine pass: the garments of a photo, the masks of a person, or one single result."""


class Stage(Protocol[JobT]):
    @property
    def batch_size(self) -> int: ...

    def method(self) -> Method:
        """How it works; a product whose recipe asks for another method is not for this code."""
        ...

    def warm(self) -> None:
        """Load the models now, not with the first batch."""
        ...

    def load(self, task: Task) -> JobT:
        """Read the inputs. InputRefused and ImageRejected are verdicts; any other error is retried."""
        ...

    def work(self, jobs: Sequence[JobT]) -> list[tuple[Made | Refused, ...]]:
        """One engine batch: one verdict for each product of each job's task, in order."""
        ...
