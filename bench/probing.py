"""Somebody who asks for a service's health all the time, in a process of its own, which the clients do not slow."""

from __future__ import annotations

import http.client
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from urllib.parse import urlsplit

PAUSE = 0.02
"""Seconds between two questions."""


@dataclass
class Probe:
    """seconds: of each answer. failed: answers that were no 200."""

    seconds: list[float] = field(default_factory=list)
    failed: int = 0


@contextmanager
def probing(url: str) -> Iterator[Probe]:
    """Filled when the block ends."""
    context, probe = multiprocessing.get_context("spawn"), Probe()
    here, there = context.Pipe()
    child = context.Process(target=_ask, args=(url, there), daemon=True)
    child.start()
    try:
        assert here.recv() == "ready"
        yield probe
        here.send("end")
        probe.seconds, probe.failed = here.recv()
    finally:
        child.kill()
        child.join()


def _ask(url: str, pipe: Connection) -> None:
    parts, seconds, failed = urlsplit(url), list[float](), 0
    line = http.client.HTTPConnection(parts.netloc, timeout=60)
    pipe.send("ready")
    while not pipe.poll(PAUSE):
        began = time.perf_counter()
        line.request("GET", parts.path)
        answer = line.getresponse()
        answer.read()
        seconds.append(time.perf_counter() - began)
        failed += answer.status != 200
    pipe.send((seconds, failed))
