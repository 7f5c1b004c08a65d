"""`fashion masks --data-json`: the block of a user's document, or the reason why there is none."""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench import null_engines
from fashion_assets.commands import data_json
from tests.cli.conftest import Fashion
from tests.peers.faulty import Asked, Reply
from tests.peers.serving import serving
from tests.peers.site import Site, picture
from tryon.core.images import decode_mask
from tryon.core.words import Refused

REST = {
    "tops": [
        {"id": "tee.tops", "name": "Füchse 👕", "imageUrl": "https://example.com/t.png", "category": "tops"}
    ],
    "bottoms": [],
    "apiRequest": {"url": "http://127.0.0.1:8000/api/try-on", "method": "POST", "fields": {"seed": 42}},
}


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    with serving(Site()) as site:
        site.pages["/photo.png"] = Reply(200, picture((120, 160)))
        monkeypatch.setenv("FASHION_FETCH_ALLOWED", site.place)
        yield site


@pytest.fixture
def fashion(tmp_path: Path) -> Fashion:
    return Fashion(tmp_path / "data")


@pytest.fixture
def file(tmp_path: Path, site: Site) -> Path:
    path = tmp_path / "data.json"
    path.write_text(json.dumps({"userImageUrl": f"{site.address}/photo.png", **REST}))
    return path


def block(file: Path) -> Any:
    return json.loads(file.read_text())["Mask"]


def test_the_block_is_written_beside_everything_else(fashion: Fashion, file: Path, site: Site) -> None:
    answer = fashion("masks", "--data-json", file, "--json")
    assert answer.code == 0
    document = json.loads(file.read_text())
    mask = document.pop("Mask")
    assert document == {"userImageUrl": f"{site.address}/photo.png", **REST}
    assert [*mask] == ["Status", "Upper mask URL", "Lower mask URL"]
    assert (mask["Status"], answer.facts["Mask"]) == ("success", mask)
    for name in ("Upper mask URL", "Lower mask URL"):
        door, _, path = mask[name].partition("/guests/masks/")
        assert door == "http://127.0.0.1:8002"
        pixels = decode_mask((fashion.data / "blobs/guests/masks" / path).read_bytes())
        assert (pixels.shape, {*np.unique(pixels).tolist()}) == ((160, 120), {0, 255})


def test_the_addresses_are_the_mask_services_and_not_the_disks(
    fashion: Fashion, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FASHION_MASKS_PORT", "8123")
    assert fashion("masks", "--data-json", file).code == 0
    for name in data_json.KINDS.values():
        assert re.fullmatch(r"http://127\.0\.0\.1:8123/guests/masks/[0-9a-f]{64}\.png", block(file)[name])
    assert str(fashion.data) not in file.read_text()


def test_an_older_block_is_replaced_and_a_second_run_changes_nothing(fashion: Fashion, file: Path) -> None:
    document = json.loads(file.read_text())
    file.write_text(json.dumps({**document, "Mask": {"Status": "missing"}}))
    assert fashion("masks", "--data-json", file).code == 0
    first = file.read_bytes()
    assert block(file)["Status"] == "success"
    assert fashion("masks", "--data-json", file).code == 0
    assert file.read_bytes() == first


def test_the_files_mode_and_a_link_to_it_stay(fashion: Fashion, file: Path, tmp_path: Path) -> None:
    file.chmod(0o600)
    link = tmp_path / "link.json"
    link.symlink_to(file)
    assert fashion("masks", "--data-json", link).code == 0
    assert (link.is_symlink(), stat.S_IMODE(file.stat().st_mode), block(file)["Status"]) == (
        True,
        0o600,
        "success",
    )


def failed(fashion: Fashion, file: Path, said: str) -> None:
    before = file.read_bytes()
    answer = fashion("masks", "--data-json", file)
    assert (answer.code, said in answer.err) == (1, True), answer.err
    assert (file.read_bytes(), os.listdir(file.parent).count(f".{file.name}.part")) == (before, 0)


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (Reply(404), "answers 404"),
        (Reply(503), "try again later"),
        (Reply(200, b"<html>"), "not an image"),
        (Reply(302, b"", {"Location": "http://10.0.0.1/"}), "public server"),
    ],
)
def test_a_photo_that_cannot_be_had_leaves_the_file_as_it_was(
    fashion: Fashion, file: Path, site: Site, page: Reply, said: str
) -> None:
    site.pages["/photo.png"] = page
    failed(fashion, file, said)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "http://169.254.169.254/latest", "", None, 7])
def test_what_is_no_photos_address_leaves_the_file_as_it_was(
    fashion: Fashion, file: Path, url: object
) -> None:
    file.write_text(json.dumps({"userImageUrl": url, **REST}))
    failed(fashion, file, "address")


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', "\ufeff{}"])
def test_what_is_no_document_stays_as_it_was(fashion: Fashion, file: Path, text: str) -> None:
    file.write_text(text)
    failed(fashion, file, "nothing was written")


def test_a_photo_of_nobody_leaves_the_file_as_it_was(
    fashion: Fashion, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = Refused("no_person", "No person was found.")
    monkeypatch.setattr(null_engines.NullParser, "parse", lambda self, batch: [nobody] * len(batch))
    failed(fashion, file, "no upper mask can be made of this photo (no_person)")
    assert not (fashion.data / "blobs/guests").exists()


def test_what_somebody_wrote_meanwhile_is_kept(fashion: Fashion, file: Path, site: Site) -> None:
    """While the photo is fetched the app adds a garment."""

    def meanwhile(asked: Asked) -> None:
        file.write_text(json.dumps({**json.loads(file.read_text()), "tops": ["new"]}))

    site.before = meanwhile
    assert fashion("masks", "--data-json", file).code == 0
    assert (json.loads(file.read_text())["tops"], block(file)["Status"]) == (["new"], "success")


def test_masks_of_a_photo_that_was_replaced_meanwhile_are_not_written(
    fashion: Fashion, file: Path, site: Site
) -> None:
    def meanwhile(asked: Asked) -> None:
        file.write_text(json.dumps({"userImageUrl": "https://example.com/new.jpg"}))

    site.before = meanwhile
    answer = fashion("masks", "--data-json", file)
    assert (answer.code, "names another photo by now" in answer.err) == (1, True)
    assert json.loads(file.read_text()) == {"userImageUrl": "https://example.com/new.jpg"}


def test_the_step_is_logged_without_the_address(fashion: Fashion, file: Path, site: Site) -> None:
    fashion("masks", "--data-json", file)
    events = [event for _, event in fashion.pipeline.log.read() if event.component == "masks"]
    assert [(event.step, event.event.value) for event in events] == [
        ("data.json", "started"),
        ("data.json", "finished"),
    ]
    assert site.place not in str([event.facts() for event in events])


def test_a_file_that_is_not_there_is_bad_use(fashion: Fashion, tmp_path: Path) -> None:
    assert fashion("masks", "--data-json", tmp_path / "none.json").code == 2
    assert fashion("masks").code == 2


def test_the_names_are_the_documents() -> None:
    assert data_json.KINDS == {"upper": "Upper mask URL", "lower": "Lower mask URL"}
