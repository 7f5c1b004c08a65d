"""Running the jobs from a terminal or a schedule: look at the uploads, plan from records, run what is missing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import dagster as dg
from pydantic import SecretStr

from fashion_assets import postgres
from fashion_assets.definitions import definitions
from fashion_assets.partitions import range_tags, rectangle_tags
from fashion_assets.reporting import failed_partitions
from fashion_assets.storage_errors import unusable
from jobs.pregenerate import ASSETS
from tryon.core.matrix import Rectangle
from tryon.core.pipeline import Pipeline
from tryon.core.rollout import switch
from tryon.core.scheduling.requests import neighbours
from tryon.core.uploads import Registered, Rejected
from tryon.core.work import chunks
from tryon.stores.disk import write_whole

QUIET = {"loggers": {"console": {"config": {"log_level": "WARNING"}}}}
"""Dagster's own console log; every step is printed by our journal already."""


def dagster_home(data: Path, url: SecretStr | None = None) -> Path:
    """`data/dagster` with our settings of the instance; `fashion ui` starts Dagster there.

    url: DAGSTER_POSTGRES_URL, which the environment must hold too: Dagster reads it there. Raises as
    `postgres.check_home`.
    """
    home = data.resolve() / "dagster"
    postgres.check_home(home, url)
    home.mkdir(parents=True, exist_ok=True)
    plain, place = (Path(__file__).parent.parent / "dagster.yaml").read_bytes(), home / "dagster.yaml"
    wanted = postgres.config(plain, url is not None)
    if not place.is_file() or place.read_bytes() != wanted:
        write_whole(place, wanted)
    return home


def open_instance(data: Path, url: SecretStr | None = None) -> dg.DagsterInstance:
    """The Dagster instance under `data/dagster`, which `fashion ui` opens too. url: as of `dagster_home`."""
    return dg.DagsterInstance.from_config(str(dagster_home(data, url)))


@dataclass
class Summary:
    """What one call of `pregenerate` did. failed: partition -> reason."""

    runs: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    rejected: tuple[Rejected, ...] = ()


_DIMENSIONS = {"crop_items": "item", "mask_users": "user", "export_users": "user"}


