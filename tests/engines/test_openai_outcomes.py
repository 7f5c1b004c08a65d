"""Every way in which a question can end has a name, and nothing ever shows the key or the photo."""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from tests.engines.openai_photos import analyzer, by_number, photo
from tests.peers.openai_peer import KEY, Peer, Reply, error, failed, incomplete, listening, refusing, said
from tryon.core.errors import (
    AccessDenied,
    AnswerUnusable,
    EngineUnusable,
    QuotaExhausted,
    RequestRejected,
    ServicePaused,
)
from tryon.core.words import Refused
from tryon.engines.openai_vision import OpenAiAnalyzer
from tryon.engines.openai_vision.failures import Busy, Malformed, NotReached, Stopped, TooLate, Truncated
from tryon.engines.openai_vision.patience import Turns, retry_after
from tryon.engines.openai_vision.picture import as_jpeg, data_uri


@pytest.fixture
def peer() -> Iterator[Peer]:
    with listening(by_number) as found:
        yield found


@pytest.fixture(autouse=True)
def nothing_secret_in_any_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    yield
    logged = "\n".join(record.getMessage() for record in caplog.get_records("call"))
    picture = data_uri(as_jpeg(photo().image)).partition(",")[2]
    assert not [secret for secret in (KEY, KEY[-4:], picture[:40]) if secret in logged]


def refused(engine: OpenAiAnalyzer) -> str:
    [found] = engine.analyze([photo()])
    assert isinstance(found, Refused)
    return found.code


def raised(engine: OpenAiAnalyzer) -> Exception:
    """Whatever it raises shows no secret, in no part of its traceback."""
    with pytest.raises(Exception) as caught:  # noqa: PT011 - the caller looks at it
        engine.analyze([photo()])
    told = "".join(traceback.format_exception(caught.value)) + repr(engine) + str(vars(engine))
    assert not [secret for secret in (KEY, KEY[:8], "***", "what went wrong") if secret in told]
    return caught.value


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (refusing(), "analysis_refused"),
        (incomplete("content_filter", ""), "analysis_filtered"),
        (failed("image_content_policy_violation"), "analysis_filtered"),
        (error(400, "content_policy_violation", "image_generation_user_error"), "analysis_filtered"),
        (failed("image_parse_error"), "image_unreadable"),
        (error(400, "invalid_image_format", "invalid_request_error"), "image_unreadable"),
    ],
)
def test_a_verdict_on_the_photo_is_reached_by_one_question(peer: Peer, reply: Reply, code: str) -> None:
    peer.plan(reply)
    assert (refused(analyzer(peer)), len(peer.asked)) == (code, 1)


@pytest.mark.parametrize(
    ("reply", "kind", "said"),
    [
        (incomplete("max_output_tokens"), Truncated, r"cut off \(max_output_tokens\)"),
        (said('{"is_fashion": tr'), Malformed, "does not fit its schema"),
        (said('{"is_fashion": true, "people": 0, "items": 3}'), Malformed, "items"),
        (said(""), Malformed, "empty"),
        (said("{}", "in_progress"), AnswerUnusable, "not completed"),
        (said("{}", "A message: <b>"), AnswerUnusable, "an unknown code"),
        (failed("vector_store_timeout"), AnswerUnusable, "vector_store_timeout"),
        (Reply(body=b"<html>", headers={"Content-Type": "text/html"}), AnswerUnusable, "no response"),
        (Reply(body=b"{"), AnswerUnusable, "no response"),
        (Reply(body=b"[]"), AnswerUnusable, "no response"),
        (Reply(body={"error": {"message": "what went wrong"}}), AnswerUnusable, "no response"),
    ],
)
def test_an_answer_that_cannot_be_used_is_not_repeated_here(
    peer: Peer, reply: Reply, kind: type[AnswerUnusable], said: str
) -> None:
    """The stage decides how often to try again."""
    peer.plan(reply)
    found = raised(analyzer(peer))
    assert type(found) is kind
    assert len(peer.asked) == 1
    assert_said(found, said)


def assert_said(found: Exception, pattern: str) -> None:
    with pytest.raises(type(found), match=pattern):
        raise found


@pytest.mark.parametrize(
    ("reply", "kind", "said"),
    [
        (error(429, "insufficient_quota", "insufficient_quota", retry_after="0"), QuotaExhausted, "quota is used up"),
        (error(429, None, "insufficient_quota"), QuotaExhausted, "quota is used up"),
        (error(400, "billing_hard_limit_reached", "invalid_request_error"), QuotaExhausted, "quota is used up"),
        (error(402), QuotaExhausted, "quota is used up"),
        (failed("insufficient_quota"), QuotaExhausted, "quota is used up"),
        (error(401, "invalid_api_key"), AccessDenied, "401 .*OPENAI_API_KEY is wrong"),
        (error(403, "unsupported_country_region_territory"), AccessDenied, "403"),
        (error(404, "model_not_found", "invalid_request_error"), RequestRejected, "FASHION_OPENAI_MODEL"),
        (error(400, "unsupported_parameter", "invalid_request_error"), RequestRejected, "unsupported_parameter"),
        (error(400), RequestRejected, "answered 400: "),
        (error(413), RequestRejected, "413"),
        (Reply(400, b"[1]"), RequestRejected, "400"),
        (Reply(307, b"", {"Location": "/v1/elsewhere"}), RequestRejected, "307"),
    ],
)  # fmt: skip
def test_what_no_photo_can_change_stops_at_once(
    peer: Peer, reply: Reply, kind: type[EngineUnusable], said: str
) -> None:
    peer.plan(reply)
    found = raised(analyzer(peer))
    assert type(found) is kind
    assert_said(found, said)
    assert len(peer.asked) == 1


