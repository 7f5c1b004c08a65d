"""What runs in the processes that `bench crash` kills: a flow over a site, and the end at a chosen call."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, NoReturn

from bench.crash_flows import FLOWS, Opened
from bench.filling import Site
from bench.truth import index, standing
from tryon.core.boundaries import boundaries


class When(StrEnum):
    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True)
class KillAt:
    """Die before or after the nth call (from 1) of a boundary."""

    boundary: str
    when: When
    nth: int


@dataclass
class Census:
    """Counts the calls of every boundary, and dies at one of them."""

    kill: KillAt | None = None
    counts: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, name: str, call: Callable[[], Any], /) -> Any:
        with self._lock:
            self.counts[name] += 1
            mine = self.kill is not None and (name, self.counts[name]) == (self.kill.boundary, self.kill.nth)
        if mine and self.kill and self.kill.when is When.BEFORE:
            _die()
        answer = call()
        if mine:
            _die()
        return answer


def _die() -> NoReturn:
    """As the kernel kills: no handler, no `finally`, no flush."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("unreachable: SIGKILL cannot be caught")


def prepare(flow: str, site: Site) -> None:
    """What is there before the flow."""
    FLOWS[flow].prepared(site)


def run(flow: str, site: Site, kill: KillAt | None) -> None:
    _run(flow, site, Census(kill))


def _run(flow: str, site: Site, census: Census) -> None:
    FLOWS[flow].run(Opened(site, site.open(census), census))


def run_and_tell(flow: str, site: Site, told: Path) -> None:
    """Run to the end, then write down what is there, seen by a fresh pipeline."""
    census = Census()
    _run(flow, site, census)
    calls = {name: census.counts[name] for name in boundaries()}
    seen = _seen_by_dagster(site) if flow == "dagster" else []
    pipeline = site.open()
    found = {**index(site, pipeline), **standing(site, pipeline)}
    told.write_text(json.dumps({"index": found, "calls": calls, "seen": seen}))


def _seen_by_dagster(site: Site) -> list[str]:
    """Every partition that Dagster shows as materialized."""
    import dagster as dg

    from fashion_assets.operate import open_instance
    from jobs.pregenerate import ASSETS

    instance = open_instance(site.folder)
    return [
        f"{asset} {partition}"
        for asset in {name for names in ASSETS.values() for name in names}
        for partition in instance.get_materialized_partitions(dg.AssetKey(asset))
    ]
