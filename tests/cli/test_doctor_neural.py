"""`doctor` for neural engines: what the chosen ones need, and nothing of it where none is chosen."""

from __future__ import annotations

import shutil
import sys
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fashion_assets.commands.doctor import neural
from fashion_assets.commands.doctor.finding import Unwell
from tests.cli.conftest import Answer, Fashion
from tests.contract.pulling import FILES, REPO, model
from tests.peers.hub import COMMIT, HubPeer, hub_peer
from tryon.core.models import Model, ModelFile
from tryon.engines import models as registry
from tryon.profiles.engines import CHOICES
from tryon.settings import Profile, Settings
from tryon.stores.models.download import SPARE_BYTES

PACKAGES = dict(neural.PACKAGES)
SHARED = {"packages", "device", "models", "disk space of models", "OpenAI key"}
BARRED = Model(
    "barred", REPO, "main", (ModelFile("README.md"),), "CC-BY-NC-SA-4.0", False, alternatives=("warp",)
)


@pytest.fixture(autouse=True)
def peer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[HubPeer]:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setattr(registry, "ALL", (model("main", known=False), BARRED))
    monkeypatch.setattr(
        registry, "OF_ENGINE", {"grounding-dino-tiny": ("tiny-unet",), "catvton": ("barred",)}
    )
    monkeypatch.setattr(neural, "PACKAGES", {"catvton": ("torch",), "gpt-4o": ("pydantic",)})
    with hub_peer(FILES) as found:
        monkeypatch.setenv("HF_ENDPOINT", found.endpoint)
        monkeypatch.setenv("FASHION_MODELS", str(tmp_path / "cache"))
        yield found


@pytest.fixture
def workstation(empty: Fashion, monkeypatch: pytest.MonkeyPatch) -> Fashion:
    monkeypatch.setenv("FASHION_PROFILE", "workstation")
    monkeypatch.setenv("FASHION_DEVICE", "cpu")
    return empty


def found(answer: Answer) -> dict[str, Any]:
    return {check["check"]: check for check in answer.facts["checks"]}


def test_the_sample_profile_demands_nothing_of_it(empty: Fashion) -> None:
    answer = empty("doctor", "--json")
    assert answer.code == 0
    assert not {*SHARED, "licences", "model hub"} & set(found(answer))


def test_a_fresh_workstation_is_told_what_to_do(workstation: Fashion) -> None:
    answer = workstation("doctor", "--json")
    checks = found(answer)
    assert (answer.code, set(checks) >= SHARED) == (1, True)
    assert checks["models"]["advice"] == "fashion models pull tiny-unet barred"
    assert "tiny-unet missing, barred missing" in checks["models"]["detail"]
    assert "FASHION_ANALYZER=declared" in checks["OpenAI key"]["advice"]
    assert checks["device"]["detail"].startswith("cpu, torch ")


def test_a_complete_workstation_is_well(workstation: Fashion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    assert workstation("models", "pull").code == 0
    answer = workstation("doctor", "--json")
    assert {name: check["ok"] for name, check in found(answer).items() if name in SHARED} == dict.fromkeys(
        SHARED, True
    )
    assert "sk-very-secret" not in answer.out
    assert "2 are in" in found(answer)["models"]["detail"]


def test_an_unfinished_download_is_not_a_model(workstation: Fashion, peer: HubPeer) -> None:
    workstation("models", "pull", "barred")
    peer.faults.status["model.safetensors"] = 404
    workstation("models", "pull", "tiny-unet")
    models = found(workstation("doctor", "--json"))["models"]
    assert ("tiny-unet unfinished" in models["detail"], models["advice"]) == (
        True,
        "fashion models pull tiny-unet",
    )


def test_what_an_unfinished_download_brought_needs_no_room(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(registry, "ALL", (model(),))
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**9, 0, SPARE_BYTES + 100_000))
    settings = Settings(profile=Profile.WORKSTATION, models=tmp_path / "cache", splatter="relief")
    with pytest.raises(Unwell):
        neural._space(settings)
    part = tmp_path / "cache/tiny-unet" / f"{COMMIT}.part" / "weights"
    part.parent.mkdir(parents=True)
    part.write_bytes(bytes(300_000))
    assert "to download" in neural._space(settings)


def test_missing_packages(workstation: Fashion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neural, "PACKAGES", {"catvton": ("torch", "absent_one"), "sharp": ("sharp_absent",)})
    monkeypatch.setitem(neural.INSTALL, "sharp_absent", "install it by hand")
    packages = found(workstation("doctor", "--json"))["packages"]
    assert packages["detail"] == "absent_one, sharp_absent not installed"
    assert packages["advice"] == "install it by hand; make install"


def test_a_gpu_that_was_asked_for_and_is_not_there(
    workstation: Fashion, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setenv("FASHION_DEVICE", "cuda")
    assert "DeviceMissing" in found(workstation("doctor", "--json"))["device"]["detail"]


def test_a_gpu_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    gpu = SimpleNamespace(name="NVIDIA H100", total_memory=85_000_000_000)
    cuda = SimpleNamespace(is_available=lambda: True, get_device_properties=lambda device: gpu)
    torch = SimpleNamespace(
        cuda=cuda,
        version=SimpleNamespace(cuda="13.0"),
        __version__="2.13.0",
        device=lambda name: SimpleNamespace(type=name),
    )
    monkeypatch.setitem(sys.modules, "torch", torch)
    smi = tmp_path / "nvidia-smi"
    smi.write_text("#!/bin/sh\necho 580.65.06\n")
    smi.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    said = neural._device(Settings(device="cuda"))
    assert said == "cuda: NVIDIA H100, 85 GB, driver 580.65.06, CUDA 13.0, torch 2.13.0"


def test_a_commercial_workstation(workstation: Fashion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHION_COMMERCIAL", "true")
    licences = found(workstation("doctor", "--json"))["licences"]
    assert (licences["ok"], "model barred (CC-BY-NC-SA-4.0)" in licences["detail"]) == (False, True)
    monkeypatch.setenv("FASHION_DRESSER", "warp")
    assert found(workstation("doctor", "--json"))["licences"]["ok"]


def test_the_hub_is_asked_only_on_demand_and_soon_given_up(empty: Fashion, peer: HubPeer) -> None:
    empty("doctor")
    assert peer.requests == []
    assert REPO in found(empty("doctor", "--online", "--json"))["model hub"]["detail"]
    peer.stop()
    answer = empty("doctor", "--online", "--json")
    assert (answer.code, "HF_ENDPOINT" in found(answer)["model hub"]["advice"]) == (1, True)


def test_what_each_engine_imports_is_known_for_all_of_them() -> None:
    assert set(CHOICES[Profile.WORKSTATION].values()) <= set(PACKAGES)
