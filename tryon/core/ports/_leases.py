"""Who works on what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tryon.core.records import Lease


class Leases(Protocol):
    """One maker of a key at a time."""

    def claim(self, keys: Sequence[str], holder: str, seconds: float) -> set[str]:
        """Lease keys to one maker at a time; the ones granted. A dead holder's lease lapses."""
        ...

    def release(self, keys: Sequence[str], holder: str) -> None: ...

    def leases(self) -> list[Lease]: ...
