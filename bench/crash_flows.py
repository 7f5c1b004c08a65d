"""The flows that `bench crash` kills and runs again. What a flow leaves must not depend on where it was killed."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from bench.counted import CountedStages
from bench.filling import Site, fill
from bench.uploads import write_user
from bench.watched import Around
from tryon.core.auditing.audit import audit
from tryon.core.erasure.erase import Eraser
from tryon.core.erasure.traces import leftovers
from tryon.core.errors import CallFailed
from tryon.core.events import utc_now
from tryon.core.pipeline import Pipeline
from tryon.core.recipes import Stage
from tryon.core.rollout import confirm, prepare, switch
from tryon.core.stages.compute import LocalCompute
from tryon.core.stages.remote import RemoteCompute
from tryon.core.stages.remote_worker import RemoteWorker
from tryon.core.uploads import UploadKind
from tryon.stores.folder_uploads import FOLDERS
from tryon.stores.holders import lease_holder

OLD = 1_700_000_000
"""A time (seconds since 1970) at which nobody is writing any more."""


@dataclass(frozen=True)
class Opened:
    """A site in a process that may be killed at any of its stores' calls."""

    site: Site
    pipeline: Pipeline
    around: Around


def _nothing(site: Site) -> None:
    """Uploads are enough."""


@dataclass(frozen=True)
class Flow:
    """run: killed, and run again to resume. prepared: what was there before, besides uploads; done once.
    matrix: users, tops, bottoms; None: those that were asked for. values: settings."""

    run: Callable[[Opened], None]
    prepared: Callable[[Site], None] = _nothing
    matrix: tuple[int, int, int] | None = (1, 1, 1)
    values: Mapping[str, Any] = field(default_factory=dict)


def _fill(pipeline: Pipeline) -> None:
    failed = fill(pipeline, str(uuid4())).failed
    assert not failed, failed


def _pregenerate(opened: Opened) -> None:
    _fill(opened.pipeline)


def _filled(site: Site) -> None:
    _fill(site.open())


def _dagster(opened: Opened) -> None:
    from fashion_assets.operate import Operator, open_instance

    failed = Operator(opened.pipeline, open_instance(opened.site.folder)).pregenerate().failed
    assert not failed, failed


def _painted_untucked(site: Site) -> None:
    """Before the flow's own settings."""
    _filled(Site(site.folder, site.batch))


def _rollout(opened: Opened) -> None:
    """Once everybody has the release, preparing it again moves nobody."""
    pipeline = opened.pipeline
    pipeline.reconcile()
    found = prepare(pipeline)
    if found.users:
        confirm(pipeline, found)
    _fill(pipeline)
    switch(pipeline)
    _fill(pipeline)


def _broken(site: Site) -> None:
    CountedStages(site.calls, site.batch).broken.touch()


def _failing(opened: Opened) -> None:
    """The engine fails for every bottom until it is repaired; then what failed may be tried again."""
    pipeline, broken = opened.pipeline, CountedStages(opened.site.calls, opened.site.batch).broken
    if broken.exists():
        assert fill(pipeline, str(uuid4())).failed, "the broken engine made everything"
        assert pipeline.quarantine(), "what failed is not quarantined"
        broken.unlink()
    pipeline.records.retry([attempt.input for attempt in pipeline.records.attempts()])
    _fill(pipeline)


@dataclass
class Calls:
    """Implements tryon.core.ports.Calls. The worker is in this process and works at once; nobody knows a call that an
    earlier process made."""

    worker: RemoteWorker
    answers: dict[str, str] = field(default_factory=dict)

    def spawn(self, stage: Stage, order_id: str) -> str:
        call = f"{lease_holder()}:{uuid4()}"
        self.answers[call] = self.worker.run(order_id, call)
        return call

    def wait(self, call_id: str, seconds: float) -> str | None:
        if call_id not in self.answers:
            raise CallFailed("nobody knows this call")
        return self.answers[call_id]

    def cancel(self, call_id: str) -> None:
        """It has ended."""


def _elsewhere(opened: Opened) -> None:
    """Each batch as an order to a worker."""
    pipeline, desk = opened.pipeline, opened.pipeline.desk
    assert isinstance(desk.compute, LocalCompute)
    now = desk.journal.timestamp
    worker = RemoteWorker(desk.compute.workbench, pipeline.records, lambda event: None, now)
    compute = RemoteCompute(pipeline.records, Calls(worker), now, desk.holder, parallel=1)
    _fill(replace(pipeline, desk=replace(desk, compute=compute)))


UNREGISTERED = "u0009"


