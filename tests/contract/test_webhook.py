"""The webhook against a real socket: delivered, or an error that says why and never the address."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from tests.receiver import PASSWORD, Receiver, listening
from tryon.core.errors import InvalidSetting, MessageNotDelivered
from tryon.settings import Settings
from tryon.stores.webhook import Webhook
from tryon.wiring import alert_webhook


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as found:
        yield found


@pytest.fixture(autouse=True)
def no_address_in_any_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    yield
    assert PASSWORD not in "\n".join(record.getMessage() for record in caplog.get_records("call"))


def webhook(receiver: Receiver, seconds: float = 10.0) -> Webhook:
    return Webhook(SecretStr(receiver.address), seconds)


def test_a_message_arrives_as_json(receiver: Receiver) -> None:
    webhook(receiver).post({"text": "a run failed", "failed": {"b|u": "żółć"}})
    assert receiver.posts == [(f"/{PASSWORD}", {"text": "a run failed", "failed": {"b|u": "żółć"}})]


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ("500", "answered 500"),
        ("404", "answered 404"),
        ("302", "redirects are not followed"),
        ("hang", "within"),
    ],
)
def test_what_is_not_delivered_is_said_without_the_address(receiver: Receiver, mode: str, said: str) -> None:
    """A redirect is not followed: the message would go to an address that nobody chose."""
    receiver.mode = mode
    with pytest.raises(MessageNotDelivered, match=said) as raised:
        webhook(receiver, seconds=0.5).post({"text": "a run failed"})
    assert [path for path, _ in receiver.posts] == [f"/{PASSWORD}"]
    assert PASSWORD not in "".join(traceback.format_exception(raised.value))


def test_nobody_listens() -> None:
    with listening() as receiver:
        gone = webhook(receiver)
    with pytest.raises(MessageNotDelivered, match="cannot be reached") as raised:
        gone.post({"text": "a run failed"})
    assert PASSWORD not in "".join(traceback.format_exception(raised.value))


@pytest.mark.parametrize(
    "address", [PASSWORD, f"ftp://chat/{PASSWORD}", f"https:///{PASSWORD}", "https://[::1"]
)
def test_an_address_that_cannot_work_is_refused_without_showing_it(address: str) -> None:
    with pytest.raises(InvalidSetting, match="FASHION_ALERT_WEBHOOK") as raised:
        Webhook(SecretStr(address))
    assert address not in "".join(traceback.format_exception(raised.value))


@pytest.mark.parametrize("value", [None, "", " "])
def test_unset_or_empty_is_no_webhook(value: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FASHION_ALERT_WEBHOOK", raising=False)
    if value is not None:
        monkeypatch.setenv("FASHION_ALERT_WEBHOOK", value)
    assert alert_webhook(Settings()) is None


def test_settings_do_not_show_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHION_ALERT_WEBHOOK", f"https://chat/{PASSWORD}")
    assert PASSWORD not in f"{Settings()!r} {Settings()} {Settings().model_dump_json()}"
    assert alert_webhook(Settings()) is not None
