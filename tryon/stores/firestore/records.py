"""Records in Firestore, put together from the code of its collections."""

from __future__ import annotations

from typing import Protocol

from tryon.stores.firestore.answers import FirestoreAnswers
from tryon.stores.firestore.attempts import Attempts
from tryon.stores.firestore.bookings import Bookings
from tryon.stores.firestore.client import Firestore
from tryon.stores.firestore.leases import Leases
from tryon.stores.firestore.orders import Orders
from tryon.stores.firestore.products import Products
from tryon.stores.firestore.releases import Releases
from tryon.stores.firestore.tombstones import Tombstones
from tryon.stores.firestore.traces import Traces
from tryon.stores.firestore.uploads import UploadRegister


class LocalFile(Protocol):
    """A file of this machine that held personal data."""

    def scrub(self) -> bool:
        """As `Records.scrub`."""
        ...


class FirestoreRecords(
    UploadRegister,
    Tombstones,
    Products,
    Traces,
    Leases,
    Attempts,
    Releases,
    Bookings,
    Orders,
    FirestoreAnswers,
):
    """Implements tryon.core.ports.Records over one Firestore.

    A method is one atomic step up to the writes of one commit (MOST_WRITES); a longer one is several of them, in
    order. What was written though its answer was lost is recognised, so nothing is counted twice.

    files: of this machine, which `scrub` cleans: the outbox of the log, and digests of photos.
    """

    def __init__(self, store: Firestore, *files: LocalFile) -> None:
        super().__init__(store)
        self._files = files

    def scrub(self) -> bool:
        """Nothing else of ours lies on a disk. Firestore itself keeps deleted documents for point-in-time recovery
        (an hour; seven days where that is switched on) and in backups that somebody schedules."""
        return all(file.scrub() for file in self._files)
