"""A picture is made by the engines of everything that it was made from, under the licences of that time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bench.null_engines import card
from tests.core.workshop import GOWN, USERS, Workshop, uploads
from tryon.core.errors import NotForCommercialUse
from tryon.core.licences import licence_facts
from tryon.core.origins import MadeBy, Origin, Origins, check_origins, combined
from tryon.core.recipes import Stage
from tryon.core.records import Record

CATVTON = MadeBy("catvton", "1", "CC-BY-NC-SA-4.0")
WARP = MadeBy("warp", "1", "Apache-2.0")
FREE, BARRED = Origin((WARP,)), Origin((CATVTON,), barred=(CATVTON,))
UNKNOWN = Origin((WARP._replace(licence=None),), recorded=False)
ENGINES = {
    Stage.CROP: ("analyzer", "detector"),
    Stage.MASK: ("parser",),
    Stage.TRYON: ("dresser",),
    Stage.SPLAT: ("splatter",),
}


@pytest.fixture(scope="module")
def records() -> dict[tuple[Stage, str], Record]:
    """Everything of one person in a gown."""
    shop = Workshop(uploads=uploads(users=USERS[:1], items=[GOWN]))
    shop.run()
    stored = shop.open().records
    return {(r.stage, r.name): r for owner in (None, USERS[0]) for r in stored.of_user(owner)}


def origin(
    records: Mapping[tuple[Stage, str], Record],
    of: Stage,
    changed: tuple[Stage, str] | None = None,
    facts: Mapping[str, object] | None = None,
) -> Origin:
    """facts: what the record of `changed` says instead; None: there is no such record."""
    known = {r.input: r for name, r in records.items() if name != changed}
    if changed and facts is not None:
        known[records[changed].input] = replace(records[changed], facts=facts)
    look = known[records[of, f"{GOWN}.dress"].input]
    return Origins(lambda asked: {i: known[i] for i in asked if i in known}).of(look)


def test_every_record_says_the_licences_of_its_own_engines(
    records: dict[tuple[Stage, str], Record],
) -> None:
    said = {stage: licence_facts(*(card(name) for name in ENGINES[stage])) for stage in Stage}
    for (stage, _), record in records.items():
        assert said[stage].items() <= record.facts.items()
    assert dict(records[Stage.MASK, "face"].facts) == licence_facts(card("parser"))


def test_a_stage_may_be_used_only_if_all_its_engines_may() -> None:
    free, barred = card("analyzer"), replace(card("detector"), commercial_use=False, licence="NC")
    assert licence_facts(free, barred) == {
        "licences": {"null-analyzer": "Apache-2.0", "null-detector": "NC"},
        "commercial_use": False,
    }


def test_a_splat_is_made_by_the_engines_of_the_whole_chain(records: dict[tuple[Stage, str], Record]) -> None:
    found = origin(records, Stage.SPLAT)
    assert [engine.id for engine in found.engines] == [
        "null-analyzer", "null-detector", "null-parser", "null-dresser", "null-splatter",
    ]  # fmt: skip
    assert {engine.licence for engine in found.engines} == {"Apache-2.0"}
    assert found.commercial_use is True


@pytest.mark.parametrize(
    "source", [(Stage.MASK, "overall"), (Stage.MASK, "body"), (Stage.CROP, f"{GOWN}.dress")]
)
def test_what_it_was_made_from_bars_it(
    records: dict[tuple[Stage, str], Record], source: tuple[Stage, str]
) -> None:
    barred = {**records[source].facts, "commercial_use": False}
    for stage in (Stage.TRYON, Stage.SPLAT):
        assert origin(records, stage, source, barred).commercial_use is False
        assert origin(records, stage, source, {}).commercial_use is None
        assert origin(records, stage, source, None).commercial_use is None


def test_what_did_not_take_part_does_not_matter(records: dict[tuple[Stage, str], Record]) -> None:
    assert origin(records, Stage.TRYON, (Stage.MASK, "face"), {}).commercial_use is True


def test_an_earlier_versions_engine_has_no_licence(records: dict[tuple[Stage, str], Record]) -> None:
    found = origin(records, Stage.TRYON, (Stage.MASK, "body"), {})
    parsers = [engine for engine in found.engines if engine.id == "null-parser"]
    assert [engine.licence for engine in parsers] == [None, "Apache-2.0"]


def test_barred_is_said_before_unknown() -> None:
    assert combined([FREE, BARRED, UNKNOWN]).commercial_use is False
    assert combined([FREE, UNKNOWN]).commercial_use is None
    assert combined([FREE, FREE]) == FREE


def test_a_refusal_counts_names_and_advises() -> None:
    with pytest.raises(NotForCommercialUse) as raised:
        check_origins([FREE, BARRED, BARRED, FREE])
    said = str(raised.value)
    assert "2 of 4 pictures and splats" in said
    assert "2 made with catvton (CC-BY-NC-SA-4.0)" in said
    assert "`fashion rollout`, then `fashion pregenerate`" in said
    assert "earlier version" not in said


def test_what_is_not_recorded_is_not_allowed() -> None:
    with pytest.raises(NotForCommercialUse) as raised:
        check_origins([UNKNOWN, FREE, BARRED])
    said = str(raised.value)
    assert "2 of 3 pictures and splats" in said
    assert "1 of an earlier version, which did not record it" in said
    assert "`fashion rollout --again`" in said


def test_what_may_be_used_is_exported() -> None:
    check_origins([FREE, FREE])
    check_origins([])
