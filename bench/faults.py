"""Failing stores: a share of all calls, and then exactly each call of a run, one after the other."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from bench.faulty import BYTES, Fault, Faults, at_random, only
from bench.filling import PATIENCE, Site, complete, fill, steps
from bench.truth import Index, half_there, index, products, repeated, wrong_bytes
from tryon.core.errors import StoreError
from tryon.core.stages.tally import Status

PASSING = replace(PATIENCE, lease_seconds=0.5, poll_seconds=0.01)
"""Three attempts without waiting; the lease of a run that could not give it back lapses soon."""
ONCE = replace(PASSING, attempts=1)
MOST_RERUNS = 1000
UNLIMITED = {"max_failures": MOST_RERUNS}
"""No quarantine: it holds up what an engine was paid for three times in vain, which stores that fail this often do."""
RATES = (0.01, 0.05, 0.20)


def measure(
    rates: Sequence[float] = RATES,
    matrix: tuple[int, int, int] = (3, 2, 2),
    nth_matrix: tuple[int, int, int] = (1, 1, 1),
    seed: int = 1,
) -> dict[str, object]:
    """matrix, nth_matrix: users, tops, bottoms."""
    return {
        "runs": [disturbed(rate, matrix, seed) for rate in rates],
        "nth_call": _each_call(nth_matrix),
    }


def disturbed(rate: float, matrix: tuple[int, int, int], seed: int) -> dict[str, object]:
    """Run again and again under faults until everything is there, then look with the faults off."""
    expected = undisturbed(matrix)[0]
    with _site(matrix) as site:
        faults = Faults(at_random(rate, seed), seed)
        made, runs = _until_complete(site, faults)
        pipeline = site.open()
        found = index(site, pipeline)
        right = sum(found.get(what) == entry for what, entry in expected.items())
        return {
            "rate": rate,
            "published": len(products(pipeline)),
            "expected": len(_products(expected)),
            "lost": len(expected) - right,
            "duplicated": repeated(pipeline) + sum(count - 1 for count in made.values()),
            "wrong_bytes": wrong_bytes(pipeline),
            "store_calls": len(faults.names),
            "reruns": runs - 1,
            "engine_calls": site.calls.count,
        }


def _until_complete(site: Site, faults: Faults) -> tuple[Counter[str], int]:
    """(how often each key was made visible, runs). A step that stops is left to the next run, as a failed run of
    Dagster is; the steps after it go on."""
    made: Counter[str] = Counter()
    for run in range(1, MOST_RERUNS + 1):
        pipeline = site.open(faults, PASSING)
        for step in steps(pipeline, f"run-{run}"):
            try:
                tally = step()
            except (StoreError, OSError):
                continue
            made.update(entry.product.key for entry in tally.entries if entry.status is Status.MADE)
        with faults.off():
            if complete(pipeline):
                return made, run
    raise AssertionError(f"{MOST_RERUNS} runs did not complete the matrix")


def _each_call(matrix: tuple[int, int, int]) -> dict[str, object]:
    """Fail call N, with no second attempt, for every N: first look at what the stopped run left, then run again."""
    expected, names = undisturbed(matrix)
    cases = [(n, fault) for n, name in enumerate(names, 1) for fault in Fault if _fits(fault, name)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        left = list(pool.map(lambda case: one_call(matrix, case[0], case[1], expected), cases))
    return {
        "calls": len(names),
        "runs": len(cases),
        "half_published": sum(half for half, _ in left),
        "incomplete_after_rerun": sum(differing for _, differing in left),
    }


def _fits(fault: Fault, name: str) -> bool:
    """A call that times out did as little as one that raises, and this battery need not do both."""
    return fault in (Fault.RAISE, Fault.LIE) or (fault is Fault.TRUNCATE and name in BYTES)


def one_call(matrix: tuple[int, int, int], nth: int, fault: Fault, expected: Index) -> tuple[int, int]:
    """(half published things after the fault, differences after one more run)."""
    with _site(matrix) as site:
        for step in steps(site.open(Faults(only(nth, fault), nth), ONCE), "disturbed"):
            try:
                step()
            except (StoreError, OSError):
                break
        pipeline = site.open(None, ONCE)
        half = wrong_bytes(pipeline) + half_there(pipeline) + repeated(pipeline)
        failed = fill(pipeline, "again").failed
        found = index(site, pipeline)
        return half, len(failed) + sum(found.get(what) != entry for what, entry in expected.items())


def undisturbed(matrix: tuple[int, int, int]) -> tuple[Index, list[str]]:
    """What must be there at the end, and the name of every store call on the way.

    Nothing is tried twice, so that the calls are counted right. Raises AssertionError with what failed.
    """
    with _site(matrix) as site:
        calls = Faults(lambda number, name: None)
        fill(site.open(calls, ONCE), "undisturbed")
        pipeline = site.open()
        failed = [f"{event.step}: {event.message}" for _, event in pipeline.log.failures(3)]
        assert complete(pipeline), f"the undisturbed run is not complete: {failed}"
        return index(site, pipeline), calls.names


def _products(found: Index) -> list[str]:
    return [what for what in found if what != "complete" and not what.endswith(" data.json")]


@contextmanager
def _site(matrix: tuple[int, int, int]) -> Iterator[Site]:
    with tempfile.TemporaryDirectory(prefix="fashion-bench-") as folder:
        site = Site(Path(folder), values=UNLIMITED)
        site.upload(*matrix)
        yield site
