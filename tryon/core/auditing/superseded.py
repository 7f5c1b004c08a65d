"""Which records are still wanted, and since when the others are not.

`wanted_inputs` is the one place that says what is wanted of a user; what it does not name is superseded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from tryon.core.catalogue import Catalogue
from tryon.core.pipeline import Pipeline
from tryon.core.recipes import Input, Stage
from tryon.core.records import Record
from tryon.core.uploads import UploadKind, UploadRef, User

GRACE = timedelta(days=7)
"""How long a superseded result is kept after its successor was published: pages and runs that still use it end."""


class Slot(NamedTuple):
    """The place that a product takes, whatever it is made from."""

    stage: Stage
    name: str


def wanted_inputs(catalogue: Catalogue, users: Sequence[User], user: User | None) -> dict[Input, Slot]:
    """(key, generation) of everything that is shown or made of one user, or of the items themselves (None)."""
    products = catalogue.crops_in_use(users) if user is None else catalogue.in_use(user)
    return {product.input: Slot(product.stage, product.name) for product in products}


class World:
    """The uploads as they are registered at one moment."""

    def __init__(self, pipeline: Pipeline) -> None:
        records = pipeline.records
        self._catalogue = pipeline.catalogue()
        self.users = {user.id: user for user in records.users()}
        self._offered = {UploadRef(UploadKind.USER, u.id, u.ordinal) for u in self.users.values()}
        self._offered |= {UploadRef(UploadKind.ITEM, i.id, i.ordinal) for i in records.items()}
        self._suspended = set(records.suspended())

    def is_dangling(self, record: Record) -> bool:
        """An upload it was made from was erased."""
        return any(ref not in self._offered and not self._is_suspended(ref) for ref in record.uploads)

    def may_return(self, record: Record) -> bool:
        """An upload it was made from is suspended: when it is back, the record is wanted as it is."""
        return any(self._is_suspended(ref) for ref in record.uploads)

    def is_living(self, user: str | None) -> bool:
        """Offered or suspended: not erased, and not unknown. The items (None) always are."""
        return user is None or user in self.users or (UploadKind.USER, user) in self._suspended

    def _is_suspended(self, ref: UploadRef) -> bool:
        return (ref.kind, ref.id) in self._suspended

    def wanted(self, owner: str | None) -> dict[Input, Slot]:
        """Nothing, where the owner is not offered."""
        if owner is not None and owner not in self.users:
            return {}
        return wanted_inputs(self._catalogue, list(self.users.values()), self.users[owner] if owner else None)

    def switched_at(self, owner: str | None) -> str:
        """When the user was last shown another release; of the items: when anybody was."""
        return max((user.switched_at for user in self.users.values() if owner in (None, user.id)), default="")


@dataclass
class Judged:
    """The records of one owner. Superseded holds `expired` too: those past the grace."""

    dangling: list[Record]
    superseded: list[Record]
    expired: list[Record]


def judge(world: World, owner: str | None, records: Sequence[Record], before: datetime) -> Judged:
    """before: what was superseded earlier is expired."""
    wanted, found = world.wanted(owner), Judged([], [], [])
    switched = world.switched_at(owner)
    successors = _successors(records, wanted)
    slots = set(wanted.values())
    for record in records:
        if world.is_dangling(record):
            found.dangling.append(record)
        elif record.input not in wanted and not world.may_return(record):
            found.superseded.append(record)
            since = _since(record, slots, successors, switched)
            if since is not None and since < before:
                found.expired.append(record)
    return found


def _successors(records: Iterable[Record], wanted: Mapping[Input, Slot]) -> dict[Slot, datetime]:
    """When the wanted record of each place was published."""
    found: dict[Slot, datetime] = {}
    for record in records:
        slot = wanted.get(record.input)
        if slot is not None:
            published = datetime.fromisoformat(record.published_at)
            found[slot] = min(found.get(slot, published), published)
    return found


def _since(
    record: Record, slots: set[Slot], successors: Mapping[Slot, datetime], switched: str
) -> datetime | None:
    """No moment is stored, but a later one is known: nobody needs a result once its successor is there and shown.
    Without a successor yet: None, it is kept. A place that is not wanted any more has no successor; its own age
    counts."""
    slot = Slot(record.stage, record.name)
    known = [datetime.fromisoformat(at) for at in (record.published_at, switched) if at]
    if slot not in slots:
        return max(known)
    return max([successors[slot], *known]) if slot in successors else None
