"""Addresses that users give: what is fetched, what never is, and that nothing inside our network is ever reached."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import cycle

import pytest

from tests.peers.connections import watched
from tests.peers.faulty import Fault, Reply
from tests.peers.serving import serving
from tests.peers.site import Site, picture
from tests.peers.spellings import SPELLINGS
from tryon.core.errors import FetchFailed, ImageRejected, UrlRejected
from tryon.core.images import Limits
from tryon.stores.fetch.addresses import is_public
from tryon.stores.fetch.client import Fetcher

PUBLIC = "93.184.215.14"


@pytest.fixture
def site() -> Iterator[Site]:
    with serving(Site()) as site:
        yield site


@pytest.fixture
def fetcher(site: Site) -> Fetcher:
    return Fetcher(seconds=5.0, allowed=[site.place])


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(UrlRejected) as raised:
        call()
    assert not any(part in str(raised.value) for part in ("127.", "169.254", "evil.test", "[::"))
    return raised.value.code


# What is fetched


def test_a_picture_is_fetched_and_decoded(site: Site, fetcher: Fetcher) -> None:
    fetched = fetcher.photo(f"{site.address}/photo.png")
    assert (fetched.data, fetched.photo.pixels.shape, fetched.photo.format) == (
        picture(),
        (100, 80, 3),
        "PNG",
    )
    headers = site.asked[0].headers
    assert (headers["host"], headers["user-agent"]) == (site.place, "fashion-assets")
    assert headers["accept-encoding"] == "identity"


def test_five_redirects_are_followed_and_no_sixth(site: Site, fetcher: Fetcher) -> None:
    site.redirect("/0", "/photo.png")
    for n in range(1, 6):
        site.redirect(f"/{n}", f"{site.address}/{n - 1}", status=(301, 302, 303, 307, 308)[n - 1])
    assert fetcher.get(f"{site.address}/4", 10_000) == picture()
    assert code_of(lambda: fetcher.get(f"{site.address}/5", 10_000)) == "redirects"
    site.redirect("/loop", "/loop")
    assert code_of(lambda: fetcher.get(f"{site.address}/loop", 10_000)) == "redirects"


def test_a_name_is_looked_up_once_and_pinned() -> None:
    """A name that is public when it is checked and private afterwards."""
    answers, asked = cycle([[PUBLIC], ["127.0.0.1"]]), list[str]()

    def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return next(answers)

    with watched() as spy, pytest.raises(FetchFailed):
        Fetcher(resolve=rebinding).get("http://evil.test/", 10)
    assert (asked, spy.seen) == (["evil.test"], [(PUBLIC, 80)])


def test_the_next_address_of_a_server_is_tried(site: Site) -> None:
    other = "127.0.0.9"
    fetcher = Fetcher(
        allowed=[f"shop.test:{site.server_port}"], resolve=lambda host, port: [other, "127.0.0.1"]
    )
    assert fetcher.get(f"http://shop.test:{site.server_port}/photo.png", 10_000) == picture()
    assert site.asked[0].headers["host"] == f"shop.test:{site.server_port}"


def test_nothing_of_an_address_reaches_a_log(
    site: Site, fetcher: Fetcher, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    fetcher.get(f"{site.address}/photo.png", 10_000)
    assert "photo.png" not in caplog.text


# What is not


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "malformed"),
        ("photo.jpg", "malformed"),
        ("//example.com/photo.jpg", "malformed"),
        ("http://", "malformed"),
        ("http:///photo.jpg", "malformed"),
        ("http://example.com:99999/", "port"),
        ("http://exa\\tmple.com/", "malformed"),
        ("http://example.com/\r\nHost: other", "malformed"),
        (f"http://example.com/{'x' * 9000}", "malformed"),
        ("file:///etc/passwd", "scheme"),
        ("ftp://example.com/photo.jpg", "scheme"),
        ("gopher://example.com/_x", "scheme"),
        ("data:image/png;base64,AAAA", "scheme"),
        ("javascript:alert(1)", "scheme"),
        ("http://user:word@example.com/", "credentials"),
        ("http://example.com@127.0.0.1/", "credentials"),
        ("http://example.com:22/", "port"),
        ("https://example.com:6379/", "port"),
    ],
)
def test_what_is_no_address_of_a_file_is_not_looked_up(url: str, code: str) -> None:
    def never(host: str, port: int) -> Sequence[str]:
        raise AssertionError(host)

    with watched() as spy:
        assert code_of(lambda: Fetcher(resolve=never).get(url, 10)) == code
    assert spy.seen == []


def test_a_server_that_refuses_is_told_from_one_that_is_busy(site: Site, fetcher: Fetcher) -> None:
    assert code_of(lambda: fetcher.get(f"{site.address}/none", 10)) == "status"
    site.pages["/part"] = Reply(206, b"half")
    assert code_of(lambda: fetcher.get(f"{site.address}/part", 10)) == "status"
    for fault in (Fault("busy", 503), Fault("busy", 429), Fault("reset"), Fault("truncated")):
        site.plan(fault)
        with pytest.raises(FetchFailed):
            fetcher.get(f"{site.address}/photo.png", 10_000)


def test_what_is_too_large_is_not_read(site: Site, fetcher: Fetcher) -> None:
    site.pages["/big"] = Reply(200, bytes(1001))
    assert code_of(lambda: fetcher.get(f"{site.address}/big", 1000)) == "too_large"
    assert len(fetcher.get(f"{site.address}/big", 1001)) == 1001


def test_what_does_not_say_its_size_is_counted(raw: Raw) -> None:
    raw.says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"400\r\n" + b"x" * 1024 + b"\r\n")
    assert code_of(lambda: raw.fetcher.get(raw.url, 10_000)) == "too_large"


def test_a_compressed_answer_is_not_unpacked(site: Site, fetcher: Fetcher) -> None:
    site.pages["/zip"] = Reply(200, b"\x1f\x8b", {"Content-Encoding": "gzip"})
    assert code_of(lambda: fetcher.get(f"{site.address}/zip", 1000)) == "encoding"


@pytest.mark.parametrize(
    ("data", "limits", "code"),
    [
        (b"<html>not found</html>", Limits(), "unknown_format"),
        (picture(kind="GIF"), Limits(formats=("PNG",)), "unknown_format"),
        (picture()[:60], Limits(), "truncated"),
        (picture((10, 10)), Limits(), "too_small"),
        (b"", Limits(), "empty"),
    ],
)
def test_what_is_no_picture_is_rejected_by_the_one_decoder(
    site: Site, fetcher: Fetcher, data: bytes, limits: Limits, code: str
) -> None:
    """Whatever its name and its type say."""
    site.pages["/photo.jpg"] = Reply(200, data, {"Content-Type": "image/jpeg"})
    with pytest.raises(ImageRejected) as raised:
        fetcher.photo(f"{site.address}/photo.jpg", limits)
    assert raised.value.code == code


# One deadline


class Raw:
    """A server that says `first`, then `drop` again and again, ten times a second, for as long as somebody listens."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/"
        self.fetcher = Fetcher(seconds=0.6, allowed=[f"127.0.0.1:{self.port}"])
        self.closing = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._first = self._drop = b""

    def says(self, first: bytes, drop: bytes) -> None:
        self._first, self._drop = first, drop
        self._thread.start()

    def _serve(self) -> None:
        connection, _ = self.listener.accept()
        with connection:
            try:
                connection.recv(10_000)
                connection.sendall(self._first)
                while not self.closing.wait(0.01 if len(self._drop) > 1 else 0.1):
                    connection.sendall(self._drop)
            except OSError:
                return

    def stop(self) -> None:
        self.closing.set()
        self.listener.close()
        self._thread.join()


