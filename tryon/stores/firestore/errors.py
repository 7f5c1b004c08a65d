"""Firestore's errors by name, and trying again for a limited time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_delay
from tenacity.wait import wait_random_exponential

from tryon.core.errors import StoreAway, StoreError, StoreUnusable

T = TypeVar("T")

FIRST_WAIT, LONGEST_WAIT = 0.02, 1.0
"""Seconds between two tries: at random up to a bound that doubles, so that rivals do not meet again and again."""


class Conflict(Exception):
    """Somebody changed what a decision was based on: read again, decide again."""


def keep_trying(call: Callable[[], T], seconds: float, renew: Callable[[], None]) -> T:
    """Its answer. Raises StoreUnusable at once, and StoreAway when no try of `seconds` had an answer.

    renew: called when Firestore could not be reached, before the next try: the library's own connection rests ever
    longer between its attempts, up to two minutes, after a network was away.
    """
    from google.api_core.exceptions import GoogleAPIError, ServiceUnavailable
    from google.auth.exceptions import GoogleAuthError

    def before(state: RetryCallState) -> None:
        if state.outcome and isinstance(state.outcome.exception(), ServiceUnavailable):
            renew()

    retrying = Retrying(
        stop=stop_after_delay(seconds),
        wait=wait_random_exponential(multiplier=FIRST_WAIT, max=LONGEST_WAIT),
        retry=retry_if_exception(passing),
        before_sleep=before,
        reraise=True,
    )
    try:
        answer: T = retrying(call)
    except (GoogleAPIError, GoogleAuthError, Conflict) as error:
        raise named(error, seconds) from error
    return answer


def passing(error: BaseException) -> bool:
    """Whether the same call may work a moment later."""
    from google.api_core import exceptions
    from google.auth.exceptions import TransportError

    busy = (exceptions.Aborted, exceptions.Cancelled, exceptions.ResourceExhausted, exceptions.Unknown)
    away = (exceptions.ServerError, exceptions.RetryError, TransportError)
    return isinstance(error, (Conflict, *busy, *away))


def named(error: Exception, seconds: float) -> StoreError:
    """The texts of Firestore's errors name documents, whose ids are hashes; they are kept as the cause."""
    from google.api_core import exceptions
    from google.auth.exceptions import GoogleAuthError

    kind = type(error).__name__
    if passing(error):
        return StoreAway(
            f"Firestore took no call for {seconds:g} s (the last: {kind}); check the network and the service's "
            "status page, then run it again"
        )
    if isinstance(error, (exceptions.Forbidden, exceptions.Unauthorized, GoogleAuthError)):
        return StoreUnusable(
            f"Firestore refuses these credentials ({kind}); check GOOGLE_APPLICATION_CREDENTIALS and that its account "
            "has the role roles/datastore.user in GOOGLE_CLOUD_PROJECT"
        )
    if isinstance(error, exceptions.NotFound):
        return StoreUnusable(
            "there is no such Firestore database; check GOOGLE_CLOUD_PROJECT, or create it in native mode"
        )
    if isinstance(error, exceptions.FailedPrecondition):
        return StoreUnusable(
            "Firestore has no index for a query; deploy deploy/firestore/firestore.indexes.json "
            "(`firebase deploy --only firestore:indexes`)"
        )
    return StoreError(f"Firestore rejected a request ({kind}: {error})")
