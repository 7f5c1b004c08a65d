"""Dagster's storage in PostgreSQL instead of SQLite: how the instance is told, and what goes wrong with it by name."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import create_engine, exc
from sqlalchemy.pool import NullPool

from tryon.core.errors import InvalidSetting, PackageMissing, StoreAway, StoreError, StoreUnusable

VARIABLE = "DAGSTER_POSTGRES_URL"
STORAGE = f"""
# Runs, events, schedules and sensors. Only the variable's name lies here, never the password.
storage:
  postgres:
    postgres_url:
      env: {VARIABLE}
""".encode()
CONNECT_SECONDS = 10
"""Of one try. A server on another continent needs less than one second; a dropped packet is sent again after one."""
_LATER = (
    "refused",
    "timeout expired",
    "starting up",
    "shutting down",
    "terminating",
    "too many clients",
    "closed the",
)
"""In messages of PostgreSQL that may be gone when the same thing is tried again."""


def config(plain: bytes, postgres: bool) -> bytes:
    """dagster.yaml of an instance. plain: the project's own, whose storage is SQLite."""
    return plain + STORAGE if postgres else plain


def in_postgres(home: Path) -> bool:
    """Whether Dagster under `home` was set up with PostgreSQL."""
    place = home / "dagster.yaml"
    return place.is_file() and STORAGE.strip() in place.read_bytes()


def check_home(home: Path, url: SecretStr | None) -> None:
    """Raises InvalidSetting where `home` uses PostgreSQL and no address is given: with SQLite in its place every run
    would seem never to have happened. Raises what `connect` raises."""
    if url is not None:
        connect(url)
    elif in_postgres(home):
        raise InvalidSetting(
            f"Dagster under {home} keeps its runs in PostgreSQL, and {VARIABLE} is not set; set it, or delete "
            "dagster.yaml there to begin again with SQLite (results do not need the history of runs)"
        )


def connect(url: SecretStr) -> None:
    """Once, without Dagster's own tries, which log each failure at length.

    Raises StoreAway or StoreUnusable with what the server said, and PackageMissing; never with the address."""
    try:
        engine = create_engine(
            url.get_secret_value(), poolclass=NullPool, connect_args={"connect_timeout": CONNECT_SECONDS}
        )
        engine.connect().close()
    except ModuleNotFoundError as error:
        raise PackageMissing(
            f"{VARIABLE} needs the package {error.name}: pip install -e '.[cloud]'"
        ) from None
    except exc.SQLAlchemyError as error:
        # Not what cannot be parsed itself: its message may quote the address.
        raise store_error(error) or StoreUnusable(
            f"{VARIABLE} is no address that can be used ({type(error).__name__})"
        ) from None


def store_error(error: BaseException) -> StoreError | None:
    """What PostgreSQL said, by name; None for anything else, SQLite's errors too."""
    if not isinstance(error, exc.DBAPIError) or isinstance(error.orig, sqlite3.Error):
        return None
    said = " ".join(str(error.orig).split())
    if any(word in said for word in _LATER):
        return StoreAway(f"Dagster's PostgreSQL does not answer: {said}; start it, or correct {VARIABLE}")
    return StoreUnusable(f"Dagster's PostgreSQL cannot be used: {said}; correct {VARIABLE} or the database")
