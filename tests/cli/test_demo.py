"""`demo`: the sample photos, all outfits, a contact sheet; and the command line itself."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from fashion_assets.commands import demo, sheet
from tests.cli.conftest import LOOK, Fashion
from tryon.core.words import Outfit

KEYS = {
    "users", "items", "garments", "outfits", "published", "refused", "splats", "engine_calls", "seconds",
    "contact_sheet",
}  # fmt: skip


def test_the_sample_photos_are_copied_once(tmp_path: Path) -> None:
    assert demo.add_samples(tmp_path, users=1) == 1 + 9
    kept = tmp_path / "users" / "u1.jpg"
    kept.write_bytes(b"changed by somebody")
    assert demo.add_samples(tmp_path, users=2) == 1
    assert kept.read_bytes() == b"changed by somebody"


def test_demo_reports_and_draws(fashion: Fashion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "add_samples", lambda uploads, users: 0)
    report = fashion.data / "report.json"
    answer = fashion("demo", "--json", "--report", report)
    facts = answer.facts
    assert answer.code == 0
    assert set(facts) == KEYS
    counts = {k: facts[k] for k in ("outfits", "published", "refused", "splats", "engine_calls")}
    assert counts == {"outfits": 6, "published": 3, "refused": 3, "splats": 1, "engine_calls": 0}
    assert json.loads(report.read_text()) == facts == json.loads((fashion.data / "demo.json").read_text())
    with Image.open(facts["contact_sheet"]) as image:
        assert image.format == "JPEG"
        assert b"compositeSynthetic" in image.info["xmp"]


def test_looks_show_every_garment_before_one_twice() -> None:
    looks = [Outfit.parse(f"{top}.tops+{bottom}.bottoms") for top in ("t1", "t2") for bottom in ("b1", "b2")]
    every: dict[str, dict[str, object]] = {"u1": dict.fromkeys([look.id for look in looks])}
    first, second = sheet.choose(looks, every, 2)  # type: ignore[arg-type]
    assert {g.item for look in (first, second) for g in look.garments} == {"t1", "t2", "b1", "b2"}


def test_help_needs_no_engines() -> None:
    heavy = "import sys, fashion_assets.cli; print({'cv2', 'onnxruntime', 'scipy'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", heavy], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"


def test_a_setting_that_cannot_work_is_named(made: Fashion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHION_THREADS", "many")
    answer = made("plan")
    assert answer.code == 2
    assert "FASHION_THREADS='many'" in answer.err


def test_the_data_folder_may_come_from_the_environment(
    made: Fashion, monkeypatch: pytest.MonkeyPatch
) -> None:
    from typer.testing import CliRunner

    from fashion_assets.cli import app

    monkeypatch.setenv("FASHION_DATA", str(made.data))
    assert CliRunner().invoke(app, ["why", "u1", LOOK]).exit_code == 0
