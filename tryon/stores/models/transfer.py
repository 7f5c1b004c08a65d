"""One file, downloaded so that a cut connection or a killed process costs only what was under way."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import httpx

from tryon.core.errors import DownloadFailed, ModelDamaged
from tryon.core.models import Model
from tryon.stores.disk import named_errors
from tryon.stores.models.digests import Published, Tell, difference, hash_file
from tryon.stores.models.hub import Hub, Unavailable

ATTEMPTS = 5
"""In a row that bring nothing."""
LONGEST_WAIT = 60.0
"""Seconds; also where a hub asks for more."""

T = TypeVar("T")
Pause = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Order:
    """A file to fetch. url: where from. published: what it must be."""

    model: Model
    path: str
    url: str
    published: Published

    def __str__(self) -> str:
        return f"{self.model.id}: {self.path}"


def patiently(
    action: Callable[[], T], progress: Callable[[], int], what: str, pause: Pause = time.sleep
) -> T:
    """Try again, with longer and longer pauses, until ATTEMPTS in a row brought no progress. Raises DownloadFailed."""
    failures, reached = 0, progress()
    while True:
        try:
            return action()
        except (httpx.RequestError, Unavailable) as error:
            failures = failures + 1 if progress() <= reached else 1
            reached = progress()
            if failures >= ATTEMPTS:
                raise DownloadFailed(
                    f"{what} could not be fetched ({error or type(error).__name__}); check the network, then run "
                    "the same command again: it goes on where it stopped"
                ) from error
            asked = error.after if isinstance(error, Unavailable) else 0.0
            pause(min(max(asked, 2.0 ** (failures - 1)), LONGEST_WAIT))


def fetch(hub: Hub, order: Order, part: Path, tell: Tell, pause: Pause = time.sleep) -> Published:
    """Download into `part`, going on with what is there, and check it. What is wrong is deleted.

    Returns size and digests. Raises ModelDamaged, DownloadFailed, DiskFull and what `Hub.get` raises.
    """
    if order.published.digest is None:
        # What cannot be checked afterwards is not put together from two versions.
        part.unlink(missing_ok=True)
    with named_errors(part.parent):
        part.parent.mkdir(parents=True, exist_ok=True)
        if order.published.size is not None and _size(part) > order.published.size:
            part.unlink()
        patiently(lambda: _attempt(hub, order, part, tell), lambda: _size(part), str(order), pause)
    found = hash_file(part, tell)
    if wrong := difference(found, order.published):
        part.unlink()
        raise ModelDamaged(
            f"{order} arrived with {wrong}; it was not kept. Run it again; if this happens again, "
            f"what {httpx.URL(order.url).host} sends is not what was published"
        )
    return found


def _attempt(hub: Hub, order: Order, part: Path, tell: Tell) -> None:
    size, start = order.published.size, _size(part)
    if size is not None and start == size:
        return
    with hub.get(order.model, order.url, start) as response:
        total = _total(response)
        if response.status_code == 416 and 0 < start == total:
            return  # Whole, but its size was not known.
        if response.status_code == 416:
            part.unlink(missing_ok=True)
            raise Unavailable(f"{order} has no byte {start}")
        start = _offset(response, start)
        if size is not None and total not in (None, size):
            raise ModelDamaged(
                f"{order} is {total} bytes at {order.url}, published were {size}; not downloaded"
            )
        _write(response, part, start, lambda done: _count(order, done, tell, total))
    if size is not None and _size(part) < size:
        raise Unavailable(f"{order} ended after {_size(part)} of {size} bytes")


def _write(response: httpx.Response, part: Path, start: int, tell: Callable[[int], None]) -> None:
    with part.open("ab") as file:
        file.truncate(start)
        try:
            # Pieces as they come: of a chunk size, what was gathered for the next one would be lost by a cut.
            for chunk in response.iter_raw():
                file.write(chunk)
                tell(file.tell())
        finally:
            file.flush()
            os.fsync(file.fileno())


def _count(order: Order, done: int, tell: Tell, total: int | None) -> None:
    """A server that never ends must not fill the disk."""
    size = order.published.size
    if size is not None and done > size:
        raise ModelDamaged(f"{order} is longer at {order.url} than the {size} bytes that were published")
    tell(done, size or total)


def _offset(response: httpx.Response, asked: int) -> int:
    """Where the answer begins: a server that knows no ranges sends all of it."""
    if response.status_code != 206:
        return 0
    found = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    if not found or int(found[1]) != asked:
        raise Unavailable(f"asked for bytes from {asked}, got {response.headers.get('Content-Range')!r}")
    return asked


def _total(response: httpx.Response) -> int | None:
    """Bytes of the whole file, as the server says."""
    name = "Content-Range" if response.status_code in (206, 416) else "Content-Length"
    found = re.search(r"(\d+)$", response.headers.get(name, ""))
    return int(found[1]) if found else None


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0
