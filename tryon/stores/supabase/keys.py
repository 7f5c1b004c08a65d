"""Supabase's keys: which of them may do the pipeline's work."""

from __future__ import annotations

import base64
import binascii
import json

from pydantic import SecretStr

from tryon.core.errors import StoreUnusable


def service_key(key: SecretStr) -> str:
    """The key, if it may see everything. Raises StoreUnusable, without the key.

    With a public key row-level security hides what is there: a listing is empty and a removal removes nothing, which
    looks like success. Erasure and audit would then report what is not so.
    """
    text = key.get_secret_value().strip()
    if not text:
        raise StoreUnusable("SUPABASE_SERVICE_ROLE_KEY is not set; copy it from the project's API settings")
    if not (text.isascii() and text.isprintable()) or " " in text:
        raise StoreUnusable("SUPABASE_SERVICE_ROLE_KEY holds characters that no key has; copy it again")
    if text.startswith("sb_publishable_") or _role(text) not in (None, "service_role"):
        raise StoreUnusable(
            "SUPABASE_SERVICE_ROLE_KEY is a public key, which cannot see the private buckets; take the service_role key"
        )
    return text


def _role(key: str) -> str | None:
    """The claim of a key that is a JWT; its signature is the server's business."""
    parts = key.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        return str(claims.get("role", ""))
    except (binascii.Error, ValueError, AttributeError):
        return ""