@dataclass
class Operator:
    """`tell` hears one line before each run."""

    pipeline: Pipeline
    instance: dg.DagsterInstance
    tell: Callable[[str], None] = lambda line: None

    def __post_init__(self) -> None:
        self._definitions = definitions(self.pipeline)
        self._prepared: dict[str, list[str]] = {"user": [], "item": []}

    def reconcile(self) -> tuple[Registered, tuple[Rejected, ...]]:
        """Give new uploads their ordinals, and Dagster their partition keys in the same order."""
        found = self.pipeline.reconcile()
        self._add_keys()
        return found

    def _add_keys(self) -> None:
        """Also of what another command registered since: `status` and `plan` look at the uploads too."""
        for name, ids in self._known().items():
            present = set(self.instance.get_dynamic_partitions(name))
            self.instance.add_dynamic_partitions(name, [key for key in ids if key not in present])

    def _known(self) -> dict[str, list[str]]:
        records = self.pipeline.records
        return {"user": [user.id for user in records.users()], "item": [item.id for item in records.items()]}

    def pregenerate(self) -> Summary:
        """Everything that is missing. Finding nothing starts no run.

        Raises Unusable after the run that met it: the runs after it could do no better.
        """
        summary = self.prepare()
        for rectangle in self._rectangles():
            self._run_rectangle(summary, rectangle, ASSETS["pregenerate"])
        switch(self.pipeline)
        self._sweep(summary, "export_users", self.pipeline.outdated(), self._known()["user"])
        return summary

    def prepare(self) -> Summary:
        """Register uploads and make crops and masks, the inputs of all outfits."""
        _, rejected = self.reconcile()
        self._prepared = known = self._known()
        summary, plan = Summary(rejected=rejected), self.pipeline.plan()
        self._sweep(summary, "crop_items", plan.crops, known["item"])
        self._sweep(summary, "mask_users", plan.masks, known["user"])
        return summary

    def run_rectangle(self, rectangle: Rectangle, assets: Sequence[str] = ASSETS["pregenerate"]) -> Summary:
        """One run over these pairs, whatever the plan says; a UI backfill does the same."""
        summary = Summary()
        self._run_rectangle(summary, rectangle, assets)
        return summary

    def _run_rectangle(self, summary: Summary, rectangle: Rectangle, assets: Sequence[str]) -> None:
        users = self._present("user", rectangle.users)
        items = self._present("item", rectangle.items)
        if users and items:
            what = f"{len(users)} users x {len(items)} items"
            self._run(summary, "pregenerate", rectangle_tags(Rectangle(users, items)), what, assets)

    def _present(self, name: str, keys: Sequence[str]) -> tuple[str, ...]:
        """Without those that were erased since this call began: a range cannot begin or end at one."""
        there = set(self.instance.get_dynamic_partitions(name))
        return tuple(key for key in keys if key in there)

    def _rectangles(self) -> list[Rectangle]:
        """Planned after crops and masks: their verdicts decide what the outfits cost. What another command registered
        since waits for the next call: its crops and masks were not made."""
        self._add_keys()
        records, plan = self.pipeline.records, self.pipeline.plan()
        users = [user for user in records.users() if user.id in self._prepared["user"]]
        items = [item for item in records.items() if item.id in self._prepared["item"]]
        offered = {item.id for item in items}
        plan.pairs = {
            user: {i: cost for i, cost in row.items() if i in offered} for user, row in plan.pairs.items()
        }
        return list(chunks(plan, users, items, self.pipeline.chunk_seconds))

    def _sweep(self, summary: Summary, job: str, wanted: Iterable[str], order: Sequence[str]) -> None:
        """One run for each unbroken range of wanted keys."""
        self._add_keys()
        for batch in neighbours(set(wanted), order):
            keys = self._present(_DIMENSIONS[job], batch)
            if keys:
                self._run(summary, job, range_tags(keys[0], keys[-1]), f"{keys[0]} ... {keys[-1]}")

    def _run(
        self,
        summary: Summary,
        job: str,
        tags: dict[str, str],
        what: str,
        assets: Sequence[str] | None = None,
    ) -> None:
        self.tell(f"{job}: {what}")
        run_id = str(uuid4())
        with kept_open(self.instance, run_id):
            result = self._execute(job, run_id, tags, assets or ASSETS[job])
        summary.runs.append(result.run_id)
        for event in result.filter_events(lambda event: event.is_step_failure):
            if _stopped(event):
                raise KeyboardInterrupt(f"run {result.run_id} was stopped")
            if error := unusable(event):
                raise error
            summary.failed |= _failed(event)

    def _execute(
        self,
        job: str,
        run_id: str,
        tags: Mapping[str, str],
        assets: Sequence[str],
    ) -> dg.ExecuteInProcessResult:
        return self._definitions.resolve_job_def(job).execute_in_process(
            instance=self.instance,
            run_config=QUIET,
            run_id=run_id,
            tags=tags,
            asset_selection=[dg.AssetKey(name) for name in assets],
            raise_on_error=False,
        )


@contextmanager
def kept_open(instance: dg.DagsterInstance, run_id: str) -> Iterator[None]:
    """Hold a connection to each of Dagster's two event files while a run writes them.

    Dagster opens and closes one for every event, and SQLite checkpoints, with several syncs, whenever the last
    connection to a file is closed: a third of the time of a run of many partitions. Nothing to do with PostgreSQL,
    where the folder may be left from before.
    """
    home = Path(instance.root_directory)
    folder = home / "history" / "runs"
    with ExitStack() as stack:
        for name in ("index", run_id) if folder.is_dir() and not postgres.in_postgres(home) else ():
            connection = stack.enter_context(closing(sqlite3.connect(folder / f"{name}.db")))
            connection.execute("PRAGMA journal_mode = WAL")
        yield


def _stopped(event: dg.DagsterEvent) -> bool:
    """Dagster turns Ctrl-C into a failed step; going on with the next run is not what was asked for."""
    error = event.step_failure_data.error
    return error is not None and error.cls_name == "DagsterExecutionInterruptedError"


def _failed(event: dg.DagsterEvent) -> dict[str, str]:
    """Our own Failure names its partitions; anything else is told as Dagster tells it."""
    error = event.step_failure_data.error
    return failed_partitions(event) or {str(event.step_key): error.to_string() if error else "unknown error"}
