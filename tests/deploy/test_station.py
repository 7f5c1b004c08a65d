"""What a container does before and around its orders: device, models, keys, the worker, and how failures travel."""

from __future__ import annotations

import json
import os
import pickle
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import modal
import pytest

from tests.contract.pulling import FILES as PUBLISHED
from tests.contract.pulling import content, model
from tests.deploy.apps import ROOT, WORKERS, load
from tests.peers.connections import watched
from tests.peers.hub import HubPeer, hub_peer
from tests.production import NOWHERE
from tryon.containers import keys, station
from tryon.core.errors import CallFailed, DeviceMissing, DownloadFailed, OutOfMemory
from tryon.core.recipes import Stage
from tryon.profiles.stores import open_stores
from tryon.settings import Settings
from tryon.settings.deployment import Deployment

ORDER = "0a" * 20
STAGES = {app: stage for stage, app in Deployment().apps.items()}


class Worker:
    """In place of a RemoteWorker, noting what it is asked. failure: what its work ends with."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.warmed: list[Stage] = []
        self.asked: list[tuple[str, str]] = []
        self.failure: Exception | None = None

    def warm(self, stage: Stage) -> None:
        self.warmed.append(stage)

    def run(self, order_id: str, call_id: str) -> str:
        self.asked.append((order_id, call_id))
        if self.failure:
            raise self.failure
        return "delivered"


@pytest.fixture
def built(container: pytest.MonkeyPatch) -> list[Worker]:
    """The workers that were built, in place of those of tryon.wiring."""
    made: list[Worker] = []

    def build_worker(settings: Settings, say: object) -> Worker:
        made.append(Worker(settings))
        return made[-1]

    container.setattr(station, "build_worker", build_worker)
    return made


def make(method: modal.Function[..., str, str], *orders: str) -> list[str]:
    with pytest.warns(UserWarning, match="executing locally"):
        return [method.local(order) for order in orders]


# The worker


@pytest.mark.parametrize("name", WORKERS)
def test_a_worker_is_made_and_warmed_once_for_all_orders_of_its_container(
    built: list[Worker], capsys: pytest.CaptureFixture[str], name: str
) -> None:
    module = load(name)
    with watched() as connections:
        assert make(module.Worker().make, ORDER, "1b" * 20) == ["delivered"] * 2
    (worker,) = built
    assert worker.warmed == [STAGES[module.app.name]]
    assert worker.asked == [(ORDER, "local"), ("1b" * 20, "local")]
    assert capsys.readouterr().out == "Using device: cpu\n"
    assert connections.seen == []


def test_what_a_worker_raises_travels_as_text(built: list[Worker]) -> None:
    worker = load("tryons").Worker()
    make(worker.make, ORDER)
    for failure, said in [
        (OutOfMemory("one picture did not fit"), "OutOfMemory: one picture did not fit"),
        (TimeoutError(), "TimeoutError: "),
        (CallFailed("withdrawn by its owner"), "withdrawn by its owner"),
    ]:
        built[0].failure = failure
        with pytest.raises(CallFailed) as raised:
            make(worker.make, ORDER)
        assert str(pickle.loads(pickle.dumps(raised.value))) == said


def test_a_container_that_cannot_work_says_why(built: list[Worker], container: pytest.MonkeyPatch) -> None:
    container.setenv("FASHION_DEVICE", "cuda")
    with pytest.raises(CallFailed, match=r"^DeviceMissing: FASHION_DEVICE=cuda, but torch sees no GPU"):
        make(load("tryons").Worker().make, ORDER)
    assert built == []


def test_in_production_a_worker_connects_to_nothing_before_its_first_order(
    container: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A snapshot of a container must hold no connection. gRPC's own sockets, Firestore's, are not seen here."""
    for name, value in {**NOWHERE, "FASHION_WORKER": "1"}.items():
        container.setenv(name, value)
    with watched() as connections:
        worker = station.start(Stage.MASK, lambda: None)
        assert worker.workbench.stages[Stage.MASK].method().stage is Stage.MASK
    assert connections.seen == []
    open_stores(Settings()).close()


# The device


