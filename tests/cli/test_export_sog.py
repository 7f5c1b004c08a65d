"""`export --sog`: SOG files beside the PLY files, converted once, and never in the way of the rest."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from bench.uploads import write_user
from fashion_assets.commands import export as command
from tests.cli.conftest import LOOK, Fashion
from tests.cli.test_export import manifest
from tests.contract.test_splat_transform import CONVERTS, tool
from tryon.stores.splat_transform import SplatTransform


class Watched(SplatTransform):
    """Counts its conversions."""

    calls = 0

    def to_sog(self, ply: bytes, count: int) -> bytes:
        Watched.calls += 1
        return SplatTransform.to_sog(self, ply, count)


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tool's script, to be replaced by a bad one."""
    made = tool(tmp_path, CONVERTS)
    monkeypatch.setattr(Watched, "calls", 0)
    monkeypatch.setattr(command, "find_splat_transform", lambda: Watched(made.node, made.cli))
    return made.cli


def test_each_splat_gets_a_sog_file_that_the_manifest_names(
    made: Fashion, script: Path, tmp_path: Path
) -> None:
    answer = made("export", tmp_path / "out", "--user", "u1", "--sog", "--json")
    assert (answer.code, answer.facts["files"], answer.facts["not_converted"]) == (0, 5, {})
    splat = manifest(tmp_path / "out", "u1")[LOOK]["splat"]
    data = (tmp_path / "out" / "u1" / f"{LOOK}.sog").read_bytes()
    assert splat["sog"] == {
        "file": f"{LOOK}.sog",
        "sha256": sha256(data).hexdigest(),
        "bytes": len(data),
        "made_from": splat["sha256"],
    }


def test_the_manifest_says_what_a_ply_cannot(made: Fashion, tmp_path: Path) -> None:
    made("export", tmp_path, "--user", "u1")
    facts = manifest(tmp_path, "u1")[LOOK]["splat"]["facts"]
    assert facts["generator"] == "null"
    assert facts["licence"] == "Apache-2.0"
    assert facts["f_px_source"] == "default"
    assert facts["f_px"] == 1.2 * max(facts["image_size"])
    assert facts["gaussians"] >= 500


def test_a_second_export_converts_nothing_again(made: Fashion, script: Path, tmp_path: Path) -> None:
    for _ in range(2):
        made("export", tmp_path / "out", "--user", "u1", "--sog")
    assert Watched.calls == 1
    file = tmp_path / "out" / "u1" / f"{LOOK}.sog"
    good = file.read_bytes()
    file.write_bytes(b"damaged")
    made("export", tmp_path / "out", "--user", "u1", "--sog")
    assert (Watched.calls, file.read_bytes()) == (2, good)


def test_a_splat_that_cannot_be_converted_costs_its_sog_file_only(
    made: Fashion, script: Path, tmp_path: Path
) -> None:
    script.write_text("import sys\nsys.exit('cannot')")
    answer = made("export", tmp_path / "out", "--user", "u1", "--sog", "--json")
    assert answer.code == 1
    assert list(answer.facts["not_converted"]) == [f"u1/{LOOK}.sog"]
    splat = manifest(tmp_path / "out", "u1")[LOOK]["splat"]
    assert splat["state"] == "published"
    assert "cannot" in splat["sog"]["reason"]
    assert (tmp_path / "out" / "u1" / splat["file"]).is_file()


def test_a_sog_file_that_may_not_be_shown_any_more_leaves_the_folder(
    fashion: Fashion, script: Path, tmp_path: Path
) -> None:
    fashion("export", tmp_path / "out", "--sog")
    write_user(fashion.data / "uploads", "u1", 77)
    fashion("export", tmp_path / "out", "--sog")
    assert [path.name for path in (tmp_path / "out" / "u1").iterdir()] == ["manifest.json"]


def test_without_the_tool_nothing_is_written(
    made: Fashion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    answer = made("export", tmp_path / "out", "--sog", "--json")
    assert (answer.code, answer.facts["error"]["code"]) == (1, "package_missing")
    assert not (tmp_path / "out").exists()
