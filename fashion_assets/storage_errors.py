"""What a full, read-only, locked or damaged disk does to a Dagster run, as our own errors."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from fashion_assets import postgres
from tryon.core.errors import UNUSABLE, StoreDamaged, StoreError, Unusable
from tryon.stores import disk
from tryon.stores.sqlite.errors import store_error


@contextmanager
def named_errors(home: Path) -> Iterator[None]:
    """Raise what Dagster's own storage under `home` cannot do by its name; it is buried under other errors."""
    try:
        yield
    except Exception as error:
        named = next(filter(None, (_named(home, cause) for cause in _causes(error))), None)
        if named is None or named is error:
            raise
        raise named from error


def unusable(failure: dg.DagsterEvent) -> Unusable | None:
    """Why a step stopped, where no step after it could do better: Dagster keeps errors as text."""
    error = failure.step_failure_data.error
    while error is not None:
        if error.cls_name in UNUSABLE:
            return UNUSABLE[error.cls_name](error.message.partition(": ")[2].strip())
        error = error.cause
    return None


def _named(home: Path, error: BaseException) -> StoreError | None:
    if isinstance(error, StoreError):
        return error
    if isinstance(error, OSError):
        return disk.unusable(home, error)
    if said := postgres.store_error(error):
        return said
    found = store_error(home, error) if isinstance(error, sqlite3.Error) else None
    if isinstance(found, StoreDamaged):
        return StoreDamaged(
            f"Dagster's storage {home} is damaged ({error}); end all runs and move that folder away: it is made "
            "anew, and results do not need it"
        )
    return found


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__
