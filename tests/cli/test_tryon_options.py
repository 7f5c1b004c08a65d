"""The options of `fashion serve tryon`: what they set, and what cannot be asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from fashion_assets.commands.tryon_options import TryonOptions
from tryon.core.errors import InvalidSetting
from tryon.settings import Settings


@pytest.fixture
def workstation(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("FASHION_PROFILE", "workstation")
    return monkeypatch


def test_without_options_the_environment_decides(workstation: pytest.MonkeyPatch) -> None:
    workstation.setenv("FASHION_WIDTH", "512")
    assert TryonOptions().settings(None) == Settings()


def test_options_go_before_the_environment(workstation: pytest.MonkeyPatch, tmp_path: Path) -> None:
    workstation.setenv("FASHION_WIDTH", "512")
    asked = TryonOptions(width=384, height=512, mixed_precision="bf16", queue=3)
    found = asked.settings(tmp_path)
    assert (found.width, found.height, found.precision, found.waiting) == (384, 512, "bf16", 3)
    assert found.data == tmp_path
    assert TryonOptions(queue=0).settings(None).waiting == 0


def test_the_command_line_of_the_seed_means_the_published_weights(workstation: pytest.MonkeyPatch) -> None:
    asked = TryonOptions(
        base_model="booksforcharlie/stable-diffusion-inpainting",
        resume_path="zhengchong/CatVTON",
        width=768,
        height=1024,
        mixed_precision="fp16",
    )
    found = asked.settings(None)
    assert (found.base_model, found.resume_path, found.precision) == (None, None, "fp16")


def test_folders_are_weights_of_ones_own(workstation: pytest.MonkeyPatch, tmp_path: Path) -> None:
    workstation.chdir(tmp_path)
    Path("base").mkdir()
    found = TryonOptions(base_model="base", resume_path=str(tmp_path)).settings(None)
    assert (found.base_model, found.resume_path) == (tmp_path / "base", tmp_path)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (TryonOptions(workers=2), "--workers 2: .* one model on one GPU, so one worker"),
        (TryonOptions(workers=0), "--workers 0: "),
        (
            TryonOptions(base_model="runwayml/stable-diffusion-inpainting"),
            "--base-model runwayml/.*: it is booksforcharlie/stable-diffusion-inpainting, at the commit .* or a folder",
        ),
        (TryonOptions(resume_path="/nowhere"), "--resume-path /nowhere: it is zhengchong/CatVTON"),
        (TryonOptions(width=100), "FASHION_WIDTH=100: Input should be a multiple of 8"),
        (TryonOptions(queue=-1), "FASHION_WAITING=-1: Input should be greater than or equal to 0"),
    ],
)
def test_what_cannot_be_is_named(workstation: pytest.MonkeyPatch, options: TryonOptions, said: str) -> None:
    with pytest.raises(InvalidSetting, match=said):
        options.settings(None)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (TryonOptions(base_model="booksforcharlie/stable-diffusion-inpainting"), "--base-model: "),
        (TryonOptions(mixed_precision="fp16"), "--mixed-precision: "),
    ],
)
def test_weights_that_the_chosen_dresser_does_not_have_are_not_passed_over(
    options: TryonOptions, said: str
) -> None:
    with pytest.raises(InvalidSetting, match=f"^{said}the chosen dresser is warp"):
        options.settings(None)
