"""The lookbook beside a pregeneration, over one SQLite file: what it shows is what is published and wanted."""

from __future__ import annotations

import threading
from hashlib import sha256
from pathlib import Path

import pytest

from bench.null_engines import null_stages
from bench.uploads import write_catalogue
from tests.core.workshop import make_all
from tryon.core import lookbook
from tryon.core.errors import UnknownUpload
from tryon.core.lookbook import State
from tryon.core.pipeline import Pipeline
from tryon.core.uploads import UploadKind, UploadRef
from tryon.settings import Settings
from tryon.wiring import build

ANN, BEN = "u0000", "u0001"


def process(folder: Path) -> Pipeline:
    """Stores of its own over the same files."""
    return build(Settings(data=folder), lambda _: None, null_stages)


def test_readers_beside_a_pregeneration_and_an_erasure(tmp_path: Path) -> None:
    write_catalogue(tmp_path / "uploads", 2, 2, 2)
    writing, reading = process(tmp_path), process(tmp_path)
    writing.reconcile()
    worker = threading.Thread(target=make_all, args=(writing,))
    seen: dict[tuple[str, str], str] = {}
    worker.start()
    while worker.is_alive():
        _look(reading, ANN, seen)
        _look(reading, BEN, seen)
    worker.join()
    _look(reading, ANN, seen)
    _look(reading, BEN, seen)
    assert len(seen) == 16
    _bury(process(tmp_path), ANN)
    with pytest.raises(UnknownUpload):
        lookbook.outfits(reading, ANN)
    _look(reading, BEN, seen)


def _look(pipeline: Pipeline, user: str, seen: dict[tuple[str, str], str]) -> None:
    """Every outfit is there with the bytes that it had before, or has not been there yet."""
    page = lookbook.outfits(pipeline, user)
    assert len(page.outfits) == 8
    for card in page.outfits:
        place = (user, card.outfit)
        if card.state is State.PUBLISHED:
            found = lookbook.image(pipeline, user, card.outfit)
            digest = sha256(found.read()).hexdigest()
            assert card.image is not None
            assert digest == found.tag == card.image.sha256 == seen.setdefault(place, digest)
        else:
            assert card.state is State.MISSING
            assert place not in seen


def _bury(pipeline: Pipeline, user: str) -> None:
    ordinal = pipeline.offered_user(user).ordinal
    pipeline.records.bury(UploadRef(UploadKind.USER, user, ordinal), "2026-11-21T12:00:00Z")
