"""`fashion` in a process that dies just before one call of a store: DIE_AT is `Class.method`."""

from __future__ import annotations

import os
from typing import Any

from fashion_assets.cli import app
from fashion_assets.commands import opening
from tests.cli.null_fashion import open_null
from tryon.stores.files import FileBlobs
from tryon.stores.sqlite.records import SqliteRecords

STORES: dict[str, type] = {"FileBlobs": FileBlobs, "SqliteRecords": SqliteRecords}


def die(*given: Any) -> None:
    os._exit(9)


if __name__ == "__main__":
    store, _, method = os.environ["DIE_AT"].partition(".")
    setattr(STORES[store], method, die)
    opening.open_pipeline = open_null
    app()
