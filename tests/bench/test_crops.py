"""A small version of `python -m bench crops`: the same code with a tiny net."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from bench.crops import search, write
from tests.engines.grounding_dino_tiny import tiny_config
from tryon.engines.grounding_dino.models import GROUNDING_DINO_TINY


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    write(tmp_path, tiny_config)
    return tmp_path


def test_every_photo_has_its_verdicts(checkpoint: Path) -> None:
    found = search(checkpoint, 9, 64, 106)
    assert (found["images"], found["failures"]) == (9, 0)
    assert float(str(found["seconds_per_image"])) > 0
    assert float(str(found["rss_mb"])) > 100


def test_a_net_that_answers_nonsense_fails_every_photo(
    checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = checkpoint / GROUNDING_DINO_TINY.id / "model.safetensors"
    weights = load_file(path)
    weights["model.decoder.layer_norm.bias"].fill_(torch.nan)
    save_file(weights, path, {"format": "pt"})
    assert search(checkpoint, 2, 64, 106)["failures"] == 2
    assert capsys.readouterr().err.count("EngineError") == 2
