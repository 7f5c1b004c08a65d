"""`export` says by whom each picture was made, whatever is chosen now, and keeps what commerce may not use."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bench.null_engines import NullDresser, NullParser, NullSplatter, null_stages
from fashion_assets.commands import opening
from tests.cli.conftest import LOOK, Fashion
from tests.cli.test_export import manifest
from tests.core.workshop import make_all
from tryon.core.events import LogEvent
from tryon.core.materials import Materials
from tryon.core.pipeline import Pipeline, Stages
from tryon.core.rollout import switch
from tryon.settings import Settings
from tryon.wiring import build

NC = "CC-BY-NC-SA-4.0"


def research(materials: Materials, settings: Settings) -> Stages:
    """The null engines, with a dresser and a splatter for research only."""
    stages, dresser, splatter = null_stages(materials, settings), NullDresser(), NullSplatter()
    dresser.card = replace(dresser.card, id="catvton", licence=NC, commercial_use=False)
    splatter.card = replace(splatter.card, id="sharp", licence="research only", commercial_use=False)
    return replace(
        stages,
        tryon=replace(stages.tryon, dresser=dresser),
        splat=replace(stages.splat, splatter=splatter),
    )


def parsed_for_research(materials: Materials, settings: Settings) -> Stages:
    stages, parser = null_stages(materials, settings), NullParser()
    parser.card = replace(parser.card, id="human-parser", licence=NC, commercial_use=False)
    return replace(stages, mask=replace(stages.mask, parser=parser))


def choose(monkeypatch: pytest.MonkeyPatch, stages: Callable[[Materials, Settings], Stages]) -> None:
    def opened(settings: Settings, console: Callable[[LogEvent], None] = opening.silent) -> Pipeline:
        return build(settings, console, stages)

    monkeypatch.setattr(opening, "open_pipeline", opened)


def remake(fashion: Fashion, *options: str) -> None:
    """As `fashion rollout` and `fashion pregenerate` do, without Dagster."""
    assert fashion("rollout", "--yes", "--json", *options).facts["confirmed"]
    pipeline = opening.open_pipeline(Settings(data=fashion.data))
    make_all(pipeline)
    assert switch(pipeline)


def test_after_another_choice_the_manifest_still_says_who_made_it(
    fashion: Fashion, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    choose(monkeypatch, research)
    remake(fashion)
    choose(monkeypatch, null_stages)
    assert fashion("export", tmp_path / "out").code == 0
    look = manifest(tmp_path / "out", "u1")[LOOK]
    assert look["commercial_use"] is False
    assert look["engines"][-1] == {"id": "catvton", "revision": "1", "licence": NC}
    assert look["splat"]["engines"][-1] == {"id": "sharp", "revision": "1", "licence": "research only"}
    whole = json.loads((tmp_path / "out" / "u1" / "manifest.json").read_text())
    assert [engine["id"] for engine in whole["engines"]] == [
        "null-analyzer", "null-detector", "null-parser", "catvton", "sharp",
    ]  # fmt: skip
    assert whole["commercial_use"] is False


def test_commerce_gets_nothing_before_the_pictures_are_made_anew(
    fashion: Fashion, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    choose(monkeypatch, research)
    remake(fashion)
    choose(monkeypatch, null_stages)
    monkeypatch.setenv("FASHION_COMMERCIAL", "true")
    answer = fashion("export", tmp_path / "out", "--json")
    assert (answer.code, answer.facts["error"]["code"]) == (2, "not_for_commercial_use")
    said = answer.facts["error"]["message"]
    assert "4 of 4 pictures and splats" in said
    assert f"4 made with catvton ({NC}); 1 made with sharp (research only)" in said
    assert not (tmp_path / "out").exists()
    assert fashion("rollout", "--yes", "--json").facts["confirmed"]
    assert fashion("export", tmp_path / "out").code == 2, "a promise is not a picture"
    pipeline = opening.open_pipeline(Settings(data=fashion.data))
    make_all(pipeline)
    switch(pipeline)
    assert fashion("export", tmp_path / "out").code == 0
    assert manifest(tmp_path / "out", "u1")[LOOK]["commercial_use"] is True


def test_masks_for_research_only_bar_the_outfits(
    fashion: Fashion, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    choose(monkeypatch, parsed_for_research)
    remake(fashion)
    assert fashion("export", tmp_path / "free").code == 0
    look = manifest(tmp_path / "free", "u1")[LOOK]
    assert {"id": "human-parser", "revision": "1", "licence": NC} in look["engines"]
    assert look["commercial_use"] is False
    monkeypatch.setenv("FASHION_COMMERCIAL", "true")
    assert "4 made with human-parser" in fashion("export", tmp_path / "out").err.replace("\n", " ")


def test_pictures_of_an_earlier_version_are_not_allowed(
    fashion: Fashion, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with sqlite3.connect(fashion.data / "fashion.sqlite") as database:
        database.execute("UPDATE products SET facts = '{}' WHERE stage <> 'splat'")
    assert fashion("export", tmp_path / "free").code == 0
    assert manifest(tmp_path / "free", "u1")[LOOK]["commercial_use"] is None
    monkeypatch.setenv("FASHION_COMMERCIAL", "true")
    said = fashion("export", tmp_path / "out", "--json").facts["error"]["message"]
    assert "4 of an earlier version, which did not record it" in said
    remake(fashion, "--again")
    assert fashion("export", tmp_path / "out").code == 0


def test_a_commercial_export_of_what_may_be_used(
    made: Fashion, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FASHION_COMMERCIAL", "true")
    assert made("export", tmp_path).code == 0
    assert len(list(tmp_path.rglob("*.webp"))) == 3