def _to_erase(site: Site) -> None:
    """A filled site, a picture drawn from it, and a photo that nobody consented to."""
    _filled(site)
    (site.folder / "contact_sheet.jpg").write_bytes(b"a picture")
    write_user(site.folder / "uploads", UNREGISTERED, 9)
    (site.folder / "uploads" / "users" / f"{UNREGISTERED}.json").unlink()


def _erase(opened: Opened) -> None:
    """A user, an item that others wear, and an upload that was never registered. About the item a service said
    something."""
    records = opened.pipeline.records
    known = [*(one.ref for one in records.kept()), *(stone.ref for stone in records.tombstones())]
    records.keep_answer("key", "{}", next(ref for ref in known if ref.id == "t0001"))
    archive = opened.site.archive(opened.around)
    eraser = Eraser(opened.pipeline, archive, lambda kind, upload_id: None)
    eraser.erase_all([(UploadKind.USER, "u0001"), (UploadKind.ITEM, "t0001")])
    eraser.erase(UploadKind.USER, UNREGISTERED)
    assert not leftovers(opened.pipeline), "the erasure left something"
    _fill(opened.pipeline)


def _to_audit(site: Site) -> None:
    """Superseded results (the photo was changed), one wrong and one missing file, an orphan, halves of killed
    writers, and the lease of a dead holder."""
    _filled(site)
    write_user(site.folder / "uploads", "u0000", 7)
    pipeline = site.open()
    _fill(pipeline)
    blobs = site.folder / "blobs"
    looks = sorted({r.path for r in pipeline.records.of_user("u0000") if r.input in _wanted(pipeline)})
    (blobs / looks[0]).write_bytes(b"something else")
    (blobs / looks[-1]).unlink()
    pipeline.blobs.put(f"users/u0000/{'0' * 64}.webp", b"nobody's")
    for half in (blobs / "users" / "u0000" / "half.part", site.folder / "export" / ".u0000.half.part"):
        half.write_bytes(b"half")
        os.utime(half, (OLD, OLD))
    pipeline.records.claim(["0" * 64], f"{socket.gethostname()}:1.dead:run", 900.0)


def _wanted(pipeline: Pipeline) -> set[Any]:
    return {product.input for product in pipeline.shown_shelf("u0000").every_tryon()}


def _audit(opened: Opened) -> None:
    audit(opened.pipeline, utc_now(), timedelta(0), repair=True)
    _fill(opened.pipeline)


def _suspend(opened: Opened) -> None:
    """Of a user and an item whose results are half made; the rest is made while they are away. Three looks at the
    uploads, so that the middle one, which suspends them, is killed at."""
    pipeline, site = opened.pipeline, opened.site
    _put_back(site)
    pipeline.reconcile()
    pipeline.make_crops([item.id for item in pipeline.records.items()], str(uuid4()))
    _take_away(site, UploadKind.USER, "u0001")
    _take_away(site, UploadKind.ITEM, "t0000")
    _fill(pipeline)
    _put_back(site)
    _fill(pipeline)


def _take_away(site: Site, kind: UploadKind, upload_id: str) -> None:
    for path in sorted((site.folder / "uploads" / FOLDERS[kind]).glob(f"{upload_id}.*")):
        aside = _aside(site) / FOLDERS[kind] / path.name
        aside.parent.mkdir(parents=True, exist_ok=True)
        path.rename(aside)


def _put_back(site: Site) -> None:
    for path in sorted(_aside(site).rglob("*.*")):
        path.rename(site.folder / "uploads" / path.relative_to(_aside(site)))


def _aside(site: Site) -> Path:
    return site.folder / "taken_away"


FLOWS: Mapping[str, Flow] = {
    "suspend": Flow(_suspend, matrix=(2, 2, 1)),
    "rollout": Flow(_rollout, _painted_untucked, values={"order": "tucked"}),
    "failing": Flow(
        _failing,
        _broken,
        values={"usd_per_second": 0.001, "budget_catalogue": 100.0, "max_failures": 1},
    ),
    "erase": Flow(_erase, _to_erase, (2, 2, 1)),
    "audit": Flow(_audit, _to_audit),
    "elsewhere": Flow(_elsewhere),
    "pregenerate": Flow(_pregenerate, matrix=None),
    "dagster": Flow(_dagster, matrix=None),
}
"""pregenerate: uploads to documents, without Dagster. dagster: the same through Dagster's jobs, as
`fashion pregenerate` does it. rollout: another painter's order, made and shown. failing: an engine that fails in vain
under a budget, then `fashion retry`. erase, audit: see there. suspend: a photo is taken away and put back.
elsewhere: pregenerate with engines behind orders and calls."""
KILLED_AT_CALLS = tuple(name for name in FLOWS if name != "dagster")
"""Flows that are killed at their boundaries, those of the most special ones first."""
