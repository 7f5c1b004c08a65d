"""A release: equal ones have one id, it survives storage, and its changes are told in words."""

from __future__ import annotations

import json
from dataclasses import replace

from tests.core.samples import METHODS, RELEASE
from tryon.core.recipes import Stage
from tryon.core.releases import Release, read_release, release_changes
from tryon.core.words import Order

NEWER = replace(
    RELEASE, methods={**METHODS, Stage.TRYON: replace(METHODS[Stage.TRYON], engines={"engine-tryon": "r9"})}
)


def test_equal_releases_have_one_id() -> None:
    assert Release(dict(METHODS)).id == RELEASE.id
    others = [NEWER, replace(RELEASE, order=Order.TUCKED), replace(RELEASE, generation=2)]
    assert len({RELEASE.id, *(other.id for other in others)}) == 4


def test_it_survives_storage() -> None:
    for release in (RELEASE, NEWER, replace(RELEASE, generation=3, order=Order.TUCKED, splat_singles=True)):
        assert read_release(json.loads(json.dumps(release.facts()))) == release


def test_generations_work_alike_and_engines_do_not() -> None:
    assert RELEASE.works_like(replace(RELEASE, generation=7))
    assert not RELEASE.works_like(NEWER)
    assert not RELEASE.works_like(replace(RELEASE, order=Order.TUCKED))


def test_what_changed_is_told_in_words() -> None:
    assert release_changes(RELEASE, RELEASE) == []
    assert release_changes(RELEASE, NEWER) == ["tryon engines engine-tryon: r1 -> r9"]
    other = replace(RELEASE, order=Order.TUCKED, generation=2)
    assert release_changes(RELEASE, other) == ["painter's order: untucked -> tucked", "generation: 1 -> 2"]