@pytest.fixture
def raw() -> Iterator[Raw]:
    raw = Raw()
    yield raw
    raw.stop()


@pytest.mark.parametrize(
    ("first", "drop"),
    [
        (b"", b"H"),
        (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x"),
    ],
)
def test_a_server_that_drips_does_not_hold_us(raw: Raw, first: bytes, drop: bytes) -> None:
    """Each wait alone would be short enough."""
    raw.says(first, drop)
    with pytest.raises(FetchFailed):
        raw.fetcher.get(raw.url, 1_000_000)


def test_a_resolver_that_hangs_does_not_hold_us() -> None:
    hang = threading.Event()

    def resolve(host: str, port: int) -> Sequence[str]:
        hang.wait(30)
        return [PUBLIC]

    try:
        with watched() as spy, pytest.raises(FetchFailed, match="did not give its file"):
            Fetcher(seconds=0.2, resolve=resolve).get("http://slow.test/", 10)
        assert spy.seen == []
    finally:
        hang.set()


# What is never connected to

ANSWERS = [
    *("127.0.0.1", "10.1.2.3", "169.254.169.254", "100.64.0.1", "192.168.1.1", "224.0.0.251", "0.0.0.0"),
    *("::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "2001:0:1::", "fe80::1%eth0", "fd12::1"),
]
"""What a name on the internet may resolve to."""


def test_there_are_many_spellings() -> None:
    assert len(set(SPELLINGS)) >= 60


@pytest.mark.parametrize("url", SPELLINGS)
def test_no_spelling_of_a_private_address_is_connected_to(url: str) -> None:
    with watched() as spy, pytest.raises((UrlRejected, FetchFailed)):
        Fetcher(seconds=5.0).get(url, 1000)
    assert spy.seen == []


@pytest.mark.parametrize("url", [url for url in SPELLINGS if "example.com" not in url])
def test_no_redirect_leads_to_a_private_address(site: Site, fetcher: Fetcher, url: str) -> None:
    """Nor does the second one."""
    site.redirect("/there", url)
    site.redirect("/start", "/there", 307)
    with watched(site.server_port) as spy, pytest.raises((UrlRejected, FetchFailed)):
        fetcher.get(f"{site.address}/start", 1000)
    assert spy.seen == [("127.0.0.1", site.server_port)] * 2


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("beside", [[], [PUBLIC]])
def test_no_name_leads_to_a_private_address(answer: str, beside: list[str]) -> None:
    """Not even one that has a public address too, in whichever order."""
    for answers in ([*beside, answer], [answer, *beside]):
        fetcher = Fetcher(resolve=partial(answering, answers))
        with watched() as spy:
            assert code_of(partial(fetcher.get, "https://evil.test/", 10)) == "forbidden_address"
        assert spy.seen == []


def answering(answers: Sequence[str], host: str, port: int) -> Sequence[str]:
    return answers


def test_what_is_allowed_is_exactly_that(site: Site) -> None:
    """Not another port of the host, nor another name of it."""
    fetcher = Fetcher(allowed=[site.place])
    with watched(site.server_port) as spy:
        for url in (f"http://localhost:{site.server_port}/", "http://127.0.0.1/", "http://127.0.0.1:1/"):
            assert code_of(partial(fetcher.get, url, 10)) in ("port", "forbidden_address")
    assert spy.seen == []


@pytest.mark.parametrize("text", [PUBLIC, "8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001::1"])
def test_public_servers_are_public(text: str) -> None:
    assert is_public(text)
    with watched() as spy, pytest.raises(FetchFailed, match="ConnectError"):
        Fetcher(resolve=lambda host, port: [text]).get("https://shop.test/", 10)
    assert spy.seen == [(text, 443)]
