"""Live logs: each step as it happens, over real connections that break, without a lost or doubled event."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.core.workshop import Workshop
from tests.fakes import MemoryEventLog
from tests.services.lookbooks import ANN, BEN, QUICK, Book, fresh, made, opened
from tryon.core.errors import StoreAway
from tryon.core.events import EventKind, LogEvent
from tryon.core.uploads import UploadKind
from tryon.stores.sqlite.database import Database
from tryon.stores.sqlite.events import SqliteEventLog

STREAM = f"/users/{ANN}/logs/stream"


def event(step: str, user: str = ANN) -> LogEvent:
    return LogEvent(
        timestamp="2026-11-21T12:00:00.000001Z",
        user_id=user,
        item_id=None,
        component="service.test",
        step=step,
        event=EventKind.FINISHED,
        run_id="run",
        recipe=None,
        duration_ms=1.5,
        message=f"{step} é\n\ndata: not a line of its own",
        data={"n": 1},
    )


@dataclass(frozen=True)
class Frame:
    """One event of a stream, as a browser reads it."""

    id: str
    name: str
    data: str

    @property
    def step(self) -> str:
        return str(json.loads(self.data)["step"])


def frames(answer: httpx.Response) -> Iterator[Frame]:
    """Until the stream ends; comments are passed over."""
    fields: dict[str, str] = {}
    for line in answer.iter_lines():
        if line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            fields[name] = value
        elif not line and fields:
            yield Frame(fields.get("id", ""), fields.get("event", "message"), fields.get("data", ""))
            fields = {}


def take(book: Book, count: int, path: str = STREAM, **headers: str) -> list[Frame]:
    """So many events, then the line is cut."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    found: list[Frame] = []
    with book.client.stream("GET", path, headers=named) as answer:
        assert (answer.status_code, answer.headers["content-type"]) == (
            200,
            "text/event-stream; charset=utf-8",
        )
        for frame in frames(answer):
            found += [frame] if frame.data else []
            if len(found) == count:
                break
    return found


@pytest.fixture(scope="module")
def once() -> Workshop:
    return made()


@pytest.fixture
def book(once: Workshop) -> Iterator[Book]:
    with opened(fresh(once)) as book:
        yield book


@pytest.fixture
def on_disk(once: Workshop, tmp_path: Path) -> Iterator[tuple[Book, Path]]:
    """With a log that other processes could write."""
    path = tmp_path / "fashion.sqlite"
    shop = fresh(once)
    shop.log = SqliteEventLog(Database(path))  # type: ignore[assignment]
    with opened(shop) as book:
        yield book, path


def append_in_background(path: Path, count: int) -> threading.Thread:
    def work() -> None:
        with closing(Database(path)) as database:
            log = SqliteEventLog(database)
            for number in range(count):
                log.append([event(f"{number}"), event("other", BEN)])

    thread = threading.Thread(target=work)
    thread.start()
    return thread


# What is sent


def test_what_happened_before_is_sent_when_it_is_asked_for(book: Book) -> None:
    mine = book.shop.log.read(user=ANN)
    found = take(book, len(mine), f"{STREAM}?after=0")
    assert [int(frame.id) for frame in found] == [position for position, _ in mine]
    assert [json.loads(frame.data) for frame in found] == [
        {"position": position, **json.loads(json.dumps(one.facts()))} for position, one in mine
    ]


def test_without_a_place_it_begins_now(book: Book) -> None:
    with book.client.stream("GET", STREAM) as answer:
        heard = frames(answer)
        last = book.shop.log.read(user=ANN)[-1][0]
        assert next(heard) == Frame(str(last), "message", "")
        book.shop.log.append([event("other", BEN), event("mine")])
        assert next(heard).step == "mine"


def test_an_event_is_one_frame_whatever_it_says(book: Book) -> None:
    last = book.shop.log.read()[-1][0]
    book.shop.log.append([event("a"), event("b")])
    found = take(book, 2, f"{STREAM}?after={last}")
    assert [frame.step for frame in found] == ["a", "b"]
    assert json.loads(found[0].data)["message"] == "a é\n\ndata: not a line of its own"


def test_a_silent_stream_is_kept_alive(book: Book) -> None:
    with book.client.stream("GET", STREAM) as answer:
        lines = answer.iter_lines()
        assert next(lines) == "retry: 2000"
        assert ": alive" in lines


# Lines that break


def test_a_reader_that_comes_back_misses_and_repeats_nothing(on_disk: tuple[Book, Path]) -> None:
    """While events are appended, the line is cut after each few of them."""
    book, path = on_disk
    writer, seen, last = append_in_background(path, 300), list[Frame](), "0"
    while len(seen) < 300:
        seen += take(book, min(1 + len(seen) % 37, 300 - len(seen)), last_event_id=last)
        last = seen[-1].id
    writer.join()
    assert [frame.step for frame in seen] == [str(number) for number in range(300)]
    assert len({frame.id for frame in seen}) == 300


def test_a_reader_that_lost_the_line_before_the_first_event_goes_on_from_there(book: Book) -> None:
    """The opening frame names the place without being an event."""
    with book.client.stream("GET", STREAM) as answer:
        opening = next(frames(answer))
    book.shop.log.append([event("meanwhile")])
    assert take(book, 1, last_event_id=opening.id)[0].step == "meanwhile"


