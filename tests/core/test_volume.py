"""How many bytes a plan adds: passes to run, times what passes left so far."""

from __future__ import annotations

import pytest

from tests.core.workshop import Workshop, make_all
from tryon.core import volume
from tryon.core.recipes import Stage
from tryon.core.records import BlobFacts
from tryon.core.volume import ESTIMATES, RECORD_BYTES, Size, Volume, measure
from tryon.core.work import Plan


def planned(**passes: int) -> Plan:
    return Plan(passes={stage: passes.get(stage, 0) for stage in Stage})


def test_a_stage_adds_its_passes_times_the_size_of_one() -> None:
    found = Volume({Stage.TRYON: Size(4, 4, 1000), Stage.CROP: Size(2, 6, 900)})
    plan = planned(tryon=10, crop=3)
    assert found.blobs(plan, [Stage.TRYON]) == 2500
    assert found.blobs(plan, [Stage.TRYON, Stage.CROP]) == 2500 + 1350
    assert found.records(plan) == (10 + 9) * RECORD_BYTES


def test_before_anything_is_stored_it_is_an_estimate() -> None:
    assert Volume().blobs(planned(splat=2), [Stage.SPLAT]) == 2 * 300_000 * 56
    assert not any(Volume().of(stage).measured for stage in Stage)
    assert ESTIMATES[Stage.MASK].products == 6


def test_what_is_stored_measures_a_pass() -> None:
    """All crops of a photo are of one pass, all masks of a person too; the rest is made one by one."""
    shop = Workshop()
    pipeline = shop.open()
    pipeline.reconcile()
    make_all(pipeline)
    found, records = measure(pipeline.records), list(pipeline.records.of_user(None))
    blobs = [record.result.size for record in records if isinstance(record.result, BlobFacts)]
    items, users = pipeline.records.items(), pipeline.records.users()
    assert found.of(Stage.CROP) == Size(len(items), len(records), sum(blobs))
    masks = found.of(Stage.MASK)
    assert (masks.passes, masks.products, masks.measured) == (len(users), 6 * len(users), True)
    assert found.of(Stage.TRYON).passes == found.of(Stage.TRYON).products > 0


def test_only_a_sample_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(volume, "MOST_RECORDS", 2)
    monkeypatch.setattr(volume, "MOST_USERS", 1)
    pipeline = Workshop().open()
    pipeline.reconcile()
    make_all(pipeline)
    assert sum(size.products for size in measure(pipeline.records).sizes.values()) == 4
