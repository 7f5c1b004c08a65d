"""`export`: verified copies, and a manifest that says what is not among them and why."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from bench.uploads import write_item, write_user
from tests.cli.conftest import LOOK, Fashion


def manifest(folder: Path, user: str) -> dict[str, Any]:
    outfits = json.loads((folder / user / "manifest.json").read_text())["outfits"]
    return {entry["outfit"]: entry for entry in outfits}


def test_copies_are_the_published_bytes(made: Fashion, tmp_path: Path) -> None:
    answer = made("export", tmp_path, "--json")
    assert (answer.code, answer.facts["files"]) == (0, 4)
    look = manifest(tmp_path, "u1")[LOOK]
    for entry in (look, look["splat"]):
        assert sha256((tmp_path / "u1" / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]
    assert look["recipe"] == made("why", "u1", LOOK, "--json").facts["key"]
    assert [engine["id"] for engine in look["engines"]][-2:] == ["null-parser", "null-dresser"]
    assert look["engines"][-1] == {"id": "null-dresser", "revision": "1", "licence": "Apache-2.0"}
    assert "digitalsourcetype" in look["provenance"]["digital_source_type"]


def test_refusals_are_listed_with_their_reason_and_no_file(made: Fashion, tmp_path: Path) -> None:
    assert made("export", tmp_path, "--user", "tiny").code == 0
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["manifest.json"]
    look = manifest(tmp_path, "tiny")[LOOK]
    assert (look["state"], look["code"]) == ("refused", "image_too_small")
    assert look["reason"]


def test_what_is_not_generated_is_listed_and_never_replaced(fashion: Fashion, tmp_path: Path) -> None:
    write_item(fashion.data / "uploads", "t2", ["tops"], 3)
    answer = fashion("export", tmp_path / "out", "--json")
    assert (answer.code, answer.facts["pregeneration_required"]) == (1, 6)
    entry = manifest(tmp_path / "out", "u1")["t2.tops"]
    assert entry["state"] == "pregeneration_required"
    assert "file" not in entry


def test_an_image_that_became_stale_leaves_the_folder(fashion: Fashion, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    fashion("export", folder)
    (folder / "u1" / "notes.txt").write_text("not ours")
    write_user(fashion.data / "uploads", "u1", 77)
    assert fashion("export", folder).code == 1
    assert sorted(path.name for path in (folder / "u1").iterdir()) == ["manifest.json", "notes.txt"]


def test_a_flipped_byte_is_detected(fashion: Fashion, tmp_path: Path) -> None:
    blob = fashion.data / "blobs" / fashion("why", "u1", LOOK, "--json").facts["record"]["blob"]
    data = bytearray(blob.read_bytes())
    data[len(data) // 2] ^= 1
    blob.write_bytes(data)
    answer = fashion("export", tmp_path / "out", "--json")
    assert (answer.code, len(answer.facts["broken"])) == (1, 1)
    assert manifest(tmp_path / "out", "u1")[LOOK]["state"] == "broken"
    assert not (tmp_path / "out" / "u1" / f"{LOOK}.webp").exists()


def test_an_unknown_user_is_bad_use_and_writes_nothing(made: Fashion, tmp_path: Path) -> None:
    answer = made("export", tmp_path / "out", "--user", "u9")
    assert answer.code == 2
    assert not (tmp_path / "out").exists()
