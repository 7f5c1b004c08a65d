"""docs/clients.md: its Python and JavaScript are run against the services, with a key; its Dart asks for the same."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from bench import hostile
from tests.docs.pages import CLIENTS, blocks
from tests.peers.lacking import lacking
from tests.services.doors import opened
from tryon.core.ply import read_ply
from tryon.services.front.errors import _KNOWN as KNOWN
from tryon.settings import Settings

KEY = "a-key-that-is-long-enough"
NAMES = {"tee-sun.tops+jeans-blue.bottoms": "t0000.tops+b0001.bottoms", "/users/u1/": "/users/u0000/"}
PHOTOS = "https://photos.example.com"


@dataclass(frozen=True)
class Doors:
    urls: Mapping[str, str]
    photos: str

    def fitted(self, code: str) -> str:
        """The page's code, with the addresses and names of these services."""
        for service, url in self.urls.items():
            usual = Settings.model_fields[f"{service}_port"].default
            code = code.replace(f"http://127.0.0.1:{usual}", url)
        for name, ours in NAMES.items():
            code = code.replace(name, ours)
        return code.replace(PHOTOS, self.photos)


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    with opened(tmp_path_factory.mktemp("doors"), api_keys=(KEY,)) as (urls, shelf):
        for name in ("set.jpg", "person.jpg"):
            shelf.put(name, hostile.real("JPEG"))
        yield Doors(urls, f"http://{shelf.place}")


def of(language: str) -> str:
    return "\n".join(block.text for block in blocks(CLIENTS) if block.language == language)


def node() -> str:
    return shutil.which("node") or lacking("node is not installed")


def run(command: list[str], folder: Path) -> str:
    for name in ("person.jpg", "cloth.jpg"):
        (folder / name).write_bytes(hostile.real("JPEG"))
    environment = {**os.environ, "FASHION_API_KEY": KEY}
    ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def check_files(folder: Path) -> None:
    with Image.open(BytesIO((folder / "tryon.png").read_bytes())) as image:
        assert image.format == "PNG"
    assert len(read_ply((folder / "look.ply").read_bytes())) > 0


SHOW = """
import json
names = ("crops", "masks", "made", "wrong", "seed", "people", "shown", "missing")
found = {name: globals()[name] for name in names}
print(json.dumps({**found, "picture": len(picture), "positions": len(positions), "splats": len(splats["results"])}))
"""


def test_the_python_does_what_it_says(doors: Doors, tmp_path: Path) -> None:
    (tmp_path / "page.py").write_text(doors.fitted(of("python")) + SHOW)
    found = json.loads(run([sys.executable, "page.py"], tmp_path).splitlines()[-1])
    check_files(tmp_path)
    assert (len(found["crops"]), sorted(found["masks"])) == (2, ["lower", "upper"])
    assert [sorted(masks) for masks in found["made"]] == [["lower", "overall", "upper"]] * 2
    assert (found["wrong"], found["splats"]) == ([], 2)
    assert found["seed"] >= 0
    assert 0 < found["positions"] <= 10_000
    assert found["people"] == ["u0000", "u0001"]
    assert "t0000.tops+b0001.bottoms" in found["shown"]
    assert found["picture"] > 100
    assert found["missing"]["code"] == "unknown_outfit"


def test_the_javascript_does_what_it_says(doors: Doors, tmp_path: Path) -> None:
    (tmp_path / "page.mjs").write_text(doors.fitted(of("javascript")))
    found = json.loads(run([node(), "page.mjs"], tmp_path))
    check_files(tmp_path)
    assert (len(found["crops"]), sorted(found["masks"]), found["failed"]) == (2, ["lower", "upper"], [])
    assert found["seed"] == "42"
    with Image.open(tmp_path / "outfit.webp") as image:
        assert image.format == "WEBP"


def python_with_a_wrong_key(doors: Doors, folder: Path) -> list[str]:
    change = "client.headers['Authorization'] = 'Bearer another'"
    ask = f"call('GET', '{doors.urls['crop']}/debug')"
    return [sys.executable, "-c", "\n".join([helper("python"), change, ask])]


def javascript_with_a_wrong_key(doors: Doors, folder: Path) -> list[str]:
    changed = helper("javascript").replace("process.env.FASHION_API_KEY", '"another"')
    (folder / "helper.mjs").write_text(f"{changed}\nawait call('{doors.urls['crop']}/debug');")
    return [node(), str(folder / "helper.mjs")]


def helper(language: str) -> str:
    """The first block of the language."""
    return next(block.text for block in blocks(CLIENTS) if block.language == language)


@pytest.mark.parametrize("command", [python_with_a_wrong_key, javascript_with_a_wrong_key])
def test_a_failure_is_told_with_its_sentence(
    doors: Doors, tmp_path: Path, command: Callable[[Doors, Path], list[str]]
) -> None:
    environment = {**os.environ, "FASHION_API_KEY": KEY}
    made = command(doors, tmp_path)
    ran = subprocess.run(made, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode != 0
    assert "401" in ran.stderr
    assert "show an API key" in ran.stderr


def test_the_dart_asks_for_the_same() -> None:
    """There is no Dart here: what it sends is compared with what the JavaScript sends."""
    address = re.compile(r"http://127\.0\.0\.1:\d+[\w/+.-]*")
    dart, javascript = set(address.findall(of("dart"))), set(address.findall(of("javascript")))
    assert {url for url in dart if "/users/" not in url} < javascript
    sent = ("imageUrl", "categories", "user_image_url", "person_image", "cloth_image", "cloth_type", "'file'")
    assert [field for field in sent if field not in of("dart")] == []


def test_every_status_of_an_error_is_in_the_table() -> None:
    cells = re.findall(r"^\| ([\d, ]+) \|", CLIENTS.read_text(), re.MULTILINE)
    listed = {int(status) for cell in cells for status in cell.split(",")}
    assert {status for _, status, _ in KNOWN} | {401, 403, 405, 409, 413, 422, 429, 504} <= listed
