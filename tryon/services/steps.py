"""A step of the log around what the event loop waits for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from functools import partial

from tryon.core.errors import Cancelled
from tryon.services.threads import Threads


@asynccontextmanager
async def written(step: AbstractContextManager[None], errands: Threads) -> AsyncIterator[None]:
    """The step's start and end. A caller who went away, or was given up, is a failure of it. step: as `Journal.step`
    makes it. errands: where its lines are written."""
    await errands.run(step.__enter__)
    try:
        yield
    except asyncio.CancelledError:
        gone = Cancelled("the caller went away, or was given up")
        await asyncio.shield(errands.run(partial(step.__exit__, type(gone), gone, None)))
        raise
    except Exception as error:
        await errands.run(partial(step.__exit__, type(error), error, None))
        raise
    await errands.run(partial(step.__exit__, None, None, None))
