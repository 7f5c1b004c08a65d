"""What engine batches cost, booked before they start."""

from __future__ import annotations

from uuid import uuid4

from tryon.core.budget import Caps, Spent, check_budget
from tryon.stores.firestore.base import BOOKINGS, Collection
from tryon.stores.firestore.places import Found, place


class Bookings(Collection):
    def book(self, run_id: str, day: str, usd: float, caps: Caps) -> int:
        """Bookings are a chain of documents that can be created once: whoever adds up the sums and then gets the next
        number knows that nobody booked in between, so two runs cannot both take the last dollar."""
        call, tried = uuid4().hex, list[int]()

        def decide(_: Found) -> tuple[int, Found]:
            for number in tried:
                if (self._store.get([place(BOOKINGS, number)])[place(BOOKINGS, number)] or {}).get(
                    "call"
                ) == call:
                    return number, {}
            number = self._next_booking()
            check_budget(caps, self.spent(run_id, day) if caps.any else Spent(), usd)
            tried[:] = [number]
            facts = {"number": number, "run_id": run_id, "day": day, "usd": usd, "call": call}
            return number, {place(BOOKINGS, number): facts}

        return self._store.change([], decide)

    def settle(self, booking: int, usd: float) -> None:
        here = place(BOOKINGS, booking)

        def decide(found: Found) -> tuple[None, Found]:
            old = found[here]
            return None, {here: {**old, "usd": usd}} if old else {}

        self._store.change([here], decide)

    def spent(self, run_id: str, day: str) -> Spent:
        """Three sums, one after the other; `book` sees to it that nothing comes between them."""
        (run,) = self._store.sums(BOOKINGS, ["usd"], ("run_id", "==", run_id))
        (of_day,) = self._store.sums(BOOKINGS, ["usd"], ("day", "==", day))
        (total,) = self._store.sums(BOOKINGS, ["usd"])
        return Spent(float(run), float(of_day), float(total))

    def _next_booking(self) -> int:
        last = self._store.first(BOOKINGS, order="-number", only=("number",))
        return int(last["number"]) + 1 if last else 1
