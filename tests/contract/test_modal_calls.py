"""Calls of workers on Modal by the real SDK: what is asked, what each outcome is called, and lost answers."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import modal.exception
import pytest
from grpclib import Status
from pydantic import SecretStr

from tests.peers.modal_peer import APPS, TOKEN_ID, TOKEN_SECRET, Fault, ModalPeer, Result, listening
from tryon.core.errors import (
    CallFailed,
    InvalidSetting,
    OutOfMemory,
    PackageMissing,
    StoreAway,
    StoreUnusable,
)
from tryon.core.recipes import Stage
from tryon.stores.modal.calls import ModalCalls

ORDER = "0a" * 20


@pytest.fixture
def peer(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModalPeer]:
    with listening(ModalPeer()) as found:
        monkeypatch.setenv("MODAL_SERVER_URL", found.address)
        monkeypatch.setenv("MODAL_ENVIRONMENT", "")
        yield found
        assert found.wrong == []


@pytest.fixture
def calls(peer: ModalPeer) -> Iterator[ModalCalls]:
    made = calling()
    yield made
    made.close()


def calling(
    token: str | None = TOKEN_ID,
    secret: str | None = TOKEN_SECRET,
    environment: str | None = None,
    seconds: float = 30.0,
    answer: float = 5.0,
) -> ModalCalls:
    return ModalCalls(
        APPS,
        None if token is None else SecretStr(token),
        None if secret is None else SecretStr(secret),
        environment,
        seconds=seconds,
        answer=answer,
    )


# A call from its start to its answer


@pytest.mark.parametrize("stage", list(Stage))
def test_an_order_goes_to_the_app_of_its_stage_by_its_id_alone(
    peer: ModalPeer, calls: ModalCalls, stage: Stage
) -> None:
    call_id = calls.spawn(stage, ORDER)
    assert [(call.app, call.order) for call in peer.calls.values()] == [(APPS[stage], ORDER)]
    assert [*peer.calls] == [call_id]


@pytest.mark.parametrize("word", ["delivered", "busy", "withdrawn"])
def test_the_workers_word_is_heard_any_number_of_times(peer: ModalPeer, calls: ModalCalls, word: str) -> None:
    call_id = calls.spawn(Stage.CROP, ORDER)
    peer.answer(call_id, word)
    assert [calls.wait(call_id, 5.0), calls.wait(call_id, 0.0)] == [word, word]


def test_another_process_hears_the_answer_by_the_calls_id(peer: ModalPeer, calls: ModalCalls) -> None:
    call_id = calls.spawn(Stage.SPLAT, ORDER)
    peer.answer(call_id, "delivered")
    later = calling()
    assert later.wait(call_id, 5.0) == "delivered"
    later.close()


def test_waiting_for_a_worker_that_still_runs_ends_in_time(peer: ModalPeer, calls: ModalCalls) -> None:
    call_id = calls.spawn(Stage.TRYON, ORDER)
    begun = time.monotonic()
    assert calls.wait(call_id, 0.3) is None
    assert time.monotonic() - begun >= 0.3
    assert calls.wait(call_id, 0.0) is None


def test_many_threads_wait_at_once(peer: ModalPeer, calls: ModalCalls) -> None:
    with ThreadPoolExecutor(8) as pool:
        ids = [*pool.map(lambda n: calls.spawn(Stage.TRYON, f"{n:040}"), range(24))]
        waiting = [pool.submit(calls.wait, call_id, 10.0) for call_id in ids]
        for call_id in ids:
            peer.answer(call_id, "delivered")
        assert [future.result() for future in waiting] == ["delivered"] * 24
    assert {call.order for call in peer.calls.values()} == {f"{n:040}" for n in range(24)}


def test_calls_go_to_the_environment_that_is_set(peer: ModalPeer) -> None:
    peer.environments = {"main"}
    calls = calling(environment="main")
    calls.spawn(Stage.CROP, ORDER)
    assert {asked.request.environment_name for asked in peer.asked if asked.name == "ClassGet"} == {"main"}
    calls.close()


# A call that ends otherwise


def test_what_a_worker_raises_is_told(peer: ModalPeer, calls: ModalCalls) -> None:
    call_id = calls.spawn(Stage.TRYON, ORDER)
    peer.raises(call_id, CallFailed("DeviceMissing: torch sees no GPU"))
    with pytest.raises(CallFailed, match=f"call {call_id} on Modal failed: DeviceMissing: torch sees no GPU"):
        calls.wait(call_id, 5.0)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OutOfMemory("one picture did not fit"), "OutOfMemory: one picture did not fit"),
        (ValueError("a surprise\nwith more lines"), "ValueError: a surprise"),
        (modal.exception.InputCancellation(), "was cancelled"),
    ],
)
def test_whatever_comes_back_the_call_failed(
    peer: ModalPeer, calls: ModalCalls, error: BaseException, said: str
) -> None:
    call_id = calls.spawn(Stage.TRYON, ORDER)
    peer.raises(call_id, error)
    with pytest.raises(CallFailed, match=f"{said}$"):
        calls.wait(call_id, 5.0)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (Result.GENERIC_STATUS_TIMEOUT, "took longer than its app allows"),
        (Result.GENERIC_STATUS_TERMINATED, "RemoteError: killed"),
        (Result.GENERIC_STATUS_INIT_FAILURE, "RemoteError: killed"),
        (Result.GENERIC_STATUS_INTERNAL_FAILURE, "InternalFailure: killed"),
    ],
)
def test_a_worker_that_never_answered_is_named(
    peer: ModalPeer, calls: ModalCalls, status: Result.GenericStatus.ValueType, said: str
) -> None:
    call_id = calls.spawn(Stage.TRYON, ORDER)
    peer.ends(call_id, status, "killed")
    with pytest.raises(CallFailed, match=said):
        calls.wait(call_id, 5.0)


def test_an_answer_that_was_thrown_away_will_never_come(peer: ModalPeer, calls: ModalCalls) -> None:
    call_id = calls.spawn(Stage.CROP, ORDER)
    peer.expire(call_id)
    with pytest.raises(CallFailed, match="has expired"):
        calls.wait(call_id, 0.1)


def test_an_unknown_call_will_never_answer(calls: ModalCalls) -> None:
    with pytest.raises(CallFailed, match="Modal knows no call fc-404"):
        calls.wait("fc-404", 5.0)


def test_an_app_of_another_version_is_told(peer: ModalPeer, calls: ModalCalls) -> None:
    call_id = calls.spawn(Stage.CROP, ORDER)
    peer.answer(call_id, {"status": "ok"})
    with pytest.raises(CallFailed, match="deploy the same version"):
        calls.wait(call_id, 5.0)


# Cancelling


def test_a_cancelled_call_has_failed(peer: ModalPeer, calls: ModalCalls) -> None:
    call_id = calls.spawn(Stage.TRYON, ORDER)
    calls.cancel(call_id)
    assert peer.calls[call_id].cancelled
    with pytest.raises(CallFailed, match="cancelled"):
        calls.wait(call_id, 5.0)


def test_cancelling_what_has_ended_or_never_was_is_no_error(peer: ModalPeer, calls: ModalCalls) -> None:
    call_id = calls.spawn(Stage.TRYON, ORDER)
    peer.answer(call_id, "delivered")
    assert calls.wait(call_id, 5.0) == "delivered"
    calls.cancel(call_id)
    calls.cancel("fc-404")
    assert calls.wait(call_id, 5.0) == "delivered"


# Every network call lies once


@pytest.mark.parametrize("name", ["ClassGet", "FunctionGet", "FunctionMap"])
@pytest.mark.parametrize("kind", ["slow", "refused", "lost", "cut"])
def test_a_start_that_fails_once_starts_once(
    peer: ModalPeer, calls: ModalCalls, name: str, kind: str
) -> None:
    peer.plan(Fault(kind, name))  # type: ignore[arg-type]
    call_id = calls.spawn(Stage.CROP, ORDER)
    assert [*peer.calls] == [call_id]
    assert peer.planned == 0


@pytest.mark.parametrize("kind", ["slow", "refused", "lost", "cut"])
def test_an_answer_that_fails_once_still_comes(peer: ModalPeer, calls: ModalCalls, kind: str) -> None:
    call_id = calls.spawn(Stage.CROP, ORDER)
    peer.answer(call_id, "delivered")
    peer.plan(Fault(kind, "FunctionGetOutputs"))  # type: ignore[arg-type]
    assert calls.wait(call_id, 5.0) == "delivered"
    peer.plan(Fault(kind, "FunctionCallCancel"))  # type: ignore[arg-type]
    calls.cancel(call_id)
    assert peer.planned == 0


@pytest.mark.parametrize(
    ("status", "times"),
    [
        (Status.UNAVAILABLE, 5),
        (Status.INTERNAL, 5),
        (Status.DEADLINE_EXCEEDED, 5),
        (Status.RESOURCE_EXHAUSTED, 2),
        (Status.ABORTED, 2),
    ],
)
def test_a_busy_server_is_asked_again_after_the_sdk_gave_up(
    peer: ModalPeer, calls: ModalCalls, status: Status, times: int
) -> None:
    peer.plan(*[Fault("refused", "FunctionMap", status)] * times)
    assert calls.spawn(Stage.CROP, ORDER) == "fc-1"
    assert peer.planned == 0


@pytest.mark.parametrize(
    "ask",
    [
        lambda calls: calls.spawn(Stage.CROP, ORDER),
        lambda calls: calls.wait("fc-1", 0.0),
        lambda calls: calls.cancel("fc-1"),
        lambda calls: calls.check(Stage.CROP),
    ],
)
def test_patience_is_bounded(peer: ModalPeer, ask: Callable[[ModalCalls], object]) -> None:
    names = ("ClassGet", "FunctionGetOutputs", "FunctionCallCancel")
    peer.plan(*[Fault("refused", name, Status.RESOURCE_EXHAUSTED) for name in names for _ in range(200)])
    calls = calling(seconds=0.3)
    with pytest.raises(StoreAway, match=r"took no call for 0.3 s \(the last: ResourceExhaustedError"):
        ask(calls)
    calls.close()


def test_a_server_that_takes_a_request_and_says_nothing_is_away(peer: ModalPeer) -> None:
    peer.plan(*[Fault("slow", "FunctionMap", seconds=0.5)] * 20)
    calls = calling(seconds=0.2, answer=0.1)
    with pytest.raises(StoreAway, match=r"no answer within 0\.1 s"):
        calls.spawn(Stage.CROP, ORDER)
    calls.close()


def test_without_a_server_it_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODAL_SERVER_URL", "http://127.0.0.1:9")
    calls = calling(seconds=0.2, answer=0.5)
    with pytest.raises(StoreAway, match="check the network"):
        calls.wait("fc-1", 0.0)
    calls.close()


# What cannot work until somebody does something


def test_a_wrong_token_stops_the_work_and_is_not_quoted(peer: ModalPeer) -> None:
    calls = calling(secret="as-wrong")
    asks: list[Callable[[], object]] = [
        lambda: calls.spawn(Stage.CROP, ORDER),
        lambda: calls.wait("fc-1", 0.0),
        lambda: calls.cancel("fc-1"),
        lambda: calls.check(Stage.CROP),
    ]
    for ask in asks:
        with pytest.raises(StoreUnusable, match="modal token new") as raised:
            ask()
        assert TOKEN_ID not in str(raised.value)
    assert len(peer.asked) == 4
    calls.close()


@pytest.mark.parametrize(
    ("token", "secret"), [(None, "as-1"), (TOKEN_ID, ""), ("ak-\n1", "as-1"), ("é", "as-1")]
)
def test_a_token_that_is_none_is_told_before_anything_is_asked(
    peer: ModalPeer, token: str | None, secret: str | None
) -> None:
    with pytest.raises(StoreUnusable, match="MODAL_TOKEN_ID"):
        calling(token, secret).spawn(Stage.CROP, ORDER)
    assert peer.asked == []


def test_without_a_token_the_sdk_looks_for_one_itself(
    peer: ModalPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(modal.config, "_user_config", {})
    for name in ("MODAL_TOKEN_ID", "MODAL_TOKEN_SECRET"):
        monkeypatch.delenv(name, raising=False)
    calls = calling(None, None)
    with pytest.raises(StoreUnusable, match="or there is none: make one with `modal token new`"):
        calls.check(Stage.CROP)
    monkeypatch.setenv("MODAL_TOKEN_ID", TOKEN_ID)
    monkeypatch.setenv("MODAL_TOKEN_SECRET", TOKEN_SECRET)
    calls.check(Stage.CROP)
    calls.close()


@pytest.mark.parametrize("stage", list(Stage))
def test_an_app_that_is_not_deployed_says_which_file_to_deploy(
    peer: ModalPeer, calls: ModalCalls, stage: Stage
) -> None:
    peer.deployed.remove(APPS[stage])
    for ask in (lambda: calls.spawn(stage, ORDER), lambda: calls.check(stage)):
        with pytest.raises(StoreUnusable, match=rf"no app {APPS[stage]} .*modal deploy deploy/modal/\w+\.py"):
            ask()


def test_a_check_finds_what_is_deployed(peer: ModalPeer, calls: ModalCalls) -> None:
    for stage in Stage:
        calls.check(stage)
    assert peer.calls == {}


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (Status.PERMISSION_DENIED, "may not use the default environment"),
        (Status.UNIMPLEMENTED, "pip install --upgrade modal"),
        (Status.INVALID_ARGUMENT, "rejects a request"),
    ],
)
def test_a_refusal_stops_the_work_at_once(
    peer: ModalPeer, calls: ModalCalls, status: Status, said: str
) -> None:
    peer.plan(Fault("refused", "ClassGet", status))
    with pytest.raises(StoreUnusable, match=said):
        calls.spawn(Stage.CROP, ORDER)
    assert len(peer.asked) == 1


def test_a_stage_without_an_app_is_a_setting() -> None:
    with pytest.raises(InvalidSetting, match="stage crop"):
        ModalCalls({}, None, None).spawn(Stage.CROP, ORDER)


def test_without_its_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for package in ("modal", "grpclib", "h2"):
        monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(PackageMissing, match="fashion-assets"):
        calling().spawn(Stage.CROP, ORDER)
    with pytest.raises(PackageMissing, match="fashion-assets"):
        calling().wait("fc-1", 0.0)
