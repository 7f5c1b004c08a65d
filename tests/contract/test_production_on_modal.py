"""The production profile as it is meant: cloud stores, and engine work behind Modal's own SDK and control plane. The
workers are the real ones, with engines that cost nothing, in threads behind the peer of the control plane."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.null_engines import null_stages
from tests.core.workshop import everywhere, make_all
from tests.peers.modal_peer import Asked, ModalPeer, Result, listening
from tests.production import Cloud, Shop, work_on_modal
from tryon import wiring
from tryon.core.events import EventKind, LogEvent
from tryon.core.pipeline import Pipeline
from tryon.core.recipes import Stage
from tryon.core.stages.remote import RemoteCompute
from tryon.core.stages.remote_worker import RemoteWorker
from tryon.core.stages.tally import Status
from tryon.profiles import stores as storage
from tryon.settings import Settings
from tryon.stores.modal.calls import ModalCalls


class WorkingModal(ModalPeer):
    """Each new call is worked in a thread. dying: so many calls lose their machine first."""

    def __init__(self) -> None:
        super().__init__()
        self.worker: RemoteWorker | None = None
        self.printed: list[LogEvent] = []
        self.dying = 0

    async def on_FunctionMap(self, asked: Asked) -> Any:
        before = set(self.calls)
        answer = await super().on_FunctionMap(asked)
        for call in set(self.calls) - before:
            threading.Thread(target=self._work, args=(call,), daemon=True).start()
        return answer

    def _work(self, call: str) -> None:
        assert self.worker is not None
        if self.dying:
            self.dying -= 1
            self.ends(call, Result.GENERIC_STATUS_TERMINATED, "the machine was taken away")
        else:
            self.answer(call, self.worker.run(self.calls[call].order, call))


@pytest.fixture
def modal(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[WorkingModal]:
    peer = WorkingModal()
    with listening(peer):
        work_on_modal(peer, monkeypatch)
        yield peer
        assert peer.wrong == []


@pytest.fixture
def pipeline(modal: WorkingModal, cloud: Cloud, tmp_path: Path) -> Iterator[Pipeline]:
    """Two items and a user."""
    shop = Shop(cloud, tmp_path / "photos")
    shop.stock()
    modal.worker = wiring.build_worker(Settings(), modal.printed.append, null_stages)
    made = wiring.build(Settings(), lambda event: None, null_stages)
    made.reconcile()
    yield made
    compute = made.desk.compute
    assert isinstance(compute, RemoteCompute)
    assert isinstance(compute.calls, ModalCalls)
    compute.calls.close()
    shop.close()
    storage.open_stores(Settings()).close()


def test_every_outfit_is_made_by_workers(modal: WorkingModal, pipeline: Pipeline) -> None:
    tally = make_all(pipeline)
    assert (tally.failed, {entry.status for entry in tally.entries}) == ([], {Status.MADE})
    assert {record.stage for record in pipeline.records.of_user("ann")} == set(Stage) - {Stage.CROP}
    assert pipeline.plan().nothing
    assert len(modal.calls) == 5
    assert (pipeline.records.orders(), pipeline.records.leases()) == ([], [])


def test_no_bytes_of_an_image_pass_the_orchestrator(modal: WorkingModal, pipeline: Pipeline) -> None:
    """A request names an order, and an answer is a word: results go from the worker to the stores."""
    make_all(pipeline)
    requests = [asked.request for asked in modal.asked if asked.name == "FunctionMap"]
    answers = [output for call in modal.calls.values() for output in call.outputs]
    assert max(message.ByteSize() for message in (*requests, *answers)) < 1000


def test_each_step_reaches_the_log_once(modal: WorkingModal, pipeline: Pipeline) -> None:
    make_all(pipeline)
    seen = [event for _, event in pipeline.log.read() if event.component.startswith("stage.")]
    ended = [event for event in seen if event.event is not EventKind.STARTED]
    assert len(seen) == 2 * len(ended) == 2 * len({(event.component, event.step) for event in ended})
    assert sorted(e.step for e in modal.printed if e.event is EventKind.FINISHED) == sorted(
        e.step for e in ended
    )


def test_a_worker_that_loses_its_machine_is_called_again(modal: WorkingModal, pipeline: Pipeline) -> None:
    modal.dying = 1
    tally = pipeline.make_crops(["t1", "b1"], "run")
    assert (tally.made, tally.failed, len(modal.calls)) == (2, [], 2)


def test_what_a_try_on_cost_is_in_its_record(modal: WorkingModal, pipeline: Pipeline) -> None:
    make_all(pipeline)
    tryons = [record for record in pipeline.records.of_user("ann") if record.stage is Stage.TRYON]
    assert len(tryons) == len(everywhere(pipeline)) + 1
    assert all(record.seconds > 0 and record.cost_usd > 0 for record in tryons)


def test_workers_with_another_account_in_their_secret_make_nothing(
    modal: WorkingModal, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOUDINARY_URL", "cloudinary://123456789012345:a-secret@Another-cloud")
    modal.worker = wiring.build_worker(Settings(), modal.printed.append, null_stages)
    tally = pipeline.make_crops(["t1", "b1"], "run")
    assert "NEXT_PUBLIC_SUPABASE_URL, CLOUDINARY_URL and GOOGLE_CLOUD_PROJECT" in str(tally.stopped)
    assert (tally.made, len(tally.failed), pipeline.records.orders()) == (0, 2, [])
    storage.open_stores(Settings()).close()
