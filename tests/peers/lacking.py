"""System peers that are not installed here."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def lacking(reason: str) -> NoReturn:
    """A failure where REQUIRE_PEERS is set, as in .ci/run, else a skip with the reason."""
    if os.environ.get("REQUIRE_PEERS"):
        pytest.fail(reason)
    pytest.skip(reason)
