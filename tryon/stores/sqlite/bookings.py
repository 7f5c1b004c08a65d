"""What engine batches cost, booked before they start."""

from __future__ import annotations

import sqlite3

from tryon.core.budget import Caps, Spent, check_budget
from tryon.stores.sqlite.database import Table

_SPENT = (
    "SELECT (SELECT total(usd) FROM bookings WHERE run_id = ?), (SELECT total(usd) FROM bookings WHERE day = ?), "
    "(SELECT total(usd) FROM bookings)"
)


class Bookings(Table):
    def book(self, run_id: str, day: str, usd: float, caps: Caps) -> int:
        """Checked and booked in one step, so two runs cannot both take the last dollar."""
        with self._database.transaction() as connection:
            check_budget(caps, _spent(connection, run_id, day), usd)
            booked = connection.execute(
                "INSERT INTO bookings (run_id, day, usd) VALUES (?, ?, ?)", (run_id, day, usd)
            )
            assert booked.lastrowid is not None, "an INSERT that did not raise has a row"
            return booked.lastrowid

    def settle(self, booking: int, usd: float) -> None:
        with self._database.transaction() as connection:
            connection.execute("UPDATE bookings SET usd = ? WHERE number = ?", (usd, booking))

    def spent(self, run_id: str, day: str) -> Spent:
        return _spent(self._database.connection(), run_id, day)


def _spent(connection: sqlite3.Connection, run_id: str, day: str) -> Spent:
    return Spent(*connection.execute(_SPENT, (run_id, day)).fetchone())
