"""`doctor`: each check can fail, says what it found and what to do."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from fashion_assets.commands import doctor
from fashion_assets.commands.doctor import ground
from tests.cli.conftest import LOOK, Answer, Fashion
from tryon.engines.studio_parser import body_net
from tryon.settings import Settings


@pytest.fixture(autouse=True)
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "body.onnx"
    path.write_bytes(b"weights")
    path.with_suffix(".json").write_text(json.dumps({"sha256": sha256(b"weights").hexdigest()}))
    monkeypatch.setattr(body_net, "WEIGHTS", path)
    return path


def finding(answer: Answer, check: str) -> Any:
    return next(found for found in answer.facts["checks"] if found["check"] == check)


def test_all_is_well(made: Fashion) -> None:
    answer = made("doctor", "--json")
    assert (answer.code, answer.facts["ok"]) == (0, True), answer.out
    assert set(doctor.checks(Settings(data=made.data))) == {
        found["check"] for found in answer.facts["checks"]
    }
    assert "Gaussians" in finding(answer, "splat")["detail"]


def test_an_unused_folder_is_well_and_stays_unmade(empty: Fashion) -> None:
    assert empty("doctor").code == 0
    assert not empty.data.exists()


def test_other_weights_than_committed(made: Fashion, weights: Path) -> None:
    weights.write_bytes(b"other")
    answer = made("doctor", "--json")
    assert answer.code == 1
    assert not finding(answer, "engine weights")["ok"]


def test_missing_weights(made: Fashion, weights: Path) -> None:
    weights.unlink()
    assert "missing" in finding(made("doctor", "--json"), "engine weights")["detail"]


def test_rejected_uploads(fashion: Fashion) -> None:
    (fashion.data / "uploads" / "users" / "u1.json").write_text("{}")
    answer = fashion("doctor", "--json")
    assert answer.code == 1
    assert "consent" in finding(answer, "uploads")["detail"]


def test_a_broken_database(fashion: Fashion) -> None:
    for path in fashion.data.glob("fashion.sqlite*"):
        path.write_bytes(b"not a database" * 1000)
    answer = fashion("doctor", "--json")
    assert answer.code == 1
    assert "backup" in finding(answer, "database")["advice"]
    plain = fashion("status")
    assert (plain.code, "fashion doctor" in plain.err) == (1, True)


def test_a_damaged_splat(fashion: Fashion) -> None:
    splat = fashion("why", "u1", LOOK, "--json").facts["splat"]["record"]["blob"]
    (fashion.data / "blobs" / splat).write_bytes(b"ply")
    answer = fashion("doctor")
    assert answer.code == 1
    assert "fail" in answer.out


def test_a_full_disk(made: Fashion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ground, "ENOUGH_BYTES", 2**80)
    assert "GB free" in finding(made("doctor", "--json"), "disk space")["detail"]


def test_a_stored_file_that_is_gone_or_changed(fashion: Fashion) -> None:
    """`why` and `doctor` look at the file itself: the record alone would say that shoppers see it."""
    found = fashion("why", "u1", LOOK, "--json").facts
    blob = fashion.data / "blobs" / found["record"]["blob"]
    blob.write_bytes(blob.read_bytes()[:-1] + b"!")
    answer = fashion("why", "u1", LOOK, "--json")
    assert (answer.code, answer.facts["cause"]) == (1, "damaged")
    assert "changed on disk" in answer.facts["reason"]
    blob.unlink()
    assert "is gone" in fashion("why", "u1", LOOK, "--json").facts["reason"]
    assert "1 of" in finding(fashion("doctor", "--json"), "stored files")["detail"]
