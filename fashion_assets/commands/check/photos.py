"""The photos that a check sends: the project's sample photos, or the caller's own."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path

from fashion_assets.commands.check.asking import Door
from tryon.core.errors import BadInput, FashionError
from tryon.core.words import Category

HOST = "127.0.0.1"
PERSONS = ("u1", "u2", "u3", "u4")


def place(port: int) -> str:
    """Where sample photos are lent."""
    return f"{HOST}:{port}"


def sample(folder: str, name: str) -> bytes:
    """folder: items or users."""
    return (files("studio") / "catalogue" / "uploads" / folder / f"{name}.jpg").read_bytes()


def given(path: Path | None, folder: str, name: str) -> bytes:
    return path.read_bytes() if path else sample(folder, name)


def parse(text: str) -> tuple[str, tuple[Category, ...]]:
    """`https://example.com/look.jpg tops bottoms`: an address, then the categories that the photo shows."""
    address, *named = text.split() or [""]
    if unknown := [word for word in named if word not in set(Category)]:
        raise BadInput(f"{unknown[0]!r} is no category; there are {', '.join(Category)}")
    if not address.startswith(("http://", "https://")):
        raise BadInput(f"{address!r} is no address; a service fetches photos by https://... or http://...")
    return address, tuple(Category(word) for word in named)


@contextmanager
def lent(door: Door, port: int, names: Sequence[tuple[str, str]]) -> Iterator[Mapping[str, str]]:
    """Sample photos (folder, name) -> name -> an address that a service of this machine can fetch while it lasts.

    Raises BadInput for a service elsewhere, which could not reach them.
    """
    if not door.is_here:
        raise BadInput(
            "a service elsewhere fetches photos from the internet: name some with --photo https://..., "
            "or ask for its health alone with --quick"
        )
    pictures = {f"/{name}.jpg": sample(folder, name) for folder, name in names}
    with _serving(port, pictures):
        yield {name: f"http://{place(port)}/{name}.jpg" for _, name in names}


@contextmanager
def _serving(port: int, pictures: Mapping[str, bytes]) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = pictures.get(self.path)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Type", "image/jpeg")
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, format: str, *args: object) -> None:
            """A check's output is its table."""

    try:
        server = ThreadingHTTPServer((HOST, port), Handler)
    except OSError as error:
        said = f"port {port} of {HOST} cannot be used ({error.strerror}); choose another one with --lend"
        raise FashionError(said) from None
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
