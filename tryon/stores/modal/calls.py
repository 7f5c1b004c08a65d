"""Calls of the workers that deploy/modal deploys."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from tryon.core.errors import (
    CallFailed,
    FashionError,
    InvalidSetting,
    PackageMissing,
    StoreAway,
    StoreError,
    StoreUnusable,
)
from tryon.core.recipes import Stage
from tryon.stores.modal import errors
from tryon.stores.modal.line import Line

if TYPE_CHECKING:
    from modal import Client

WORKER, METHOD = "Worker", "make"
"""Of every app: the class, and its method from an order's id to a word."""

FILES: Mapping[Stage, str] = {
    Stage.CROP: "deploy/modal/crops.py",
    Stage.MASK: "deploy/modal/masks.py",
    Stage.TRYON: "deploy/modal/tryons.py",
    Stage.SPLAT: "deploy/modal/splats.py",
}

WORDS = ("delivered", "busy", "withdrawn")


class ModalCalls:
    """apps: each stage's app, by the name under which it is deployed.
    token_id, token_secret: None: as Modal's own command line finds them.
    environment: of the workspace; None: its default one.
    seconds: for which a question that Modal does not answer is asked again. answer: seconds for one answer.

    An app is looked up for every call, so that a call goes to what is deployed now.
    """

    def __init__(
        self,
        apps: Mapping[Stage, str],
        token_id: SecretStr | None,
        token_secret: SecretStr | None,
        environment: str | None = None,
        *,
        seconds: float = 60.0,
        answer: float = 30.0,
    ) -> None:
        self._apps, self._environment = dict(apps), environment
        self._line = Line(token_id, token_secret, seconds, answer)

    def spawn(self, stage: Stage, order_id: str) -> str:
        """A request whose answer is lost is repeated by the SDK under the same key, and starts nothing twice; one that
        stays without an answer is asked again as another call."""
        app = self._app(stage)
        try:
            return self._line.ask(lambda client: _spawn(self._worker(client, app), order_id))
        except FashionError:
            raise
        except Exception as error:
            raise self._of_lookup(error, stage, app) from error

    def wait(self, call_id: str, seconds: float) -> str | None:
        """Whatever a worker raises comes back as it was, so those of deploy/modal raise nothing but CallFailed: a
        TimeoutError would be taken for a call that still runs."""
        until = time.monotonic() + seconds
        try:
            found = self._line.ask(lambda client: _answer(client, call_id, until), longer=seconds)
        except (StoreAway, StoreUnusable, PackageMissing):
            raise
        except BaseException as error:
            if not errors.of_a_call(error):
                raise
            raise errors.unusable(error, self._environment) or errors.failed(call_id, error) from error
        return _word(call_id, found)

    def cancel(self, call_id: str) -> None:
        """Its worker is interrupted where it stands, and its container takes the next order."""
        try:
            self._line.ask(lambda client: _cancel(client, call_id))
        except FashionError:
            raise
        except Exception as error:
            raise errors.unusable(error, self._environment) or errors.rejected(error) from error

    def check(self, stage: Stage) -> None:
        """Whether Modal answers, takes the token, and has this stage's app. Raises StoreUnusable and StoreAway."""
        app = self._app(stage)
        try:
            self._line.ask(lambda client: self._worker(client, app).hydrate.aio())
        except FashionError:
            raise
        except Exception as error:
            raise self._of_lookup(error, stage, app) from error

    def close(self) -> None:
        self._line.close()

    def _app(self, stage: Stage) -> str:
        if stage not in self._apps:
            raise InvalidSetting(f"no app on Modal is set for stage {stage}; set it, or work in process")
        return self._apps[stage]

    def _worker(self, client: Client, app: str) -> Any:
        from modal import Cls

        return Cls.from_name(app, WORKER, environment_name=self._environment, client=client)

    def _of_lookup(self, error: Exception, stage: Stage, app: str) -> StoreError:
        from modal.exception import NotFoundError

        if isinstance(error, NotFoundError):
            return StoreUnusable(
                f"{errors.place(self._environment)} of Modal has no app {app} with a {WORKER}.{METHOD}; run "
                f"`modal deploy {FILES[stage]}`"
            )
        return errors.unusable(error, self._environment) or errors.rejected(error)


async def _spawn(worker: Any, order_id: str) -> str:
    call = await getattr(worker(), METHOD).spawn.aio(order_id)
    return str(call.object_id)


async def _answer(client: Client, call_id: str, until: float) -> object:
    """None while it runs."""
    from modal import FunctionCall

    left = max(0.0, until - time.monotonic())
    try:
        return await FunctionCall.from_id(call_id, client=client).get.aio(timeout=left)
    except TimeoutError:
        return None


async def _cancel(client: Client, call_id: str) -> None:
    from modal import FunctionCall
    from modal.exception import InvalidError, NotFoundError

    # A call that has ended is a conflict, which is a kind of InvalidError.
    with suppress(InvalidError, NotFoundError):
        await FunctionCall.from_id(call_id, client=client).cancel.aio()


def _word(call_id: str, found: object) -> str | None:
    if found is not None and found not in WORDS:
        raise CallFailed(f"call {call_id} on Modal answered {str(found)!r:.200}; deploy the same version")
    return None if found is None else str(found)
