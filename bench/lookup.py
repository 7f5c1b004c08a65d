"""Outfits of a large lookbook through HTTP: a real server in a process of its own, asked at a steady pace.

A request is timed from the moment it was due, so a server that falls behind is not spared by callers that wait for it.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from queue import SimpleQueue

from bench import lookup_fill
from fashion_assets.commands.listening import bound
from tryon.core.pipeline import Pipeline
from tryon.settings import Settings
from tryon.wiring import build

RATE, CALLERS, WARM_UP = 50, 8, 100
"""Requests a second, threads that make them, and requests before anything is timed."""
PAGE = 50


def measure(users: int, garments: int, seconds: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        pipeline = build(Settings(data=Path(folder)), lambda _: None)
        lookup_fill.register(pipeline, users, garments)
        records = lookup_fill.publish(pipeline)
        with _server(Path(folder)) as (port, process):
            found = _asked(port, process.pid, pipeline, users, seconds)
            return {"records": records, **found, "rss_mb": _rss_mb(process.pid)}


def _asked(port: int, pid: int, pipeline: Pipeline, users: int, seconds: int) -> dict[str, object]:
    outfits = [outfit.id for outfit in pipeline.shown_shelf("u0000").wanted.matrix.outfits()]
    choice, count = random.Random(1), seconds * RATE

    def one() -> str:
        return f"/users/u{choice.randrange(users):04d}/outfits/{choice.choice(outfits)}"

    starts = _tokens(port, users)

    def page() -> str:
        return f"/users/u{choice.randrange(users):04d}/outfits?limit={PAGE}&after={choice.choice(starts)}"

    _timed(port, [one() for _ in range(WARM_UP)])
    begun = _processor_ms(pid)
    lookups = _timed(port, [one() for _ in range(count)])
    between = _processor_ms(pid)
    pages = _timed(port, [page() for _ in range(count)])
    ended = _processor_ms(pid)
    return {
        "p50_ms": _at(lookups, 0.50),
        "p99_ms": _at(lookups, 0.99),
        "page_p50_ms": _at(pages, 0.50),
        "page_p99_ms": _at(pages, 0.99),
        "cpu_ms": round((between - begun) / count, 2),
        "page_cpu_ms": round((ended - between) / count, 2),
        "requests_per_s": RATE,
    }


def _tokens(port: int, users: int) -> list[str]:
    """Where pages of the first user begin, all over the matrix; they are the same for every user."""
    found = [""]
    with _connected(port) as line:
        while token := json.loads(_get(line, f"/users/u0000/outfits?limit=200&after={found[-1]}"))["next"]:
            found.append(token)
    return found


def _timed(port: int, paths: Sequence[str]) -> list[float]:
    """Milliseconds of each request, from when it was due."""
    with ExitStack() as opened, ThreadPoolExecutor(CALLERS) as pool:
        lines: SimpleQueue[http.client.HTTPConnection] = SimpleQueue()
        for _ in range(CALLERS):
            lines.put(opened.enter_context(_connected(port)))
        begin = time.perf_counter() + 0.1

        def ask(number: int) -> float:
            due, line = begin + number / RATE, lines.get()
            time.sleep(max(0.0, due - time.perf_counter()))
            _get(line, paths[number])
            lines.put(line)
            return 1000 * (time.perf_counter() - due)

        return list(pool.map(ask, range(len(paths))))


@contextmanager
def _connected(port: int) -> Iterator[http.client.HTTPConnection]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as line:
        yield line


def _get(line: http.client.HTTPConnection, path: str) -> bytes:
    line.request("GET", path)
    answer = line.getresponse()
    body = answer.read()
    assert answer.status == 200, f"{path}: {answer.status} {body[:300]!r}"
    return body


def _at(times: Sequence[float], share: float) -> float:
    return round(sorted(times)[min(len(times) - 1, int(share * len(times)))], 2)


@contextmanager
def _server(folder: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """`fashion serve lookbook` over a data folder; its port."""
    with bound(0, "none") as door:
        port = door.getsockname()[1]
    command = [sys.executable, "-m", "fashion_assets", "serve", "lookbook", "--port", str(port)]
    environment = {**os.environ, "FASHION_DATA": str(folder)}
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            _wait(lambda: _answers(port), process)
            yield port, process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def _wait(ready: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while not ready():
        assert process.poll() is None, "the server ended while it started"
        assert time.monotonic() < deadline, "the server did not start"
        time.sleep(0.1)


def _answers(port: int) -> bool:
    try:
        with _connected(port) as line:
            return bool(_get(line, "/health"))
    except OSError:
        return False


def _rss_mb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (kilobytes,) = [line.split()[1] for line in lines if line.startswith("VmRSS")]
    return round(int(kilobytes) / 1024)


def _processor_ms(pid: int) -> float:
    """What the process has used so far: other work on the machine changes that least."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
