"""What runs on another machine: one order, from its text in Records to its delivery there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tryon.core.errors import EngineUnusable
from tryon.core.events import EventKind, LogEvent
from tryon.core.orders import Delivery, Order
from tryon.core.ports import Records
from tryon.core.recipes import Stage
from tryon.core.records import BlobFacts
from tryon.core.stages.remote import BUSY, DELIVERED, WITHDRAWN, lease_of
from tryon.core.stages.telling import tell
from tryon.core.stages.workbench import Workbench


@dataclass(frozen=True)
class RemoteWorker:
    """say: prints a line of the log where the worker runs; the orchestrator keeps what it says.
    lease_seconds: longer than any order takes. stores: names them; of an order for other ones nothing is made."""

    workbench: Workbench
    records: Records
    say: Callable[[LogEvent], None]
    now: Callable[[], str]
    lease_seconds: float = 3600.0
    stores: str = ""

    def warm(self, stage: Stage) -> None:
        """Load the stage's models."""
        self.workbench.stages[stage].warm()

    def run(self, order_id: str, call_id: str) -> str:
        """Its answer as in tryon.core.stages.remote. call_id: stays the same when the machine is taken away and the
        call begins again, so that it has its own lease back."""
        lease = lease_of(order_id)
        if not self.records.claim([lease], call_id, self.lease_seconds):
            return BUSY
        try:
            placed = self.records.order(order_id)
            if placed is None:
                return WITHDRAWN
            return DELIVERED if placed.delivery else self._work(order_id, Order.read(placed.text))
        finally:
            self.records.release([lease], call_id)

    def _work(self, order_id: str, order: Order) -> str:
        products = [asked.product for task in order.tasks for asked in task]
        for event in tell(products, EventKind.STARTED, self.now(), order.run_id):
            self.say(event)
        delivery = self.workbench.make(order) if order.stores == self.stores else _other_stores(order)
        for parcel in filter(None, delivery.parcels):
            for event in parcel.told():
                self.say(event)
        # It is all that is left of the engine's work: an answer that fails once must not cost another pass.
        if self.workbench.retry(lambda: self.records.deliver(order_id, delivery.text())):
            return DELIVERED
        self._discard(delivery)
        return WITHDRAWN

    def _discard(self, delivery: Delivery) -> None:
        """Nobody publishes what was made of an erased upload, so nobody else would take it away again. Other blobs
        may be named by whoever made the same in the meantime: an audit decides."""
        parcels = filter(None, delivery.parcels)
        stored = [deposit.record for parcel in parcels for deposit in parcel.deposits if deposit.offered]
        gone = self.records.gone([ref for record in stored for ref in record.uploads])
        self.workbench.depot.discard(
            [r for r in stored if isinstance(r.result, BlobFacts) and not gone.isdisjoint(r.uploads)]
        )


def _other_stores(order: Order) -> Delivery:
    """What is made here would be published where its blobs are not."""
    said = (
        "the workers keep results in other stores than the orchestrator: give their secret the same "
        "NEXT_PUBLIC_SUPABASE_URL, CLOUDINARY_URL and GOOGLE_CLOUD_PROJECT, and deploy them anew (docs/modal.md)"
    )
    return Delivery((None,) * len(order.tasks), 0.0, (EngineUnusable.__name__, said))