def test_a_missing_gpu_is_never_replaced_by_a_cpu(
    container: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    container.setenv("FASHION_DEVICE", "cuda")
    with pytest.raises(DeviceMissing, match="torch sees no GPU"):
        station.prepare(Stage.CROP, lambda: None)
    assert "Using device" not in capsys.readouterr().out


def test_a_container_for_masks_needs_no_torch(checkpoints: Path, tmp_path: Path) -> None:
    """Its image has none."""
    script = f"""
        import sys
        sys.modules["torch"] = None
        from bench.local_models import LocalModels
        from pathlib import Path
        from tryon.profiles import engines as profiles
        from tryon.core.ports import load_now
        from tryon.settings import Settings
        profiles.ModelCache = lambda root: LocalModels(Path({str(checkpoints)!r}))
        engines = profiles.Engines(Settings(profile="workstation", device="cpu"), None)
        made = [engines.analyzer, engines.detector, engines.body_parser, engines.dresser, engines.splatter]
        load_now(engines.body_parser)
        print([engine.card.id for engine in made])
    """
    done = _python(script, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "human-parser" in done.stdout


def _python(script: str, data: Path) -> subprocess.CompletedProcess[str]:
    lines = "\n".join(line.strip() for line in script.splitlines())
    env = {name: value for name, value in os.environ.items() if not name.startswith("FASHION_")}
    return subprocess.run(
        [sys.executable, "-c", lines], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )


# Models


@pytest.fixture
def hub() -> Iterator[HubPeer]:
    with hub_peer(PUBLISHED) as found:
        yield found


def test_missing_models_are_downloaded_to_the_volume_and_kept(
    hub: HubPeer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {
        "HF_ENDPOINT": hub.endpoint,
        "FASHION_MODELS": str(tmp_path),
        "FASHION_DEVICE": "cpu",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(station, "models_of", lambda *asked: (model(),))
    commits: list[set[str]] = []

    def commit() -> None:
        commits.append(set(content(tmp_path / "tiny-unet" / model().revision)))

    for _ in range(2):
        station.prepare(Stage.TRYON, commit)
    assert commits == [{"unet/config.json", "unet/model.safetensors"}]
    assert capsys.readouterr().out.count("Downloading model tiny-unet") == 1


def test_without_a_hub_a_missing_model_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "HF_HUB_OFFLINE": "1",
        "FASHION_MODELS": str(tmp_path),
        "FASHION_DEVICE": "cpu",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(station, "models_of", lambda *asked: (model(),))
    with pytest.raises(DownloadFailed, match="tiny-unet"):
        station.prepare(Stage.TRYON, lambda: None)


@pytest.mark.parametrize(
    ("stage", "ids"),
    [
        (Stage.CROP, ["grounding-dino-tiny"]),
        (Stage.MASK, ["dwpose", "schp-atr"]),
        (Stage.TRYON, ["stable-diffusion-inpainting", "sd-vae-ft-mse", "catvton"]),
        (Stage.SPLAT, ["dwpose", "schp-atr", "sharp"]),
    ],
)
def test_a_container_has_the_models_of_its_stage_alone(
    container: pytest.MonkeyPatch, stage: Stage, ids: list[str]
) -> None:
    assert [one.id.removesuffix("-mix") for one in station.models_of(Settings(), stage)] == ids


def test_a_checkpoint_of_ones_own_is_not_downloaded(container: pytest.MonkeyPatch, tmp_path: Path) -> None:
    container.setenv("SHARP_CHECKPOINT", str(tmp_path / "mine.pt"))
    assert "sharp" not in {one.id for one in station.models_of(Settings(), Stage.SPLAT)}


# Keys


def test_googles_key_becomes_a_file_that_nobody_else_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "before")
    keys.write_google_key(tmp_path)
    assert os.environ["GOOGLE_APPLICATION_CREDENTIALS"] == "before"
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS_JSON", '{"type": "service_account"}')
    keys.write_google_key(tmp_path / "keys")
    path = Path(os.environ["GOOGLE_APPLICATION_CREDENTIALS"])
    assert json.loads(path.read_text()) == {"type": "service_account"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
