"""Records in SQLite, put together from the code of its tables."""

from __future__ import annotations

from tryon.stores.sqlite.answers import SqliteAnswers
from tryon.stores.sqlite.attempts import Attempts
from tryon.stores.sqlite.bookings import Bookings
from tryon.stores.sqlite.orders import SqliteOrders
from tryon.stores.sqlite.products import Products
from tryon.stores.sqlite.releases import Releases
from tryon.stores.sqlite.tombstones import Tombstones
from tryon.stores.sqlite.traces import Traces
from tryon.stores.sqlite.uploads import UploadRegister


class SqliteRecords(
    UploadRegister,
    Tombstones,
    Products,
    Traces,
    Attempts,
    Releases,
    Bookings,
    SqliteOrders,
    SqliteAnswers,
):
    """Implements tryon.core.ports.Records over one Database."""
