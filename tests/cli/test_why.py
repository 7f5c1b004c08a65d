"""`why`: one outfit, and exactly what stands in its way."""

from __future__ import annotations

import json

from bench.uploads import write_item, write_user
from tests.cli.conftest import LOOK, Answer, Fashion
from tryon.core.events import EventKind, LogEvent


def cause(answer: Answer) -> tuple[int, str]:
    return answer.code, answer.facts["cause"]


def test_published(made: Fashion) -> None:
    answer = made("why", "u1", LOOK, "--json")
    facts = answer.facts
    assert cause(answer) == (0, "published")
    assert facts["owner"] == {"user": "u1", "item": "b1"}
    assert [made["name"] for made in facts["inputs"]] == [
        "body", "upper", "lower", "t1.tops", "b1.bottoms", "b1.bottoms",
    ]  # fmt: skip
    assert (made.data / "blobs" / facts["record"]["blob"]).is_file()
    assert facts["splat"]["verdict"] == "published"
    assert [event["event"] for event in facts["events"]] == ["started", "finished"]


def test_the_screen_names_what_support_asks_for(made: Fashion) -> None:
    facts, screen = made("why", "u1", LOOK, "--json").facts, made("why", "u1", LOOK).out
    for text in ("shoppers see it", facts["key"], facts["record"]["run_id"], "u1 x b1", "null-dresser"):
        assert text in screen


def test_a_single_garment_gets_no_splat(made: Fashion) -> None:
    assert made("why", "u1", "t1.tops", "--json").facts["splat"] is None
    assert "only complete looks" in made("why", "u1", "t1.tops").out


def test_a_refusal_names_its_root(made: Fashion) -> None:
    answer = made("why", "tiny", LOOK, "--json")
    assert cause(answer) == (1, "refused")
    assert answer.facts["reason"].startswith("mask body was refused: ")
    assert "--replace" in made("why", "tiny", LOOK).out


def test_an_input_that_was_refused_before_the_outfit_was_asked_for(fashion: Fashion) -> None:
    write_item(fashion.data / "uploads", "t2", ["tops"], 3)
    assert cause(fashion("why", "tiny", "t2.tops", "--json")) == (1, "input_refused")


def test_a_changed_user_photo(fashion: Fashion) -> None:
    write_user(fashion.data / "uploads", "u1", 77)
    answer = fashion("why", "u1", LOOK, "--json")
    assert cause(answer) == (1, "stale")
    assert "the photo of users/u1 changed" in answer.facts["reason"]
    # One cause, though every input differs because of it.
    assert len(answer.facts["stale"]["differences"]) == 1
    assert "older image" in fashion("why", "u1", LOOK).out
    assert fashion("status", "--json").facts["totals"]["tryons"]["stale"] == 3


def test_a_changed_product_photo_stales_its_outfits_only(fashion: Fashion) -> None:
    write_item(fashion.data / "uploads", "t1", ["tops"], 78)
    answer = fashion("why", "u1", LOOK, "--json")
    assert cause(answer) == (1, "stale")
    assert [line[:27] for line in answer.facts["stale"]["differences"]] == ["the photo of items/t1 chang"]
    assert cause(fashion("why", "u1", "b1.bottoms", "--json")) == (0, "published")


def test_an_input_that_is_not_made_yet(fashion: Fashion) -> None:
    write_item(fashion.data / "uploads", "t2", ["tops"], 3)
    answer = fashion("why", "u1", "t2.tops", "--json")
    assert cause(answer) == (1, "input_missing")
    assert answer.facts["reason"] == "crop t2.tops is not made yet"


def test_not_made_yet(fashion: Fashion) -> None:
    write_item(fashion.data / "uploads", "t2", ["tops"], 3)
    fashion("plan")
    fashion.pipeline.make_crops(["t2"], "run-1")
    assert cause(fashion("why", "u1", "t2.tops", "--json")) == (1, "not_made")


