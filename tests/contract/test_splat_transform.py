"""SOG conversion: what is found, what is run, what is believed; with the real tool where it is installed."""

from __future__ import annotations

import io
import json
import os
import shutil
import zipfile
from pathlib import Path

import pytest

from bench.ply import synthetic
from tryon.core.errors import PackageMissing, SplatNotConverted
from tryon.core.ply import write_ply
from tryon.stores.splat_transform import CLI, PACKAGE, SplatTransform, find_splat_transform

COUNT = 600
PLY = write_ply(synthetic(COUNT))

CONVERTS = """
import json, sys, zipfile
source, made = sys.argv[-2:]
head = open(source, "rb").read(300).decode("latin-1")
count = int(head.split("element vertex ")[1].split()[0])
with zipfile.ZipFile(made, "w") as archive:
    meta = json.dumps({"version": 2, "count": count, "arguments": sys.argv[1:-2]})
    archive.writestr(zipfile.ZipInfo("meta.json"), meta)
"""


def tool(folder: Path, script: str, timeout_s: float = 30.0) -> SplatTransform:
    """`node` is a program that runs the script with Python instead."""
    (folder / "cli.mjs").write_text(script)
    node = folder / "node"
    node.write_text(f'#!/bin/sh\nshift\nexec {shutil.which("python3")} -S -E "$@"\n')
    node.chmod(0o755)
    return SplatTransform(node, folder / "cli.mjs", timeout_s)


def meta(sog: bytes) -> dict[str, object]:
    with zipfile.ZipFile(io.BytesIO(sog)) as archive:
        found: dict[str, object] = json.loads(archive.read("meta.json"))
    return found


def refusal(converter: SplatTransform) -> str:
    with pytest.raises(SplatNotConverted) as caught:
        converter.to_sog(PLY, COUNT)
    return str(caught.value)


def test_the_tool_gets_the_ply_and_no_gpu(tmp_path: Path) -> None:
    found = meta(tool(tmp_path, CONVERTS).to_sog(PLY, COUNT))
    assert found["count"] == COUNT
    assert found["arguments"] == ["-q", "-w", "-g", "cpu", "--max-workers", "2"]


def test_the_tool_does_not_see_our_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    script = "import os, sys\nprint(sorted(os.environ))\nsys.exit(3)"
    message = refusal(tool(tmp_path, script))
    assert "code 3" in message
    assert "OPENAI_API_KEY" not in message


def test_its_own_words_are_in_the_message_cut_to_a_line(tmp_path: Path) -> None:
    message = refusal(tool(tmp_path, "import sys\nprint('noise ' * 10_000)\nsys.exit('bad file')"))
    assert "bad file" in message
    assert len(message) < 500


def test_a_hanging_tool_is_stopped(tmp_path: Path) -> None:
    message = refusal(tool(tmp_path, "import time\ntime.sleep(60)", timeout_s=0.3))
    assert "was stopped after 0.3 s" in message


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("", "no SOG file"),
        ("import sys\nopen(sys.argv[-1], 'w').write('PK nonsense')", "is no SOG file"),
        (CONVERTS.replace('"meta.json"', '"other.json"'), "is no SOG file"),
        (CONVERTS.replace('"count": count', '"count": count - 1'), f"wrote {COUNT - 1} of {COUNT} Gaussians"),
        (CONVERTS.replace("json.dumps({", "'x' * 2_000_000 + json.dumps({"), "more than 1000000 bytes"),
    ],
)  # fmt: skip
def test_what_it_wrote_is_not_believed_unseen(tmp_path: Path, script: str, said: str) -> None:
    assert said in refusal(tool(tmp_path, script))


def test_without_node_or_the_tool_the_message_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(PackageMissing, match=r"need node 18 or later.*npm install -g"):
        find_splat_transform(path=str(tmp_path), folder=tmp_path)
    tool(tmp_path, "")
    with pytest.raises(
        PackageMissing, match=r"npm install -g --ignore-scripts @playcanvas/splat-transform@2\.7\.1"
    ):
        find_splat_transform(path=str(tmp_path), folder=tmp_path)


def test_the_command_on_the_path_is_followed_to_its_script(tmp_path: Path) -> None:
    tool(tmp_path, "")
    (tmp_path / "splat-transform").symlink_to(tmp_path / "cli.mjs")
    (tmp_path / "cli.mjs").chmod(0o755)
    found = find_splat_transform(path=str(tmp_path), folder=tmp_path)
    assert (found.node, found.cli) == (tmp_path / "node", tmp_path / "cli.mjs")


def test_a_local_install_is_found_from_the_folders_below(tmp_path: Path) -> None:
    tool(tmp_path, "")
    script = tmp_path / "node_modules" / PACKAGE / CLI
    script.parent.mkdir(parents=True)
    script.touch()
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert find_splat_transform(path=str(tmp_path), folder=tmp_path / "a" / "b").cli == script


def test_the_real_tool_converts_our_file() -> None:
    try:
        found = find_splat_transform(os.environ.get("PATH"))
    except PackageMissing as missing:
        pytest.skip(str(missing))
    sog = found.to_sog(PLY, COUNT)
    assert meta(sog)["version"] == 2
    assert len(sog) < len(PLY)
