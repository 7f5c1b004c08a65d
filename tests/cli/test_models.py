"""`fashion models pull|list|verify`, against a hub on the loopback; in processes that are killed or crowd."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from tests.cli.conftest import Fashion
from tests.contract.pulling import FILES, REPO, WEIGHTS, content, model
from tests.peers.hub import COMMIT, HubPeer, hub_peer
from tryon.core.models import Model, ModelFile
from tryon.engines import models as registry
from tryon.settings import Settings

TINY = model("main", known=False)
GATED = Model("gated", "owner/gated", "main", (ModelFile("a.bin"),), "Other", commercial_use=False)


@pytest.fixture
def peer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[HubPeer]:
    with hub_peer(FILES) as found:
        monkeypatch.setenv("HF_ENDPOINT", found.endpoint)
        monkeypatch.setenv("FASHION_MODELS", str(tmp_path / "cache"))
        monkeypatch.setattr(registry, "ALL", (TINY, GATED))
        monkeypatch.setattr(registry, "OF_ENGINE", {"catvton": ("tiny-unet",), "sharp": ("gated",)})
        found.faults.status["owner/gated/revision/main"] = 403
        yield found


def test_what_was_pulled_is_listed_and_verified_offline(
    peer: HubPeer, empty: Fashion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulled = empty("models", "pull", "tiny-unet", "--json")
    assert (pulled.code, pulled.facts["ok"]) == (0, True)
    (tiny,) = pulled.facts["models"]
    assert (tiny["commit"], tiny["bytes"], tiny["error"]) == (COMMIT, 384_019, None)
    peer.stop()
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    listed = {found["id"]: found for found in empty("models", "list", "--json").facts["models"]}
    assert (listed["tiny-unet"]["state"], listed["tiny-unet"]["commit"]) == ("complete", COMMIT)
    assert (listed["gated"]["state"], listed["gated"]["commercial_use"]) == ("missing", False)
    assert empty("models", "verify", "--json").facts["models"] == [tiny]
    assert empty("models", "pull", "tiny-unet").code == 0


def test_a_screen_for_people(peer: HubPeer, empty: Fashion) -> None:
    pulled = empty("models", "pull", "tiny-unet")
    assert (pulled.code, COMMIT[:12] in pulled.out) == (0, True)
    assert "tiny-unet unet/model.safetensors" in pulled.err
    assert "complete" in empty("models", "list").out


def test_one_that_fails_does_not_keep_the_others(peer: HubPeer, empty: Fashion) -> None:
    pulled = empty("models", "pull", "gated", "tiny-unet", "--json")
    gated, tiny = pulled.facts["models"]
    assert (pulled.code, tiny["error"]) == (1, None)
    assert "HF_TOKEN" in gated["error"]
    assert "HF_TOKEN" in empty("models", "pull", "gated").out


def test_without_ids_the_settings_decide(
    peer: HubPeer, empty: Fashion, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = empty("models", "pull")
    assert (sample.code, "need no models" in " ".join(sample.out.split())) == (0, True)
    assert peer.requests == []
    monkeypatch.setenv("FASHION_PROFILE", "workstation")
    monkeypatch.setenv("SHARP_CHECKPOINT", "own.pt")
    assert [found["id"] for found in empty("models", "pull", "--json").facts["models"]] == ["tiny-unet"]


def test_a_checkpoint_at_an_address_is_pulled_with_its_digest(
    peer: HubPeer, empty: Fashion, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    peer.plain["/models/mine.pt"] = WEIGHTS
    digest = sha256(WEIGHTS).hexdigest()
    name = f"sharp-{digest[:12]}"
    for variable, value in {"PROFILE": "workstation", "DRESSER": "warp"}.items():
        monkeypatch.setenv(f"FASHION_{variable}", value)
    monkeypatch.setenv("SHARP_CHECKPOINT", f"{peer.endpoint}/models/mine.pt#sha256={'0' * 64}")
    wrong = empty("models", "pull", "--json")
    assert (wrong.code, "arrived with sha256" in wrong.facts["models"][0]["error"]) == (1, True)
    assert [path for path in (tmp_path / "cache").rglob("mine.pt") if path.is_file()] == []
    monkeypatch.setenv("SHARP_CHECKPOINT", f"{peer.endpoint}/models/mine.pt#sha256={digest}")
    (pulled,) = empty("models", "pull", "--json").facts["models"]
    assert (pulled["id"], pulled["commit"], pulled["bytes"]) == (name, digest, len(WEIGHTS))
    assert empty("models", "verify", name).code == 0
    assert name in {found["id"] for found in empty("models", "list", "--json").facts["models"]}


def test_damage_is_found_and_repaired(peer: HubPeer, empty: Fashion, tmp_path: Path) -> None:
    empty("models", "pull", "tiny-unet")
    (weights,) = (tmp_path / "cache").rglob("model.safetensors")
    weights.write_bytes(b"!" + WEIGHTS[1:])
    verified = empty("models", "verify", "--json")
    assert verified.code == 1
    assert "unet/model.safetensors has sha256" in verified.facts["models"][0]["error"]
    assert empty("models", "pull", "tiny-unet").code == 0
    assert empty("models", "verify").code == 0


def test_nothing_to_verify(peer: HubPeer, empty: Fashion) -> None:
    assert (empty("models", "verify").code, empty("models", "verify", "tiny-unet").code) == (0, 1)


def test_an_unknown_id_is_bad_use(peer: HubPeer, empty: Fashion) -> None:
    answer = empty("models", "pull", "yolo")
    assert (answer.code, "there are tiny-unet, gated" in answer.err) == (2, True)


@pytest.mark.parametrize(("value", "offline"), [("1", True), ("true", True), ("0", False), ("", False)])
def test_the_hubs_own_variable_means_what_it_means_there(
    monkeypatch: pytest.MonkeyPatch, value: str, offline: bool
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", value)
    assert Settings().hub_offline is offline


def _start(peer: HubPeer, cache: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tests.contract.pulling", peer.endpoint, str(cache)])


def test_a_killed_pull_is_no_model_and_the_next_goes_on(
    peer: HubPeer, empty: Fashion, tmp_path: Path
) -> None:
    peer.files[REPO]["unet/model.safetensors"] = WEIGHTS
    peer.faults.pace = 0.25
    process = _start(peer, tmp_path / "cache")
    part = f"{COMMIT}.part/unet/model.safetensors.*"
    deadline = time.monotonic() + 60
    while not any(p.stat().st_size >= 50_000 for p in (tmp_path / "cache/tiny-unet").glob(part)):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    peer.faults.pace = 0
    (tiny, _) = empty("models", "list", "--json").facts["models"]
    assert tiny["state"] == "unfinished"
    assert empty("models", "pull", "tiny-unet").code == 0
    assert int((peer.downloads("model.safetensors")[-1] or "")[6:-1]) >= 50_000
    assert content(tmp_path / "cache/tiny-unet" / COMMIT)["unet/model.safetensors"] == WEIGHTS


def test_two_processes_at_once_download_it_once(peer: HubPeer, empty: Fashion, tmp_path: Path) -> None:
    peer.faults.pace = 0.02
    processes = [_start(peer, tmp_path / "cache") for _ in range(2)]
    assert [process.wait(60) for process in processes] == [0, 0]
    assert peer.downloads("model.safetensors") == [None]
    assert empty("models", "verify").code == 0
