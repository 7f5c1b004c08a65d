"""Records in SQLite, put together from its three tables' code."""

from __future__ import annotations

from tryon.stores.sqlite.leases import Leases
from tryon.stores.sqlite.products import Products
from tryon.stores.sqlite.uploads import UploadRegister


class SqliteRecords(UploadRegister, Products, Leases):
    """Implements tryon.core.ports.Records over one Database."""
