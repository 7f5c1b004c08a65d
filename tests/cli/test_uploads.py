"""`add-user` and `add-item`: stored as a whole, or refused with nothing stored."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from tests.cli.conftest import Fashion

CONSENT = ("--consent-version", "2026-01", "--consent-at", "2026-11-01T10:00:00+01:00")


def stored(fashion: Fashion) -> list[str]:
    return sorted(p.name for p in (fashion.data / "uploads").rglob("*") if p.is_file())


def test_a_user_is_stored_with_consent(empty: Fashion, photo: Path) -> None:
    answer = empty("add-user", "u5", photo, *CONSENT, "--json")
    assert answer.code == 0
    sidecar = json.loads((empty.data / "uploads" / "users" / "u5.json").read_text())
    assert sidecar == {"consent": {"version": "2026-01", "at": "2026-11-01T09:00:00Z"}}
    assert (empty.data / "uploads" / "users" / "u5.png").read_bytes() == photo.read_bytes()
    assert empty("plan", "--json").facts["users"] == 1


def test_consent_is_given_now_unless_said_otherwise(empty: Fashion, photo: Path) -> None:
    assert empty("add-user", "u5", photo, "--consent-version", "2026-01").code == 0
    assert empty("plan", "--json").facts["rejected_uploads"] == []


def test_an_item_is_stored_with_its_categories(empty: Fashion, photo: Path) -> None:
    assert empty("add-item", "set", photo, "-c", "tops", "--category", "bottoms").code == 0
    sidecar = json.loads((empty.data / "uploads" / "items" / "set.json").read_text())
    assert sidecar == {"categories": ["tops", "bottoms"]}


def test_the_bytes_decide_the_type(empty: Fashion, photo: Path, tmp_path: Path) -> None:
    misnamed = tmp_path / "photo.jpg"
    misnamed.write_bytes(photo.read_bytes())
    assert empty("add-user", "u5", misnamed, *CONSENT).code == 0
    assert stored(empty) == ["u5.json", "u5.png"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add-user", "u5", "PHOTO"), "--consent-version"),
        (
            ("add-user", "u5", "PHOTO", "--consent-version", "1", "--consent-at", "2026-11-01"),
            "time with its zone",
        ),
        (("add-user", "Jane Doe", "PHOTO", *CONSENT), "does not match"),
        (("add-user", "u5", "TEXT", *CONSENT), "not an image"),
        (("add-user", "u5", "missing.png", *CONSENT), "does not exist"),
        (("add-user", "u5", "PHOTO", *CONSENT, "--replace"), "leave --replace out"),
        (("add-item", "t5", "PHOTO"), "--category"),
        (("add-item", "t5", "PHOTO", "-c", "hats"), "hats"),
        (("add-item", "t5", "PHOTO", "-c", "tops", "-c", "tops"), "different categories"),
    ],
)
def test_bad_uploads_are_refused_and_leave_nothing(
    empty: Fashion, photo: Path, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    text = tmp_path / "text.png"
    text.write_text("not a picture")
    places = {"PHOTO": str(photo), "TEXT": str(text)}
    answer = empty(*(places.get(argument, argument) for argument in arguments))
    assert answer.code == 2
    assert said in " ".join(answer.err.replace("│", " ").split())
    assert not empty.data.exists()


def test_an_id_that_exists_is_never_overwritten_silently(fashion: Fashion, photo: Path) -> None:
    before = (fashion.data / "uploads" / "users" / "u1.png").read_bytes()
    answer = fashion("add-user", "u1", photo, *CONSENT)
    assert answer.code == 2
    assert "--replace" in answer.err
    assert (fashion.data / "uploads" / "users" / "u1.png").read_bytes() == before


def test_replace_changes_the_photo_even_to_another_type(
    fashion: Fashion, photo: Path, tmp_path: Path
) -> None:
    jpeg = tmp_path / "new.jpg"
    Image.open(photo).convert("RGB").save(jpeg)
    assert fashion("add-user", "u1", jpeg, *CONSENT, "--replace").code == 0
    names = [name for name in stored(fashion) if name.startswith("u1")]
    assert names == ["u1.jpg", "u1.json"]
    assert fashion("why", "u1", "t1.tops", "--json").facts["cause"] == "stale"


def test_a_new_data_folder_is_its_owners_alone(empty: Fashion, photo: Path) -> None:
    empty("add-user", "ann", photo, "--consent-version", "1")
    assert empty.data.stat().st_mode & 0o777 == 0o700
