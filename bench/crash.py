"""Killed at random instants and at every durable boundary, resumed, and compared with an undisturbed run.

The processes, the files and SQLite are real, and so is SIGKILL. Dagster takes most of a second to start, so most
kills go to the same steps run without it; `dagster_kills` of them go to Dagster's own jobs.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypedDict

from bench.children import DAGSTER, finish, preload, start
from bench.crash_child import KillAt, When, prepare, run, run_and_tell
from bench.crash_flows import FLOWS, KILLED_AT_CALLS
from bench.filling import Site
from bench.orphans import orphans_after_audit
from bench.truth import Index, unnamed_files
from tryon.core.boundaries import boundaries

SIGKILLED = -9
MATRICES = {"crash-1x2": (1, 1, 1), "crash-3x4": (3, 2, 2)}
"""Name -> users, tops, bottoms."""


class Told(TypedDict):
    """What a process that ran to its end wrote down."""

    index: Index
    calls: dict[str, int]
    seen: list[str]


@dataclass(frozen=True)
class Model:
    """An undisturbed run. site: as it was before. calls: of each boundary. seen: partitions that Dagster
    shows as materialized. seconds: from the start of its process to its end."""

    site: Site
    index: Index
    calls: dict[str, int]
    seen: frozenset[str]
    passes: int
    seconds: float


@dataclass(frozen=True)
class Outcome:
    """After a kill and a resume. wasted: engine passes beyond the undisturbed run's. unnamed: files that nothing
    names, before an audit. unseen: partitions that are complete, but that Dagster does not show so."""

    differences: list[str]
    wasted: int
    unnamed: set[str]
    unseen: int
    orphans: int | None


@dataclass(frozen=True)
class Case:
    """kill: at which call; None: at a random instant, `seed` decides which."""

    flow: str
    kill: KillAt | None
    seed: int


def measure(
    matrix: str = "crash-3x4",
    kills: int = 200,
    dagster_kills: int = 10,
    seed: int = 1,
    each: Sequence[str] = ("first", "middle", "last"),
    whens: Sequence[When] = tuple(When),
    repeat: bool = True,
) -> dict[str, object]:
    """kills: at random instants; those at boundaries come on top, at `each` of their calls. repeat: in every
    flow that reaches the boundary, not only in the first.
    orphans_after_audit: files that no record names after the audit repaired; None where there is no audit yet."""
    if dagster_kills:
        preload(DAGSTER)
    with _models(matrix, [*KILLED_AT_CALLS, *(["dagster"] if dagster_kills else [])]) as models:
        at = [
            case
            for flow in KILLED_AT_CALLS
            for case in _boundary_cases(flow, models[flow].calls, each, whens)
            if repeat or _first(models, case) == flow
        ]
        cases = [
            *(Case("dagster", None, seed + n) for n in range(dagster_kills)),
            *at,
            *(Case("pregenerate", None, seed + n) for n in range(kills)),
        ]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            outcomes = list(pool.map(lambda case: _try(case, models[case.flow]), cases))
    unnamed = [name for outcome in outcomes for name in outcome.unnamed]
    reached = {case.kill.boundary for case in at if case.kill}
    return {
        "matrix": matrix,
        "kills": len(cases),
        "random_kills": kills,
        "boundary_kills": len(at),
        "dagster_kills": dagster_kills,
        "boundaries": len(boundaries()),
        "boundary_names": list(boundaries()),
        "flows": {flow: sum(case.flow == flow for case in cases) for flow in models},
        "unreached": [boundary for boundary in boundaries() if boundary not in reached],
        "differences": sum(len(outcome.differences) for outcome in outcomes),
        "differing": [d for outcome in outcomes for d in outcome.differences][:20],
        "unseen_by_dagster": sum(outcome.unseen for outcome in outcomes),
        "unnamed_before_audit": len(unnamed),
        "of_them_temporary": sum(name.endswith(".part") for name in unnamed),
        "orphans_after_audit": _sum([outcome.orphans for outcome in outcomes]),
        "max_wasted_calls": max(outcome.wasted for outcome in outcomes),
        "batch": Site(Path()).batch,
    }


def _first(models: Mapping[str, Model], case: Case) -> str:
    assert case.kill
    return next(flow for flow, model in models.items() if model.calls[case.kill.boundary])


def _sum(counts: Sequence[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _boundary_cases(
    flow: str, calls: dict[str, int], each: Sequence[str], whens: Sequence[When]
) -> Iterator[Case]:
    """Of each boundary that the flow reaches."""
    for name, count in calls.items():
        places = {"first": 1, "middle": (count + 1) // 2, "last": count}
        for nth in sorted({places[place] for place in each}) if count else ():
            yield from (Case(flow, KillAt(name, when, nth), 0) for when in whens)


@contextmanager
def _models(matrix: str, flows: Sequence[str]) -> Iterator[dict[str, Model]]:
    with tempfile.TemporaryDirectory(prefix="fashion-bench-") as folder, ThreadPoolExecutor(2) as pool:
        sites = {flow: Site(Path(folder) / flow, values=FLOWS[flow].values) for flow in flows}
        for flow, site in sites.items():
            site.upload(*(FLOWS[flow].matrix or MATRICES[matrix]))
        models = pool.map(lambda flow: _undisturbed(flow, sites[flow]), flows)
        yield dict(zip(flows, models, strict=True))


def _undisturbed(flow: str, site: Site) -> Model:
    """Twice: the first process also waits for the server's imports, and must find what the second finds."""
    finish(start(prepare, flow, site))
    first, second = (_run_once(flow, site) for _ in range(2))
    assert first.index == second.index, "two undisturbed runs differ; nothing can be compared with them"
    return second


