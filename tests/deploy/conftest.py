"""PostgreSQL for what deploy/ starts."""

from __future__ import annotations

from tests.peers.postgres import postgres

__all__ = ["postgres"]
