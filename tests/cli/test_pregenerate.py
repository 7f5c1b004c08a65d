"""`plan`, `pregenerate` and `status`: what is missing, making it, and how much is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.null_engines import NullDresser
from bench.uploads import write_item
from tests.cli.conftest import LOOK, Fashion


def test_a_second_call_starts_no_run(made: Fashion) -> None:
    answer = made("pregenerate", "--json")
    assert (answer.code, answer.facts["runs"], answer.facts["engine_calls"]) == (0, [], 0)


def test_everything_gets_a_verdict(made: Fashion) -> None:
    totals = made("status", "--json").facts["totals"]
    assert totals["tryons"] == {"wanted": 6, "published": 3, "refused": 3, "stale": 0, "missing": 0}
    assert totals["splats"] == {"wanted": 2, "published": 1, "refused": 1, "stale": 0, "missing": 0}


def test_engine_passes_are_counted_as_planned(fashion: Fashion) -> None:
    write_item(fashion.data / "uploads", "t2", ["tops"], 3)
    planned = fashion("plan", "--json").facts
    # tiny's two outfits and its splat are planned too: its refusal is known only by asking for the input.
    assert planned["passes"] == {"crop": 1, "mask": 0, "tryon": 4, "splat": 2}
    made = fashion("pregenerate", "--json")
    assert made.code == 0
    assert made.facts["engine_calls"] == 1 + 2 + 1
    # Without a terminal progress is a few lines.
    lines = made.err.splitlines()
    assert lines[:2] == ["7 engine passes to run", "crop_items: t2 ... t2"]
    assert len(lines) < 10
    assert fashion("plan", "--json").facts["to_make"] == 0


def test_force_makes_a_new_generation(fashion: Fashion) -> None:
    answer = fashion("pregenerate", "--force", "--json")
    assert (answer.code, answer.facts["coverage"]["totals"]["tryons"]["published"]) == (0, 3)
    # Crops of two items, one person, three outfits, one splat; the refused person needs no engine.
    assert answer.facts["engine_calls"] == 2 + 1 + 3 + 1


def test_what_fails_is_said_and_exits_1(fashion: Fashion, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(engine: NullDresser, batch: object) -> object:
        raise ConnectionError("the GPU went away")

    monkeypatch.setattr(NullDresser, "dress", broken)
    write_item(fashion.data / "uploads", "t2", ["tops"], 3)
    answer = fashion("pregenerate")
    assert answer.code == 1
    assert "Failed" in answer.out
    assert "t2" in answer.out
    assert "failed" in answer.err


def test_a_withdrawn_consent_stops_everything_about_the_person(fashion: Fashion, tmp_path: Path) -> None:
    (fashion.data / "uploads" / "users" / "u1.json").unlink()
    write_item(fashion.data / "uploads", "t2", ["tops"], 3)
    answer = fashion("pregenerate")
    assert "u1" in answer.out
    assert "sidecar" in answer.out
    assert fashion("why", "u1", LOOK).code == 2
    assert fashion("export", tmp_path / "out").code == 0
    assert not (tmp_path / "out" / "u1").exists()


def test_status_names_the_refusals_by_root(made: Fashion) -> None:
    answer = made("status")
    assert answer.code == 0
    assert "mask body and 8 more" in answer.out
    assert "made from one of these: 1" in answer.out
    refusals = made("status", "--json").facts["refusals"]
    roots = [r for r in refusals if r["code"] != "input_refused"]
    assert {(r["user"], r["code"]) for r in roots} == {("tiny", "image_too_small")}
    assert len(refusals) == 6 + 3 + 1


def test_status_of_the_last_runs(made: Fashion) -> None:
    runs = made("status", "--json").facts["runs"]
    assert sum(run["published"] for run in runs) == 6 + 3 + 1
    assert runs == sorted(runs, key=lambda run: run["finished_at"], reverse=True)


def test_plan_says_where_its_prices_come_from(made: Fashion) -> None:
    answer = made("plan")
    assert answer.code == 0
    assert "nothing to do" in answer.out
    assert "measured" in answer.out


def test_rejected_uploads_are_listed(fashion: Fashion) -> None:
    (fashion.data / "uploads" / "items" / "t1.json").unlink()
    rejected = fashion("plan", "--json").facts["rejected_uploads"]
    assert [(r["kind"], r["id"]) for r in rejected] == [("item", "t1")]
    assert "t1.json" in fashion("status").out


def test_a_folder_without_uploads_is_bad_use(empty: Fashion) -> None:
    for command in ("plan", "status", "pregenerate", "logs"):
        answer = empty(command)
        assert answer.code == 2
        assert "fashion demo" in answer.err
    assert not empty.data.exists()


def test_an_error_in_json_is_one_object(empty: Fashion) -> None:
    answer = empty("plan", "--json")
    assert (answer.code, answer.facts["error"]["code"]) == (2, "invalid_setting")
