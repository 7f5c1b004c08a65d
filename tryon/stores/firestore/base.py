"""What the code of every collection stands on."""

from __future__ import annotations

from tryon.stores.firestore.client import Firestore

UPLOADS, ORDINALS, PRODUCTS, COSTS = "vton_uploads", "vton_ordinals", "vton_products", "vton_costs"
LEASES, RELEASES, BOOKINGS, ANSWERS = "vton_leases", "vton_releases", "vton_bookings", "vton_answers"
LOGS, DOCUMENTS, ORDERS = "vton_logs", "vton_documents", "vton_orders"

MOST_PLACES = 240
"""Documents of one atomic step: with what is written beside each of them it is one commit. More of them are several
steps, one after the other: a process that dies in between leaves what a shorter call would have left."""


class Collection:
    """Base of the code of one collection."""

    def __init__(self, store: Firestore) -> None:
        self._store = store

    def close(self) -> None:
        self._store.close()