def test_the_last_event_id_stands_above_the_address(book: Book) -> None:
    """A browser that comes back asks at the same address, with the header."""
    last = book.shop.log.read(user=ANN)[-2][0]
    assert len(take(book, 1, f"{STREAM}?after=0", last_event_id=str(last))) == 1


@pytest.mark.parametrize("given", ["x", "-1", "1.5", "9" * 20, "٣"])
def test_an_id_that_is_none_is_refused(book: Book, given: str) -> None:
    answer = book.client.get(STREAM, headers={b"Last-Event-ID": given.encode()})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")


def test_many_readers_hear_the_same(on_disk: tuple[Book, Path]) -> None:
    book, path = on_disk
    heard: list[list[str]] = []

    def read() -> None:
        heard.append([frame.step for frame in take(book, 100, f"{STREAM}?after=0")])

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    append_in_background(path, 100).join()
    for reader in readers:
        reader.join()
    assert heard == [[str(number) for number in range(100)]] * 3


def test_a_stream_ends_when_its_reader_goes(book: Book) -> None:
    """Only so many are open at once: one that stayed open would keep the next ones out for ever."""
    deadline, left = time.monotonic() + 20, 3 * QUICK.streams
    while left:
        assert time.monotonic() < deadline
        with book.client.stream("GET", STREAM) as answer:
            assert answer.status_code in (200, 503)
            left -= answer.status_code == 200


def test_another_server_goes_on_where_the_first_one_ended(on_disk: tuple[Book, Path]) -> None:
    """What happened while there was none is not lost."""
    book, path = on_disk
    append_in_background(path, 10).join()
    first = take(book, 4, f"{STREAM}?after=0")
    with opened(book.shop) as other:
        append_in_background(path, 10).join()
        second = take(other, 16, last_event_id=first[-1].id)
    assert [frame.step for frame in [*first, *second]] == [str(n) for _ in range(2) for n in range(10)]


def test_too_many_streams_are_refused(book: Book) -> None:
    with ExitStack() as open_lines:
        heard = [
            frames(open_lines.enter_context(book.client.stream("GET", STREAM))) for _ in range(QUICK.streams)
        ]
        for one in heard:
            next(one)
        assert book.error(STREAM, 503)["code"] == "busy"


# Ends


def test_an_erased_user_ends_the_stream(book: Book) -> None:
    with book.client.stream("GET", f"{STREAM}?after=0") as answer:
        heard = frames(answer)
        assert next(heard).id == "0"
        book.shop.bury(ANN)
        *_, end = heard
    assert (end.name, end.id) == ("gone", "")
    assert book.error(STREAM, 404)["code"] == "unknown_upload"


def test_a_suspended_user_ends_the_stream(book: Book) -> None:
    with book.client.stream("GET", STREAM) as answer:
        heard = frames(answer)
        next(heard)
        book.shop.records.suspend([(UploadKind.USER, ANN)], "2026-11-21T12:00:00Z")
        assert next(heard).name == "gone"


def test_the_next_person_with_the_id_is_not_heard(book: Book) -> None:
    with book.client.stream("GET", STREAM) as answer:
        heard = frames(answer)
        next(heard)
        ordinal = book.shop.records.user(ANN)
        assert ordinal is not None
        with book.shop.records._lock:  # type: ignore[attr-defined]
            book.shop.bury(ANN)
            book.shop.records.erased(book.shop.records.erasing()[0], "2026-11-21T12:00:00Z", "{}")
            book.shop.open().reconcile()
        book.shop.log.append([event("of the next one")])
        assert next(heard).name == "gone"


class Away(MemoryEventLog):
    """A log elsewhere that stops to answer."""

    away = False

    def read(
        self, *, user: str | None = None, key: str | None = None, after: int = 0, limit: int = 1000
    ) -> list[tuple[int, LogEvent]]:
        if self.away:
            raise StoreAway("it does not answer")
        return super().read(user=user, key=key, after=after, limit=limit)


def test_a_log_that_does_not_answer_ends_the_stream_and_loses_nothing(once: Workshop) -> None:
    shop, log = fresh(once), Away()
    shop.log = log
    with opened(shop) as book, book.client.stream("GET", STREAM) as answer:
        heard = frames(answer)
        opening = next(heard)
        log.away = True
        assert next(heard).name == "away"
        assert book.error(f"/users/{ANN}/logs?after=0", 503)["code"] == "store_unavailable"
        log.away = False
        log.append([event("later")])
        assert take(book, 1, last_event_id=opening.id)[0].step == "later"


# Pages


def test_pages_of_the_log_hold_every_event_once(book: Book) -> None:
    seen, after = [], 0
    while page := book.json(f"/users/{ANN}/logs?after={after}&limit=7")["events"]:
        seen += page
        after = page[-1]["position"]
    mine = book.shop.log.read(user=ANN)
    assert [one["position"] for one in seen] == [position for position, _ in mine]
    assert all(one["user_id"] == ANN for one in seen)


def test_without_a_place_the_newest_are_given(book: Book) -> None:
    page = book.json(f"/users/{ANN}/logs?limit=3")
    assert [one["position"] for one in page["events"]] == [p for p, _ in book.shop.log.read(user=ANN)][-3:]
    assert page["next"] == page["events"][-1]["position"]
    assert book.json(f"/users/{ANN}/logs?after={page['next']}") == {
        "user": ANN,
        "events": [],
        "next": page["next"],
    }
