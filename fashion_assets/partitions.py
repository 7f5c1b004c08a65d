"""Partitions: items, users, and every user x item pair. Keys are added in the order of the ordinals."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import dagster as dg

from tryon.core.matrix import Rectangle
from tryon.core.scheduling.requests import Order
from tryon.core.uploads import UploadKind

# Mapping user x item onto its dimensions, and chunked backfills, are beta in Dagster 1.13. They do what we need
# (tests/dagster holds them to it), so a warning at every load would only hide others.
warnings.filterwarnings("ignore", category=dg.BetaWarning)

users = dg.DynamicPartitionsDefinition(name="user")
items = dg.DynamicPartitionsDefinition(name="item")
pairs = dg.MultiPartitionsDefinition({"user": users, "item": items})
to_user = dg.MultiToSingleDimensionPartitionMapping("user")
to_item = dg.MultiToSingleDimensionPartitionMapping("item")

RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"


def range_tags(first: str, last: str) -> dict[str, str]:
    return {RANGE_START: first, RANGE_END: last}


def rectangle_tags(rectangle: Rectangle) -> dict[str, str]:
    """Run tags that make one run cover a rectangle: a range of pairs is the product of its two ranges."""
    first = dg.MultiPartitionKey({"user": rectangle.users[0], "item": rectangle.items[0]})
    last = dg.MultiPartitionKey({"user": rectangle.users[-1], "item": rectangle.items[-1]})
    return range_tags(str(first), str(last))


def user_and_item(keys: Sequence[str]) -> list[tuple[str, str]]:
    found = []
    for key in keys:
        assert isinstance(key, dg.MultiPartitionKey), "a pair is a multi-partition key"
        by_dimension = key.keys_by_dimension
        found.append((by_dimension["user"], by_dimension["item"]))
    return found


def pair_of(key: str) -> tuple[str, str]:
    """(user, item) of a pair's key. Dagster joins dimensions in the order of their names, and no id holds a '|'."""
    item, _, user = key.partition("|")
    return user, item


def known_order(instance: dg.DagsterInstance) -> Order:
    """Keys as Dagster has them: a range is what lies between its ends here, whatever ordinals say."""
    return Order(instance.get_dynamic_partitions("user"), instance.get_dynamic_partitions("item"))


def missing_keys(order: Order, wanted: Order) -> Order:
    """Keys that Dagster does not have yet, in the order of the ordinals, which becomes the order of ranges."""
    users, items = set(order.users), set(order.items)
    return Order([u for u in wanted.users if u not in users], [i for i in wanted.items if i not in items])


def forget_partition(instance: dg.DagsterInstance, kind: UploadKind, upload_id: str) -> None:
    """The dimensions have the names of the kinds. Old events keep the key: Dagster's SQL storage cannot wipe them."""
    if instance.has_dynamic_partition(kind.value, upload_id):
        instance.delete_dynamic_partition(kind.value, upload_id)
