"""What Modal's SDK raises, by name."""

from __future__ import annotations

from tryon.core.errors import CallFailed, FashionError, StoreAway, StoreError, StoreUnusable

TOKEN = "make one with `modal token new`, then set MODAL_TOKEN_ID and MODAL_TOKEN_SECRET"


def passing(error: BaseException) -> bool:
    """Whether the same question may be answered a moment later. TimeoutError is an OSError."""
    if isinstance(error, FashionError):
        return False
    from grpclib.exceptions import StreamTerminatedError
    from h2.exceptions import ProtocolError
    from modal import exception as modal

    busy = (modal.ResourceExhaustedError, modal.ConflictError, modal.InternalError, modal.DataLossError)
    away = (modal.ServiceError, modal.ConnectionError, modal.ClientClosed)
    return isinstance(error, (*busy, *away, StreamTerminatedError, ProtocolError, OSError))


def unusable(error: BaseException, environment: str | None) -> StoreUnusable | None:
    """For what somebody has to do something about first, whatever was asked. Its own text is left out where it may
    quote the token."""
    from modal import exception as modal

    if isinstance(error, modal.AuthError):
        return StoreUnusable(f"Modal refuses the token, or there is none: {TOKEN}")
    if isinstance(error, modal.PermissionDeniedError):
        return StoreUnusable(
            f"Modal's token may not use {place(environment)}; give its account access, or set another token"
        )
    if isinstance(error, (modal.VersionError, modal.UnimplementedError)):
        return StoreUnusable(
            "Modal does not serve this version of its package; run `pip install --upgrade modal`"
        )
    return None


def away(error: BaseException, seconds: float) -> StoreAway:
    kind = type(error).__name__
    return StoreAway(
        f"Modal took no call for {seconds:g} s (the last: {kind}{_said(error)}); check the network and "
        "status.modal.com, then run it again: what was started goes on"
    )


def rejected(error: BaseException) -> StoreError:
    """Nothing else is known about it."""
    from modal import exception as modal

    told = f"Modal rejects a request ({type(error).__name__}{_said(error)})"
    return StoreUnusable(told) if isinstance(error, modal.Error) else StoreError(told)


def of_a_call(error: BaseException) -> bool:
    """What can come out of waiting for one: not Ctrl-C."""
    from modal.exception import InputCancellation

    return isinstance(error, (Exception, InputCancellation))


def failed(call_id: str, error: BaseException) -> CallFailed:
    """The call is over, and there will never be an answer."""
    from modal import exception as modal

    if isinstance(error, modal.OutputExpiredError):
        return CallFailed(f"the answer of call {call_id} on Modal has expired")
    if isinstance(error, (modal.NotFoundError, modal.InvalidError)):
        return CallFailed(f"Modal knows no call {call_id}")
    if isinstance(error, modal.FunctionTimeoutError):
        return CallFailed(f"call {call_id} on Modal took longer than its app allows")
    if isinstance(error, modal.InputCancellation):
        return CallFailed(f"call {call_id} on Modal was cancelled")
    if isinstance(error, CallFailed):
        return CallFailed(f"call {call_id} on Modal failed: {error}")
    return CallFailed(f"call {call_id} on Modal ended with {type(error).__name__}{_said(error)}")


def place(environment: str | None) -> str:
    return f"the environment {environment!r}" if environment else "the default environment"


def _said(error: BaseException) -> str:
    """The first line."""
    text = str(error).strip().partition("\n")[0]
    return f": {text[:200]}" if text else ""