def test_the_last_try_failed(fashion: Fashion) -> None:
    write_item(fashion.data / "uploads", "t2", ["tops"], 3)
    fashion("plan")
    pipeline = fashion.pipeline
    pipeline.make_crops(["t2"], "run-1")
    _log_failure(fashion, "u1", "t2.tops", "the disk is full")
    answer = fashion("why", "u1", "t2.tops", "--json")
    assert cause(answer) == (1, "failed")
    assert "the disk is full" in answer.facts["reason"]


def _log_failure(fashion: Fashion, user: str, outfit: str, message: str) -> None:
    _log(fashion, fashion("why", user, outfit, "--json").facts["key"], EventKind.FAILED, message)


def _log(fashion: Fashion, key: str, kind: EventKind, message: str = "", hour: int = 9) -> None:
    at = f"2026-11-01T{hour:02}:00:00Z"
    event = LogEvent(at, "u1", "t2", "stage.tryon", "t2.tops", kind, "run-2", key, None, message)
    fashion.pipeline.log.append([event])


def test_a_missing_input_that_failed_is_named_before_what_failed_for_want_of_it(fashion: Fashion) -> None:
    write_item(fashion.data / "uploads", "t2", ["tops"], 3)
    found = fashion("why", "u1", "t2.tops", "--json").facts
    _log(fashion, found["inputs"][-1]["key"], EventKind.FAILED, "ModelMissing: no weights", 9)
    _log(
        fashion, found["key"], EventKind.FAILED, "InputMissing: the garment crop it needs is not made yet", 10
    )
    reason = fashion("why", "u1", "t2.tops", "--json").facts["reason"]
    assert reason == "crop t2.tops failed at 2026-11-01T09:00:00Z: ModelMissing: no weights"


def test_a_try_that_began_after_the_failure_is_told_too(fashion: Fashion) -> None:
    write_item(fashion.data / "uploads", "t2", ["tops"], 3)
    key = fashion("why", "u1", "t2.tops", "--json").facts["inputs"][-1]["key"]
    _log(fashion, key, EventKind.FAILED, "ModelMissing: no weights", 9)
    _log(fashion, key, EventKind.STARTED, "", 10)
    answer = fashion("why", "u1", "t2.tops", "--json")
    assert cause(answer) == (1, "failed")
    assert answer.facts["reason"].endswith("; started at 2026-11-01T10:00:00Z by run run-2 and not finished")


def test_a_splat_that_failed_says_why(fashion: Fashion) -> None:
    splat = fashion("why", "u1", LOOK, "--json").facts["splat"]
    pipeline = fashion.pipeline
    pipeline.records.withdraw([r for r in pipeline.records.of_user("u1") if r.key == splat["key"]])
    _log(fashion, splat["key"], EventKind.FAILED, "ModelMissing: no weights")
    answer = fashion("why", "u1", LOOK, "--json")
    assert cause(answer) == (0, "published")
    assert answer.facts["splat"]["failure"]["message"] == "ModelMissing: no weights"
    assert (
        "missing failed at 2026-11-01 09:00:00Z: ModelMissing: no weights" in fashion("why", "u1", LOOK).out
    )


def test_unknown_outfits_suggest_what_exists(made: Fashion) -> None:
    for outfit, hint in [("t1.tops+b9.bottoms", LOOK), ("b1.bottoms+t1.tops", LOOK), ("t1.topz", "t1.tops")]:
        answer = made("why", "u1", outfit)
        assert answer.code == 2
        assert "did you mean" in answer.err
        assert hint in answer.err


def test_an_unknown_user(made: Fashion) -> None:
    answer = made("why", "u9", LOOK)
    assert answer.code == 2
    assert "there is no user 'u9'" in answer.err
    assert json.loads(made("why", "u9", LOOK, "--json").out)["error"]["code"] == "unknown_upload"
