"""A lookbook to change: a copy of one that was made once."""

from __future__ import annotations

from copy import copy
from typing import TypeVar

from tests.core.workshop import Workshop

StoreT = TypeVar("StoreT")


def copied(made: Workshop) -> Workshop:
    return Workshop(_copied(made.uploads), _copied(made.blobs), _copied(made.records), _copied(made.log))


def _copied(store: StoreT) -> StoreT:
    """A fake's own dictionaries and lists hold values that never change."""
    other = copy(store)
    for name, value in vars(store).items():
        if isinstance(value, dict | list):
            setattr(other, name, copy(value))
    return other
