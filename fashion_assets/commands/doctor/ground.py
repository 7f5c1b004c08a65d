"""What everything stands on: Python, Dagster, the disk, and the weights that ship with the project."""

from __future__ import annotations

import shutil
import sys
import tempfile
from importlib.metadata import version
from uuid import uuid4

from fashion_assets.commands.doctor.finding import NOT_YET, Check, Unwell
from tryon.settings import Settings
from tryon.stores.disk import nearest

ENOUGH_BYTES = 2 * 1024**3
"""A user's outfits of a 300-item catalogue take about 1 GB; SQLite and Dagster need room beside them."""

PROBE = "fashion doctor"
"""A name of partitions that no asset has."""


def _python(settings: Settings) -> str:
    """pip refuses a Python that is too old, so this only tells which one runs."""
    found = ".".join(map(str, sys.version_info[:3]))

    return f"Python {found}"


def _dagster(settings: Settings) -> str:
    found = version("dagster")
    if not found.startswith("1.13."):
        raise Unwell(f"dagster {found}", "install dagster 1.13 (pip install -e .)")
    return f"dagster {found}"


def _writable(settings: Settings) -> str:
    place = nearest(settings.data)
    try:
        with tempfile.TemporaryFile(dir=place) as file:
            file.write(b"x")
    except OSError as error:
        raise Unwell(
            f"{place}: {error.strerror}", "give this user write permission, or name --data"
        ) from None
    return f"{settings.data} is writable" if place == settings.data else f"{settings.data} will be made"


def _space(settings: Settings) -> str:
    free = shutil.disk_usage(nearest(settings.data)).free
    if free < ENOUGH_BYTES:
        raise Unwell(f"{free / 1e9:.1f} GB free", "free some disk space, or name another --data")
    return f"{free / 1e9:.1f} GB free"


def _weights(settings: Settings) -> str:
    from tryon.engines.studio_parser.body_net import WEIGHTS, read_weights

    if not WEIGHTS.with_suffix(".json").exists():
        raise Unwell(
            f"{WEIGHTS.name} has no .json with its sha256",
            "restore tryon/engines/weights from the repository",
        )
    return f"{WEIGHTS.name}, {len(read_weights(WEIGHTS)) / 1e6:.2f} MB, sha256 as committed"


def _dagster_home(settings: Settings) -> str:
    if not settings.data.exists():
        return NOT_YET
    from fashion_assets.operate import open_instance

    with open_instance(settings.data, settings.dagster_postgres_url) as instance:
        return f"{settings.data / 'dagster'}, {instance.get_runs_count()} runs"


def _dagster_storage(settings: Settings) -> str:
    """A key written, read and removed, through Dagster's own storage."""
    if not settings.data.exists():
        return NOT_YET
    from fashion_assets.operate import open_instance
    from fashion_assets.storage_errors import named_errors

    key = uuid4().hex
    with (
        named_errors(settings.data / "dagster"),
        open_instance(settings.data, settings.dagster_postgres_url) as instance,
    ):
        instance.add_dynamic_partitions(PROBE, [key])
        kept = instance.has_dynamic_partition(PROBE, key)
        instance.delete_dynamic_partition(PROBE, key)
        if not kept or instance.has_dynamic_partition(PROBE, key):
            raise Unwell("what was written reads back differently", "check the database and its disk")
    return f"{'SQLite' if settings.dagster_postgres_url is None else 'PostgreSQL'}, written and read back"


CHECKS: dict[str, Check] = {
    "python": _python,
    "dagster": _dagster,
    "data folder": _writable,
    "disk space": _space,
    "engine weights": _weights,
    "dagster home": _dagster_home,
    "dagster storage": _dagster_storage,
}
