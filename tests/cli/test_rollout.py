"""New engines and parameters are shown, confirmed, and then made; failures are counted and retried."""

from __future__ import annotations

import pytest

from bench.null_engines import NullDresser
from bench.uploads import write_item, write_user
from tests.cli.conftest import LOOK, Fashion


def test_a_changed_parameter_waits_for_its_confirmation(
    made: Fashion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FASHION_ORDER", "tucked")
    facts = made("plan", "--json").facts
    assert (facts["to_make"], sum(facts["passes"].values())) == (0, 0)
    assert facts["unconfirmed"]["users"] == ["u1", "tiny"]
    assert "painter's order: untucked -> tucked" in facts["unconfirmed"]["changes"]
    assert made("why", "u1", LOOK).code == 0
    text = made("plan").out
    assert "Not confirmed" in text
    assert "painter's order: untucked -> tucked" in text


def test_pregenerate_says_that_somebody_has_to_confirm(
    fashion: Fashion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FASHION_ORDER", "tucked")
    answer = fashion("pregenerate")
    assert "fashion rollout" in answer.out
    assert fashion("pregenerate", "--json").facts["runs"] == []


def test_a_script_must_say_yes(fashion: Fashion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHION_ORDER", "tucked")
    answer = fashion("rollout")
    assert (answer.code, "--yes" in answer.err) == (2, True)
    assert fashion("plan", "--json").facts["unconfirmed"]["users"] == ["u1", "tiny"]


def test_for_one_user_first_and_then_for_everybody(fashion: Fashion, monkeypatch: pytest.MonkeyPatch) -> None:
    write_user(fashion.data / "uploads", "u2", 7)
    fashion("pregenerate")
    monkeypatch.setenv("FASHION_ORDER", "tucked")
    facts = fashion("rollout", "--user", "u1", "--yes", "--json").facts
    assert (facts["users"], facts["confirmed"], facts["passes"]["tryon"]) == (["u1"], True, 3)
    assert fashion("pregenerate", "--json").facts["engine_calls"] == 3 + 1
    orders = [
        fashion("why", user, LOOK, "--json").facts["recipe"]["parameters"]["order"] for user in ("u1", "u2")
    ]
    assert orders == ["tucked", "untucked"]
    assert fashion("rollout", "--yes", "--json").facts["users"] == ["tiny", "u2"]
    assert fashion("pregenerate").code == 0
    assert fashion("plan", "--json").facts["unconfirmed"] is None


def test_nothing_to_roll_out(made: Fashion) -> None:
    answer = made("rollout", "--yes", "--json")
    assert (answer.code, answer.facts["users"], answer.facts["confirmed"]) == (0, [], False)


def test_again_is_the_next_generation(fashion: Fashion) -> None:
    facts = fashion("rollout", "--again", "--yes", "--json").facts
    assert (facts["generation"], facts["changes"]) == (2, ["generation: 1 -> 2"])
    assert "of 4" in fashion("status").out
    assert fashion("why", "u1", LOOK).code == 0
    fashion("pregenerate")
    assert fashion("why", "u1", LOOK, "--json").facts["generation"] == 2


def test_an_unknown_user_is_named(made: Fashion) -> None:
    answer = made("rollout", "--user", "zoe", "--yes")
    assert (answer.code, "'zoe'" in answer.err) == (2, True)


def test_a_product_that_keeps_failing_is_quarantined_and_retried(
    fashion: Fashion, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(engine: NullDresser, batch: object) -> object:
        raise ConnectionError("the GPU went away")

    write_item(fashion.data / "uploads", "t2", ["tops"], 3)
    with monkeypatch.context() as patch:
        patch.setattr(NullDresser, "dress", broken)
        patch.setenv("FASHION_MAX_FAILURES", "1")
        assert fashion("pregenerate").code == 1
        facts = fashion("plan", "--json").facts
        assert (facts["to_make"], facts["quarantined"] > 0, facts["held"]) == (0, True, 2)
        text = fashion("status").out
        assert "Quarantined" in text
        assert "the GPU went away" in text
        assert fashion("pregenerate", "--json").facts["engine_calls"] == 0
    assert fashion("retry", "--user", "zoe", "--json").facts["retried"] == []
    retried = fashion("retry", "--item", "t2", "--json").facts["retried"]
    assert {(attempt["user"], attempt["item"]) for attempt in retried} == {("u1", "t2")}
    assert fashion("pregenerate").code == 0
    assert "nothing to retry" in fashion("retry").out


def test_a_spent_budget_stops_the_work_and_says_so(fashion: Fashion, monkeypatch: pytest.MonkeyPatch) -> None:
    write_item(fashion.data / "uploads", "t2", ["tops"], 3)
    monkeypatch.setenv("FASHION_USD_PER_SECOND", "1.0")
    monkeypatch.setenv("FASHION_BUDGET_RUN", "0")
    answer = fashion("pregenerate", "--json")
    assert (answer.code, answer.facts["engine_calls"]) == (1, 0)
    assert "BudgetSpent" in str(answer.facts["failed"])
    monkeypatch.setenv("FASHION_BUDGET_RUN", "100")
    assert fashion("pregenerate").code == 0
    assert fashion("plan", "--json").facts["spent_usd"]["day"] > 0


def test_a_budget_needs_a_price(made: Fashion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHION_BUDGET_DAY", "5")
    answer = made("plan")
    assert (answer.code, "FASHION_USD_PER_SECOND" in answer.err) == (2, True)
