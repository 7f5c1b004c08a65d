"""Several questions at a time, and what to do when one of them fails."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import suppress
from typing import TypeVar

from tryon.core.errors import FashionError, Unusable
from tryon.engines.openai_vision.failures import Stopped

T = TypeVar("T")
Ask = Callable[[str, threading.Event], T]
"""Ends early, with Stopped, once the event is set."""
Take = Callable[[str, T], None]


def ask_each(keys: Sequence[str], ask: Ask[T], take: Take[T], threads: int) -> None:
    """Every answer is taken as it comes, in the caller's thread, before an error is raised: the weightiest one.

    After an error that no photo can change nothing more is asked. Who is interrupted (Ctrl-C) still takes what is
    under way, since that is paid for.
    """
    stopped, errors = threading.Event(), list[FashionError]()
    with ThreadPoolExecutor(threads) as pool:
        asked = {pool.submit(_ask, ask, key, stopped): key for key in keys}
        try:
            for done in as_completed(asked):
                try:
                    take(asked.pop(done), done.result())
                except FashionError as error:
                    errors.append(error)
                    if isinstance(error, Unusable):
                        stopped.set()
        except BaseException:
            stopped.set()
            _take_rest(asked, take)
            raise
    if errors:
        raise _weightiest(errors)


def _ask(ask: Ask[T], key: str, stopped: threading.Event) -> T:
    """In a thread of its own: what stops everything has to stop the next question before that begins."""
    try:
        return ask(key, stopped)
    except Unusable:
        stopped.set()
        raise


def _take_rest(asked: dict[Future[T], str], take: Take[T]) -> None:
    for done, key in asked.items():
        with suppress(FashionError):  # It is the interruption that is told.
            take(key, done.result())


def _weightiest(errors: Sequence[FashionError]) -> FashionError:
    """What stops everything before what may go better next time; Stopped is only its echo."""
    return min(errors, key=lambda error: (not isinstance(error, Unusable), isinstance(error, Stopped)))
