"""A burst of uploads between two ticks, and ticks that are killed at random: nothing may be lost.

Each tick is a process of its own, killed with SIGKILL at a random instant. In between launched runs are executed with
null engines; at the end ticks and runs go on until nothing is left to do.
"""

from __future__ import annotations

import multiprocessing
import random
import tempfile
import time
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from bench.null_engines import null_stages
from bench.small_daemon import SmallDaemon
from bench.uploads import write_item, write_user
from fashion_assets.operate import open_instance
from tryon.core.pipeline import Pipeline
from tryon.core.recipes import Stage
from tryon.core.wanted import missing
from tryon.core.words import Category
from tryon.settings import Settings
from tryon.wiring import build

FIRST_GUESS_SECONDS = 1.0
KILLS_A_RUN = 3
"""One launched run is executed after so many kills, so that ticks are killed in every state of the work."""


def measure(uploads: int, users: int, worn: int, kills: int, seed: int = 7) -> dict[str, object]:
    """users: of the uploads, how many are people. worn: how many are tops and bottoms, in equal parts; the others are
    shoes, bags and accessories."""
    with tempfile.TemporaryDirectory(prefix="fashion-bench-") as folder:
        started = time.perf_counter()
        place = Burst(Path(folder), random.Random(seed))
        (place.folder / "uploads").mkdir()
        place.daemon.tick()
        write_burst(place.folder / "uploads", users, uploads - users, worn)
        place.kill_ticks(kills)
        place.go_on_until_quiet()
        return {"uploads": uploads, **place.figures(), "seconds": round(time.perf_counter() - started, 1)}


def write_burst(folder: Path, users: int, items: int, worn: int) -> None:
    """The garments that are worn lie scattered among those that are not."""
    idle = [Category.SHOES, Category.BAGS, Category.ACCESSORIES]
    places = {n * items // worn: (Category.TOPS, Category.BOTTOMS)[n % 2] for n in range(worn)}
    for number in range(items):
        category = places.get(number, idle[number % len(idle)])
        write_item(folder, f"i{number:04d}", [category.value], number)
    for number in range(users):
        write_user(folder, f"u{number:04d}", number)


@dataclass
class Burst:
    folder: Path
    random: random.Random
    kills: int = 0
    ticks: int = 0
    runs: int = 0

    def __post_init__(self) -> None:
        self.pipeline, self.daemon = _open(self.folder)
        self._processes = multiprocessing.get_context("forkserver")
        self._processes.set_forkserver_preload(["bench.uploads_burst"])

    def kill_ticks(self, kills: int) -> None:
        seconds = FIRST_GUESS_SECONDS
        while self.kills < kills:
            process = self._processes.Process(target=_tick, args=(self.folder,))
            seconds = self._kill(process, seconds)
            if self.kills % KILLS_A_RUN == 0:
                self.runs += self.daemon.work(1)

    def _kill(self, process: ForkServerProcess, seconds: float) -> float:
        """Kill it at a random instant of the time that a tick takes; a better guess of that time."""
        started = time.perf_counter()
        process.start()
        process.join(self.random.uniform(0, seconds))
        process.kill()
        process.join()
        if process.exitcode == 0:
            self.ticks += 1
            return time.perf_counter() - started
        assert process.exitcode == -9, f"a tick ended by itself with exit code {process.exitcode}"
        self.kills += 1
        return seconds * 1.2

    def go_on_until_quiet(self) -> None:
        requested = done = 1
        while requested or done:
            requested = self.daemon.tick()
            done = self.daemon.work()
            self.ticks, self.runs = self.ticks + 1, self.runs + done

    def figures(self) -> dict[str, object]:
        processed, uploads = len(self._processed()), self._uploads()
        return {
            "processed": processed,
            "lost": uploads - processed,
            "kills": self.kills,
            "ticks": self.ticks,
            "runs": self.runs,
            "outfits": self.pipeline.plan().outfits,
            "wasted_engine_calls": self._wasted(),
        }

    def _uploads(self) -> int:
        return len(list((self.folder / "uploads").rglob("*.json")))

    def _processed(self) -> list[str]:
        """Items with all crops; people with masks, every outfit, and an up-to-date document."""
        plan, outdated, wanted = self.pipeline.plan(), self.pipeline.outdated(), self.pipeline.wanted()
        crops = self.pipeline.records.standings(None)
        items = [i.id for i in wanted.items if not missing(wanted.crops(i), crops)]
        users = [user.id for user in self.pipeline.records.users()]
        unfinished = {*plan.masks, *plan.pairs, *outdated}
        return items + [user for user in users if user not in unfinished]

    def _wasted(self) -> int:
        """Engine passes beyond one for each photo, person, outfit and splat."""
        plan, history = self.pipeline.plan(), self.pipeline.records.history()
        matrix = self.pipeline.wanted().matrix
        looks = sum(outfit.is_look for outfit in matrix.outfits()) * plan.users
        needed = {
            Stage.CROP: plan.items,
            Stage.MASK: plan.users,
            Stage.TRYON: plan.outfits,
            Stage.SPLAT: looks,
        }
        return sum(history[stage].passes - count for stage, count in needed.items() if count)


def _open(folder: Path) -> tuple[Pipeline, SmallDaemon]:
    pipeline = build(Settings(data=folder), lambda event: None, null_stages)
    return pipeline, SmallDaemon(pipeline, open_instance(folder), folder / "cursor.json")


def _tick(folder: Path) -> None:
    _open(folder)[1].tick()
