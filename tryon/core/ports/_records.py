"""Records, put together from what they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from tryon.core.budget import Caps, Spent
from tryon.core.ports._answers import Answers
from tryon.core.ports._orders import Orders
from tryon.core.recipes import Input, Stage
from tryon.core.records import Attempt, History, Publication, Record, Verdict
from tryon.core.releases import Release
from tryon.core.uploads import (
    Item,
    Kept,
    Registered,
    Tombstone,
    UploadFile,
    UploadKind,
    UploadRef,
    User,
)


class Register(Protocol):
    """Uploads: their ordinals, and whether their source still offers them."""

    def register(self, uploads: Sequence[UploadFile], listed_at: str | None = None) -> Registered:
        """Give new uploads their ordinals and note changed photos. Never removes anything.

        An id that is being erased is passed over, and with `listed_at` (when the listing began) also one whose
        erasure ended after that: what was seen before it must not come back.
        """
        ...

    def suspend(self, uploads: Sequence[tuple[UploadKind, str]], at: str) -> None:
        """Their source does not offer them any more. Until `register` sees them again they are not listed, and
        nothing made from them can be published; ordinals and verdicts stay."""
        ...

    def suspended(self) -> list[tuple[UploadKind, str]]: ...

    def users(self) -> list[User]: ...

    def items(self) -> list[Item]: ...

    def user(self, user_id: str) -> User | None:
        """The one of `users` with this id. Costs the same however many there are."""
        ...

    def some_items(self, item_ids: Sequence[str]) -> list[Item]:
        """Those of `items` with these ids, by ordinal. Costs the same however many others there are."""
        ...

    def items_mark(self) -> str | None:
        """Another one after a change of `items`, by whomever: equal marks, equal items. None where that cannot be told
        without reading them."""
        ...

    def kept(self) -> list[Kept]:
        """Every registered upload without a tombstone, suspended ones too."""
        ...


class Verdicts(Protocol):
    """Products: what was published or refused, and what it cost."""

    def publish(self, records: Sequence[Record]) -> list[Publication]:
        """Make verdicts visible: all winners of the call at once. See Publication for who loses."""
        ...

    def find(self, products: Sequence[Input]) -> Mapping[Input, Record]:
        """Exactly these generations of these keys; those that have a verdict."""
        ...

    def standings(self, user: str | None) -> Mapping[Input, Verdict]:
        """The verdict of every product of one user, or of all items (None). Planning reads millions of these."""
        ...

    def of_user(self, user: str | None) -> Iterator[Record]:
        """Every record of one user, or of all items (None), all generations."""
        ...

    def of_upload(self, upload: UploadRef) -> Iterator[Record]:
        """Every record of whatever was made from one upload, all generations, of any user."""
        ...

    def owners(self) -> list[str | None]:
        """Whoever has records: user ids, suspended and erased ones too, and None for the items' own."""
        ...

    def names(self, paths: Sequence[str], besides: UploadRef | None = None) -> set[str]:
        """Those of these blob paths that a record names, of any generation; not counting what was made from one
        upload."""
        ...

    def withdraw(self, records: Sequence[Record]) -> None:
        """Delete exactly these (told by their token, so a later publication under the same key stays)."""
        ...

    def history(self) -> Mapping[Stage, History]: ...


class Attempts(Protocol):
    """Engine work that was spent in vain."""

    def fail(self, attempts: Sequence[Attempt]) -> None:
        """Count one more failure of each product; publishing it forgets them."""
        ...

    def attempts(self) -> list[Attempt]:
        """Every product that failed since it was last made or retried, the latest last."""
        ...

    def retry(self, products: Sequence[Input]) -> None:
        """Forget the failures of these products."""
        ...


class Rollouts(Protocol):
    """Releases, and which of them each user is shown and has made."""

    def confirm(self, release: Release, users: Sequence[str]) -> None:
        """From now on this release is made for these users; a user who has none yet is shown it too."""
        ...

    def releases(self) -> list[Release]:
        """Every confirmed release, the one confirmed last at the end."""
        ...

    def confirmed(self, release_id: str) -> Release | None:
        """The one of `releases` with this id."""
        ...

    def switch(self, user: str, release_id: str, at: str) -> bool:
        """Show the user this release from now (`at`) on; False when another one has become the target."""
        ...


class Bookings(Protocol):
    """What engine batches cost."""

    def book(self, run_id: str, day: str, usd: float, caps: Caps) -> int:
        """Book an expected cost and return the booking's number. Raises BudgetSpent when a cap forbids it."""
        ...

    def settle(self, booking: int, usd: float) -> None:
        """Replace what was expected by what it cost."""
        ...

    def spent(self, run_id: str, day: str) -> Spent: ...


class Tombstones(Protocol):
    """Erasure: what must not come back, and what is left of it."""

    def bury(self, upload: UploadRef, at: str) -> None:
        """Set the tombstone: from now on nothing made from this upload can be published. The digest of its photo
        and its sidecar are forgotten at once."""
        ...

    def bury_unregistered(self, kind: UploadKind, upload_id: str, at: str) -> UploadRef:
        """The tombstone of an upload that was rejected and has no ordinal; it gets one."""
        ...

    def gone(self, uploads: Sequence[UploadRef]) -> set[UploadRef]:
        """Those that have a tombstone or are suspended: what is made from them cannot be published."""
        ...

    def tombstones(self) -> list[Tombstone]: ...

    def erasing(self) -> list[UploadRef]:
        """Those whose tombstone is not final. Their ids are not registered until it is."""
        ...

    def draft(self, upload: UploadRef, receipt: str) -> None:
        """Keep what the receipt of an unfinished erasure will say."""
        ...

    def erased(self, upload: UploadRef, at: str, receipt: str) -> None:
        """Make the tombstone final, with its receipt. The first call counts."""
        ...

    def unpublish(self, upload: UploadRef) -> int:
        """Delete every record of `of_upload`; how many there were. What engines cost stays in `history`."""
        ...

    def drop_keys(self, keys: Sequence[str]) -> int:
        """Delete whatever else is kept by these keys (leases, failures, orders), and every lease that has lapsed."""
        ...

    def kept_keys(self, keys: Sequence[str]) -> set[str]:
        """Those of these keys that `drop_keys` would find something of."""
        ...

    def scrub(self) -> bool:
        """Make what was deleted unreadable in the store's own files too, the event log's included. False while a
        reader or writer holds it up; then it was not done."""
        ...


class Records(Register, Verdicts, Attempts, Rollouts, Bookings, Tombstones, Answers, Orders, Protocol):
    """The facts that decide what is made and what is shown. Every method is one atomic step."""