def test_a_wrong_key_is_told_without_it(peer: Peer) -> None:
    """The peer quotes both ends of it, as the real service does."""
    found = raised(analyzer(peer, api_key=SecretStr(KEY[:-1] + "X")))
    assert_said(found, r"401 \(invalid_api_key, invalid_request_error\)")
    assert isinstance(found, AccessDenied)


def test_a_wrong_models_name(peer: Peer) -> None:
    found = raised(analyzer(peer, model="gpt-nine"))
    assert isinstance(found, RequestRejected)
    assert_said(found, r"404 \(invalid_request_error, model_not_found\): .*gpt-nine")


def test_a_wrong_address(peer: Peer) -> None:
    wrong = OpenAiAnalyzer(peer.key, analyzer(peer)._answers, base_url=f"{peer.base_url}/wrong")
    assert isinstance(raised(wrong), RequestRejected)
    assert peer.wrong == ["Invalid URL (POST /v1/wrong/responses)"]


@pytest.mark.parametrize(
    "reply",
    [
        error(429, "rate_limit_exceeded", "requests"),
        error(500, "server_error", "server_error"),
        error(503),
        error(408),
        Reply(502, b"<html>", {"Content-Type": "text/html"}),
        failed("server_error"),
        failed("rate_limit_exceeded"),
        Reply(drop=True),
    ],
)
def test_a_busy_service_is_asked_three_times(peer: Peer, reply: Reply) -> None:
    peer.plan(reply, reply)
    assert analyzer(peer).analyze([photo()]) != []
    assert len(peer.asked) == 3
    peer.plan(reply, reply, reply)
    found = raised(analyzer(peer))
    assert isinstance(found, AnswerUnusable)
    assert not isinstance(found, EngineUnusable)
    assert len(peer.asked) == 6


def test_who_does_not_answer_in_time(peer: Peer) -> None:
    peer.plan(*[Reply(seconds=30.0)] * 3)
    found = raised(analyzer(peer, seconds=0.15))
    assert isinstance(found, TooLate)
    assert_said(found, "did not answer within 0.15 s")
    assert len(peer.asked) == 3


def test_nobody_listens(peer: Peer) -> None:
    with listening() as gone:
        engine = analyzer(gone)
    found = raised(engine)
    assert isinstance(found, NotReached)
    assert_said(found, r"cannot be reached \(ConnectError\)")


def test_quota_that_ends_while_the_service_is_busy_is_not_asked_again(peer: Peer) -> None:
    peer.plan(error(429, "rate_limit_exceeded"), error(429, "insufficient_quota"))
    assert isinstance(raised(analyzer(peer)), QuotaExhausted)
    assert len(peer.asked) == 2


# Rate limits


@pytest.mark.parametrize("header", [{"retry_after_ms": "250"}, {"retry_after": "0.25"}])
def test_the_service_is_left_alone_for_as_long_as_it_wants(peer: Peer, header: dict[str, str]) -> None:
    peer.plan(error(429, "rate_limit_exceeded", **header))
    analyzer(peer).analyze([photo()])
    first, second = (asked.at for asked in peer.asked)
    assert second - first >= 0.25


@pytest.mark.parametrize("after", ["600", "Wed, 21 Oct 2099 07:28:00 GMT"])
def test_who_wants_more_than_we_wait_is_not_asked_by_anybody(peer: Peer, after: str) -> None:
    """Neither again nor about other photos, in this batch or the next. It is the account's matter: work stops."""
    peer.plan(error(429, "rate_limit_exceeded", "requests", retry_after=after))
    engine = analyzer(peer)
    with pytest.raises(
        ServicePaused, match=r"429 \(rate_limit_exceeded, requests\): .* left alone for \d+ s"
    ):
        engine.analyze([photo(1), photo(2), photo(3)])
    with pytest.raises(ServicePaused, match=r"left alone for \d+ s; run it again after that"):
        engine.analyze([photo(4)])
    assert len(peer.asked) == 1


def test_waiting_ends_where_it_is_in_vain() -> None:
    """One thread has to wait for ten minutes; another hears that the quota is used up."""
    stopped, calls = threading.Event(), list[str]()

    def ask() -> None:
        calls.append("asked")
        stopped.set()
        raise Busy("busy", after=600.0)

    with pytest.raises(Stopped):
        Turns(seconds=1200.0).call(ask, stopped)
    assert calls == ["asked"]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after-ms": "1500", "retry-after": "7"}, 1.5),
        ({"retry-after-ms": "soon", "retry-after": "7"}, 7.0),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "31 Oct 99999999999999999999 07:28:00 GMT"}, None),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
    ],
)
def test_what_the_headers_say(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_a_date_in_the_future_is_waited_for() -> None:
    found = retry_after({"retry-after": "Wed, 21 Oct 2099 07:28:00 GMT"})
    assert found is not None
    assert found > 1e9
