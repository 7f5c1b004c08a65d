"""Orders of a pipeline, worked by the methods of the deployed apps over the same stores: the real engines on tiny
checkpoints, the real worker, and Modal's part played by a call in this process."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.deploy.apps import ROOT, load
from tests.engines.tiny_models import COLOUR, USER
from tests.peers.openai_peer import Peer, item, listening, photo_of, seeing
from tryon import wiring
from tryon.core.encoding import encode_png
from tryon.core.pipeline import Pipeline
from tryon.core.ports import Records
from tryon.core.recipes import Stage
from tryon.core.records import Verdict
from tryon.core.stages.remote import RemoteCompute
from tryon.core.stages.tally import Tally
from tryon.core.stages.workbench import Workbench
from tryon.settings import Settings
from tryon.stores.modal.calls import FILES

PHOTOS = ROOT / "studio/catalogue/uploads/users"


class Apps:
    """Implements tryon.core.ports.Calls. asked: (stage, order) of each call."""

    def __init__(self) -> None:
        self.asked: list[tuple[Stage, str]] = []
        self._workers: dict[Stage, Any] = {}
        self._answers: dict[str, str] = {}

    def spawn(self, stage: Stage, order_id: str) -> str:
        if stage not in self._workers:
            self._workers[stage] = load(Path(FILES[stage]).stem).Worker()
        self.asked.append((stage, order_id))
        with pytest.warns(UserWarning, match="executing locally"):
            answer = self._workers[stage].make.local(order_id)
        self._answers[f"fc-{len(self.asked)}"] = answer
        return f"fc-{len(self.asked)}"

    def wait(self, call_id: str, seconds: float) -> str | None:
        return self._answers[call_id]

    def cancel(self, call_id: str) -> None:
        """A call has ended when it has begun."""


@pytest.fixture
def openai(container: pytest.MonkeyPatch) -> Iterator[Peer]:
    with listening(seeing(photo_of(item("red top", "tops")))) as peer:
        container.setenv("OPENAI_BASE_URL", peer.base_url)
        container.setenv("OPENAI_API_KEY", peer.key.get_secret_value())
        yield peer


@pytest.fixture
def apps(container: pytest.MonkeyPatch) -> Apps:
    """Each with one worker, where the pipeline would call Modal."""
    found = Apps()

    def open_compute(
        settings: Settings, workbench: Workbench, records: Records, now: Callable[[], str]
    ) -> RemoteCompute:
        return RemoteCompute(records, found, now, "pipeline", parallel=1)

    container.setattr(wiring, "open_compute", open_compute)
    return found


@pytest.fixture
def pipeline(apps: Apps, openai: Peer, tmp_path: Path) -> Pipeline:
    """One person and one top."""
    uploads = tmp_path / "uploads"
    for folder in ("users", "items"):
        (uploads / folder).mkdir(parents=True)
    for path in PHOTOS.glob(f"{USER}.*"):
        shutil.copy(path, uploads / "users")
    photo = np.full((320, 240, 3), 250, np.uint8)
    photo[48:272, 24:216] = COLOUR
    (uploads / "items/top.png").write_bytes(encode_png(photo).data)
    (uploads / "items/top.json").write_text(json.dumps({"categories": ["tops"]}))
    made = wiring.build(Settings(), lambda event: None)
    made.reconcile()
    return made


def test_crops_masks_and_try_ons_are_made_by_the_apps(apps: Apps, pipeline: Pipeline) -> None:
    tallies: list[Tally] = [
        pipeline.make_crops(["top"], "run"),
        pipeline.make_masks([USER], "run"),
        pipeline.make_singles([(USER, "top")], "run"),
    ]
    assert [tally.failed for tally in tallies] == [[], [], []]
    records = [*pipeline.records.of_user(None), *pipeline.records.of_user(USER)]
    engines = {
        (record.stage, engine) for record in records for engine in json.loads(record.recipe)["engines"]
    }
    assert {record.verdict for record in records} == {Verdict.PUBLISHED}
    assert engines == {
        (Stage.CROP, "gpt-4o"),
        (Stage.CROP, "grounding-dino"),
        (Stage.MASK, "human-parser"),
        (Stage.TRYON, "catvton"),
    }
    assert [stage for stage, _ in apps.asked] == [Stage.CROP, Stage.MASK, Stage.TRYON]
    assert (pipeline.records.orders(), pipeline.records.leases()) == ([], [])