def _run_once(flow: str, prepared: Site) -> Model:
    with _copy(prepared) as site:
        started = time.perf_counter()
        told = _resume(flow, site)
        seconds = time.perf_counter() - started
        assert told["index"]["complete"] == [True], "the undisturbed run did not finish"
        seen = frozenset(told["seen"])
        return Model(prepared, told["index"], told["calls"], seen, site.calls.count, seconds)


def _try(case: Case, model: Model) -> Outcome:
    """A random instant after the end of the run kills nothing and does not count; another is drawn."""
    instants = random.Random(case.seed)
    while True:
        with _copy(model.site) as site:
            if _killed(case, site, instants.uniform(0, model.seconds)):
                return _compare(site, model, _resume(case.flow, site))
        assert case.kill is None, f"the run ended without {case.kill}"


def _killed(case: Case, site: Site, delay: float) -> bool:
    child = start(run, case.flow, site, case.kill)
    if case.kill is None:
        child.join(delay)
        child.kill()
    child.join(120)
    assert child.exitcode in (0, SIGKILLED), f"the run itself failed with {child.exitcode}"
    return child.exitcode == SIGKILLED


def _resume(flow: str, site: Site) -> Told:
    told = site.folder / "told.json"
    finish(start(run_and_tell, flow, site, told))
    found: Told = json.loads(told.read_text())
    return found


def _compare(site: Site, model: Model, told: Told) -> Outcome:
    found = told["index"]
    differing = [
        what for what in model.index.keys() | found.keys() if model.index.get(what) != found.get(what)
    ]
    pipeline = site.open()
    unnamed = unnamed_files(site, pipeline)
    wasted, unseen = site.calls.count - model.passes, len(model.seen - set(told["seen"]))
    return Outcome(differing, wasted, unnamed, unseen, orphans_after_audit(site, pipeline))


@contextmanager
def _copy(site: Site) -> Iterator[Site]:
    """A fresh copy of this site, times too: they decide the ordinals."""
    with tempfile.TemporaryDirectory(prefix="fashion-bench-") as folder:
        shutil.copytree(site.folder, folder, dirs_exist_ok=True)
        yield replace(site, folder=Path(folder))
