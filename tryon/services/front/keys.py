"""API keys: who may ask."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Sequence
from hashlib import sha256

from pydantic import SecretStr
from starlette.datastructures import Headers


class Keys:
    """basic: whether a browser's password counts as a key, for services that have pages."""

    def __init__(self, keys: Sequence[SecretStr], basic: bool = False) -> None:
        self._digests = [_digest(key.get_secret_value()) for key in keys]
        self.basic = basic

    def __bool__(self) -> bool:
        return bool(self._digests)

    def find(self, headers: Headers) -> int | None:
        """Which key was shown. Every key is compared, each in the same time: how long it takes tells nothing."""
        said, header = map(_digest, self._shown(headers))
        matches = [hmac.compare_digest(said, d) | hmac.compare_digest(header, d) for d in self._digests]
        return matches.index(True) if any(matches) else None

    def challenge(self) -> dict[str, str]:
        """The header that says how to show a key; a browser asks its user for a password then."""
        return {"WWW-Authenticate": 'Basic realm="fashion", charset="UTF-8"' if self.basic else "Bearer"}

    def _shown(self, headers: Headers) -> tuple[str, str]:
        """In either header: a proxy may need the other one for itself."""
        scheme, _, value = headers.get("authorization", "").partition(" ")
        said = ""
        if scheme.lower() == "bearer":
            said = value
        elif scheme.lower() == "basic" and self.basic:
            said = _password(value.strip())
        return said.strip(), headers.get("x-api-key", "").strip()


def uses_password(headers: Headers) -> bool:
    """A browser shows a password by itself, whoever's page makes it ask."""
    return headers.get("authorization", "").lower().startswith("basic ")


def _password(encoded: str) -> str:
    try:
        return base64.b64decode(encoded, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _digest(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogateescape")).digest()
