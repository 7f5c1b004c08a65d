"""`fashion ui`: Dagster and its pictures as two children that end together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from fashion_assets.commands import opening
from fashion_assets.commands.listening import HOST, bound
from fashion_assets.commands.terminal import INCOMPLETE, OK, Terminal
from tryon.settings import Settings

LOCATION = ["-w", str(Path(__file__).parents[2] / "workspace.yaml")]
DAGSTER = ["-m", "dagster"]
FASHION = ["-m", "fashion_assets"]
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GRACE_SECONDS = 30.0
"""Dagster's own processes end within a few seconds; what has not ended by then is killed."""


def ui(terminal: Terminal) -> int:
    settings = terminal.settings
    opening.open_known(settings)
    for port, name in (
        (settings.ui_port, "FASHION_UI_PORT"),
        (settings.pictures_port, "FASHION_PICTURES_PORT"),
    ):
        bound(port, name).close()
    urls = {"dagster": f"http://{HOST}:{settings.ui_port}", "pictures": settings.pictures_url}
    terminal.answer(urls, "\n".join(f"{name}: {url}" for name, url in urls.items()), "Ctrl-C ends both")
    sys.stdout.flush()
    return _watch(terminal, _programs(settings), _environment(settings))


def _programs(settings: Settings) -> dict[str, list[str]]:
    dagster = [*DAGSTER, "dev", *LOCATION, "-h", HOST, "-p", str(settings.ui_port)]
    return {"dagster": [sys.executable, *dagster], "pictures": [sys.executable, *FASHION, "pictures"]}


def _environment(settings: Settings) -> dict[str, str]:
    from fashion_assets.operate import dagster_home

    data = settings.data.resolve()
    home = dagster_home(data, settings.dagster_postgres_url)
    return {**os.environ, "FASHION_DATA": str(data), "DAGSTER_HOME": str(home)}


def _watch(terminal: Terminal, programs: Mapping[str, Sequence[str]], environment: Mapping[str, str]) -> int:
    """Until a signal (0), or until one of them ends by itself (1); then neither is left. Standard output has its
    one JSON object already, so what went wrong is told on standard error alone."""
    with _stopping():
        children: dict[str, subprocess.Popen[bytes]] = {}
        try:
            for name, program in programs.items():
                # A session of its own: Ctrl-C in the terminal reaches us alone, and each child once, from us.
                children[name] = subprocess.Popen(
                    program, env=environment, stdout=sys.stderr.fileno(), start_new_session=True
                )
            ended = _wait(children)
        except KeyboardInterrupt:
            return OK
        finally:
            _end(children.values())
    code = children[ended].returncode
    terminal.notes.print(
        f"[bold red]error:[/] {ended} ended by itself (exit code {code}); see its last lines"
    )
    return INCOMPLETE


def _wait(children: Mapping[str, subprocess.Popen[bytes]]) -> str:
    """Name of the child that ended first."""
    while True:
        for name, child in children.items():
            if child.poll() is not None:
                return name
        time.sleep(0.2)


@contextmanager
def _stopping() -> Iterator[None]:
    """A request to stop is one KeyboardInterrupt, whichever signal brings it; under `nohup` a closed terminal is none.
    SIGINT is taken over even where it was ignored (`fashion ui &` in a script), or a child would ignore it too."""

    def stop(number: int, frame: FrameType | None) -> None:
        for later in STOPS:
            signal.signal(later, signal.SIG_IGN)  # The end is under way; a second one must not cut it short.
        raise KeyboardInterrupt

    kept = [n for n in STOPS if n is signal.SIGINT or signal.getsignal(n) is not signal.SIG_IGN]
    before = {number: signal.signal(number, stop) for number in kept}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(children: Collection[subprocess.Popen[bytes]]) -> None:
    """SIGINT, which each answers by ending its own children; after the grace its whole session is killed."""
    for child in children:
        if child.poll() is None:
            child.send_signal(signal.SIGINT)
    deadline = time.monotonic() + GRACE_SECONDS
    for child in children:
        with suppress(subprocess.TimeoutExpired):
            child.wait(max(0.0, deadline - time.monotonic()))
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
