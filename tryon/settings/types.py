"""Types of settings that several groups of them share."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr

from tryon.core.models import Pinned
from tryon.stores.archive import SHORTEST_KEY


def _http_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("it must be an address such as https://api.example.com/v1")
    return value


def _postgres_address(value: SecretStr) -> SecretStr:
    parts = urlsplit(value.get_secret_value())
    if parts.scheme not in ("postgresql", "postgresql+psycopg2") or not parts.path.strip("/"):
        raise ValueError("it must be an address such as postgresql://user:password@host:5432/dagster")
    return value


def _empty_is_unset(value: object) -> object:
    """Compose files and secret stores write an empty value where there is none."""
    return None if isinstance(value, str) and not value.strip() else value


def _receipt_key(value: SecretStr | None) -> SecretStr | None:
    """At the start, and not when the first person asks to be erased."""
    given = value.get_secret_value() if value else ""
    if given.strip() and len(given) < SHORTEST_KEY:
        raise ValueError(f"it is shorter than {SHORTEST_KEY} characters; take a longer one")
    return value


def pinned(value: object) -> object:
    """An address is of use only with what must be there: `https://host/file.pt#sha256=HEX`."""
    if not isinstance(value, str) or "://" not in value:
        return value
    url, _, digest = value.partition("#sha256=")
    parts = urlsplit(url)
    plain = parts.scheme in ("http", "https") and parts.hostname and not (parts.query or parts.username)
    if not plain or not re.fullmatch(r"\w[\w.+-]*", parts.path.rpartition("/")[2]):
        raise ValueError("it must be a file's address without a query, as in https://host/file.pt#sha256=HEX")
    if not re.fullmatch("[0-9a-f]{64}", digest):
        raise ValueError(
            "an address needs the file's digest behind it: #sha256= and 64 hex digits in lower case"
        )
    return Pinned(url, digest)


HttpAddress = Annotated[str, AfterValidator(_http_address)]

Checkpoint = Annotated[Path | Pinned | None, BeforeValidator(pinned)]
"""A file here, or one that is downloaded."""

OptionalAddress = Annotated[HttpAddress | None, BeforeValidator(_empty_is_unset)]
OptionalText = Annotated[str | None, BeforeValidator(_empty_is_unset)]
OptionalSecret = Annotated[SecretStr | None, BeforeValidator(_empty_is_unset)]
PostgresAddress = Annotated[SecretStr, AfterValidator(_postgres_address)]
ReceiptKey = Annotated[SecretStr | None, AfterValidator(_receipt_key)]
OptionalDatabase = Annotated[PostgresAddress | None, BeforeValidator(_empty_is_unset)]
