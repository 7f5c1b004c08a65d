"""Each materialization links its picture, and its numbers are such that Dagster plots them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import dagster as dg
import pytest

from bench.null_engines import null_stages
from bench.uploads import write_catalogue
from fashion_assets.operate import Operator
from tests.dagster.conftest import FAST
from tests.dagster.test_assets import PAIR_ASSETS, events
from tryon.core.pictures import Place, find_picture
from tryon.core.pipeline import Pipeline
from tryon.core.ports import Dressed, DressJob
from tryon.core.words import Refused
from tryon.settings import Settings
from tryon.wiring import build

DRAWN = ["product_crops", "user_masks", *PAIR_ASSETS]
LINK = re.compile(r"!\[(?P<alt>\w+)\]\(http://127\.0\.0\.1:3001(?P<path>/pictures/[a-z0-9_/]+\.webp)\)")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    """Everything is made; to be read only."""
    data = tmp_path_factory.mktemp("pictures")
    write_catalogue(data / "uploads", users=2, tops=2, bottoms=2)
    with dg.DagsterInstance.ephemeral() as instance:
        operator = Operator(build(Settings(data=data), lambda event: None, null_stages, FAST), instance)
        operator.pregenerate()
        yield operator


def links(instance: dg.DagsterInstance, asset: str) -> dict[str, str]:
    """Partition -> the path of its picture, of those that have one."""
    found = {}
    for event in events(instance, asset):
        if "pictures" in event.metadata:
            value = event.metadata["pictures"]
            assert isinstance(value, dg.MarkdownMetadataValue)
            link = LINK.fullmatch(value.md_str or "")
            assert link, value
            assert len(value.md_str or "") < 1000
            found[str(event.partition)] = link["path"]
    return found


def place(asset: str, partition: str) -> Place:
    if asset == "product_crops":
        return Place(asset, None, partition)
    item, _, user = partition.rpartition("|")
    return Place(asset, user, item or None)


def test_every_partition_that_shows_something_links_to_it(made: Operator) -> None:
    for asset in DRAWN:
        found = links(made.instance, asset)
        shows = {e.partition for e in events(made.instance, asset) if e.metadata["published"].value}
        assert set(found) == shows, asset
        for partition, path in found.items():
            assert path == place(asset, partition).path
            assert find_picture(made.pipeline, place(asset, partition)).records
    owns_nothing = {f"t000{item}|u000{user}" for item in range(2) for user in range(2)}
    assert not owns_nothing & set(links(made.instance, "outfit_tryons"))


def test_the_link_has_no_digest_key_or_token(made: Operator) -> None:
    told = " ".join(path for asset in DRAWN for path in links(made.instance, asset).values())
    for user in made.pipeline.records.users():
        for record in made.pipeline.records.of_user(user.id):
            assert record.key[:12] not in told
            assert record.token not in told
    assert not re.search(r"[0-9a-f]{12}", told)


def test_a_refused_partition_has_no_link(
    operator: Operator, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(batch: Sequence[DressJob]) -> list[Dressed | Refused]:
        return [Refused("arms_crossed", "The arms are crossed.") for _ in batch]

    monkeypatch.setattr(pipeline.stages.tryon.dresser, "dress", refuse)
    operator.pregenerate()
    assert [links(operator.instance, asset) for asset in PAIR_ASSETS] == [{}, {}, {}]
    assert len(links(operator.instance, "user_masks")) == 2


def test_the_link_goes_to_the_port_of_the_settings(pipeline: Pipeline, instance: dg.DagsterInstance) -> None:
    moved = replace(pipeline, pictures_url="http://127.0.0.1:4001")
    Operator(moved, instance).prepare()
    values = [str(e.metadata["pictures"].value) for e in events(instance, "user_masks")]
    assert all(value.startswith("![user_masks](http://127.0.0.1:4001/pictures/users/") for value in values)


def test_numbers_keep_one_type_over_all_partitions_so_that_they_plot(made: Operator) -> None:
    for asset in DRAWN:
        for name, kind in (
            ("seconds", dg.FloatMetadataValue),
            ("cost_usd", dg.FloatMetadataValue),
            ("published", dg.IntMetadataValue),
            ("refused", dg.IntMetadataValue),
        ):
            assert {type(e.metadata[name]) for e in events(made.instance, asset)} == {kind}, (asset, name)
