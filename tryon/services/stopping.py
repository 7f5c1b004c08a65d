"""How a server tells answers without an end that it was asked to stop: nothing of ASGI says so while one is under way.

Whoever runs an app puts an event under KEY into the state of its lifespan, which each request gets a copy of. Where
nobody does (Modal, tests), no event ever comes.
"""

from __future__ import annotations

import asyncio

from starlette.types import Scope

KEY = "stopping"


def stopping(scope: Scope) -> asyncio.Event:
    found = scope.get("state", {}).get(KEY)
    return found if isinstance(found, asyncio.Event) else asyncio.Event()
