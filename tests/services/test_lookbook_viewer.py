"""The committed 3D view is what its sources make, and comes with the licence of everything in it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from tests.docs.pages import ROOT

VIEWER = ROOT / "tryon/services/lookbook/viewer"
BUILT = ROOT / "tryon/services/lookbook/pages/static/viewer"
FACTS = json.loads((BUILT / "built.json").read_text())
PACKAGES = json.loads((VIEWER / "package.json").read_text())
LOCK = json.loads((VIEWER / "package-lock.json").read_text())["packages"]


def digest_of_sources() -> str:
    """As build.mjs works it out."""
    names = ["../../../../LICENSE", "build.mjs", "licences.mjs", "package-lock.json", "package.json"]
    names += [f"src/{path.name}" for path in (VIEWER / "src").iterdir()]
    found = sha256()
    for name in sorted(names):
        found.update(name.encode() + b"\0" + (VIEWER / name).read_bytes() + b"\0")
    return found.hexdigest()


def test_it_was_built_from_these_sources() -> None:
    assert FACTS["sources"] == digest_of_sources(), (
        "run `npm ci && npm run build` in tryon/services/lookbook/viewer"
    )


def test_nobody_changed_what_was_built() -> None:
    found = {
        path.name: sha256(path.read_bytes()).hexdigest() for path in BUILT.iterdir() if path.suffix != ".json"
    }
    assert found == FACTS["files"]


def test_building_it_again_gives_the_same_bytes(tmp_path: Path) -> None:
    """Where its packages are installed; elsewhere their versions are compared, which the lock file ties to bytes."""
    node = shutil.which("node")
    if node is None or not (VIEWER / "node_modules/esbuild").exists():
        assert LOCK["node_modules/esbuild"]["version"] == FACTS["esbuild"]
        return
    subprocess.run([node, "build.mjs", tmp_path], cwd=VIEWER, check=True, timeout=120)
    again = {
        path.name: sha256(path.read_bytes()).hexdigest()
        for path in tmp_path.iterdir()
        if path.suffix != ".json"
    }
    assert again == FACTS["files"]


def test_every_version_is_exact_and_tied_to_its_bytes() -> None:
    wanted = PACKAGES["dependencies"] | PACKAGES["devDependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
    assert {name: LOCK[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert all(facts["integrity"].startswith("sha512-") for name, facts in LOCK.items() if name)


@pytest.mark.parametrize("name", ["@sparkjsdev/spark", "three", "fflate"])
def test_the_licence_of_what_is_in_it_comes_along(name: str) -> None:
    text = (BUILT / "THIRD_PARTY_LICENSES.txt").read_text()
    assert f"{name} {LOCK[f'node_modules/{name}']['version']}" in text
    assert "Permission is hereby granted, free of charge" in text


def test_the_licences_name_every_crate_that_is_compiled_in() -> None:
    """Rust's panic messages name the crate that they are from."""
    wasm, text = (BUILT / "spark.wasm").read_bytes(), (BUILT / "THIRD_PARTY_LICENSES.txt").read_text()
    crates = set(re.findall(rb"/([a-z0-9_-]+?)-\d+\.\d+\.\d+/src/", wasm))
    assert len(crates) > 15
    assert [crate.decode() for crate in sorted(crates) if not re.search(rf"\b{crate.decode()}\b", text)] == []


def test_it_loads_from_its_own_folder_alone() -> None:
    code = (BUILT / "viewer.js").read_text()
    assert 'new URL("./spark.wasm",import.meta.url)' in code
    assert 'new URL("./spark-worker.js",import.meta.url)' in code
    assert "data:text/javascript" not in code


def test_the_rules_of_accessibility_are_those_of_the_lock_file() -> None:
    vendor = ROOT / "tests/browser/vendor"
    assert f"axe v{PACKAGES['devDependencies']['axe-core']}" in (vendor / "axe.min.js").read_text()[:200]
    assert "Mozilla Public License" in (vendor / "axe-LICENSE.txt").read_text()
