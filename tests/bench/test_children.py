"""Processes that threads start and wait for side by side."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from bench.children import start


def test_each_thread_is_told_how_its_own_process_ended() -> None:
    """multiprocessing alone answers 255 for about one in a hundred of these."""

    def run(number: int) -> int | None:
        child = start(time.sleep, 0.001 if number % 2 else 60.0)
        if number % 2 == 0:
            child.kill()
        child.join(30)
        return child.exitcode

    with ThreadPoolExecutor(4) as pool:
        ends = list(pool.map(run, range(400)))
    assert ends == [-9, 0] * 200


def test_a_process_that_still_runs_has_no_exit_code() -> None:
    child = start(time.sleep, 60.0)
    child.join(0.05)
    assert (child.exitcode, child.is_alive()) == (None, True)
    child.kill()
    child.join(30)
    assert (child.exitcode, child.is_alive()) == (-9, False)
