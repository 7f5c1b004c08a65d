"""The ports: what a stage asks of a model (one engine a file in tryon/engines/) and of outside systems (tryon/stores/).

Pictures are numpy arrays, uint8, [H, W, 3], RGB, sRGB unless said otherwise; masks are uint8 [H, W] with
only 0 and 255. Every method takes a batch and answers one value per entry, in order: a result, or `Refused`
with a reason for a person to read. An exception means infrastructure (it is retried), never a bad photo.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tryon.core.budget import Caps, Spent
from tryon.core.recipes import Input, Stage
from tryon.core.records import Attempt, History, Lease, Publication, Record, Verdict
from tryon.core.releases import Release
from tryon.core.splats import Gaussians
from tryon.core.uploads import (
    Item,
    Kept,
    Registered,
    Rejected,
    Tombstone,
    UploadFile,
    UploadKind,
    UploadRef,
    User,
)
from tryon.core.words import Category, EngineCard, Order, Refused

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class SeenGarment:
    """One garment an analyzer saw in a product photo. `phrase` is what a detector is asked to find."""

    category: Category
    phrase: str


@dataclass(frozen=True, slots=True)
class ProductPhoto:
    """image: [H, W, 3]. declared: the categories that the item's sidecar asks for, in its order."""

    image: Pixels
    declared: tuple[Category, ...]


class Analyzer(Protocol):
    """Says which garments a product photo shows."""

    card: EngineCard

    def analyze(self, batch: Sequence[ProductPhoto]) -> list[tuple[SeenGarment, ...] | Refused]: ...


@dataclass(frozen=True, slots=True)
class Detected:
    """box: (left, top, right, bottom) pixels inside the image, right and bottom exclusive.
    alpha: [H, W] uint8 coverage 0..255 over the whole photo, when the engine can cut the garment out."""

    box: tuple[int, int, int, int]
    alpha: Pixels | None
    score: float


@dataclass(frozen=True, slots=True)
class DetectJob:
    image: Pixels
    seen: tuple[SeenGarment, ...]


class Detector(Protocol):
    """Finds each seen garment: one answer per entry of `seen`, in order."""

    card: EngineCard

    def detect(self, batch: Sequence[DetectJob]) -> list[tuple[Detected | Refused, ...]]: ...


@dataclass(frozen=True, slots=True)
class Body:
    """One chosen person, at the photo's size.

    labels: uint8 [H, W], ATR-18 (0 background, 1 hat, 2 hair, 3 sunglasses, 4 upper clothes, 5 skirt, 6 pants,
        7 dress, 8 belt, 9/10 left/right shoe, 11 face and neck, 12/13 left/right leg, 14/15 left/right arm,
        16 bag, 17 scarf); left and right are the person's.
    keypoints: float32 [19, 3] (x, y in pixels, score 0..1), OpenPose-18 order plus 18 = chin; score 0 = not seen.
    """

    labels: Pixels
    keypoints: NDArray[np.float32]


class BodyParser(Protocol):
    card: EngineCard

    def parse(self, batch: Sequence[Pixels]) -> list[Body | Refused]: ...


@dataclass(frozen=True, slots=True)
class DressJob:
    """Put one garment on one person.

    person: [H, W, 3], the photo or the base that already wears the other garment.
    region: mask [H, W]; only pixels at 255 may change.
    garment: uint8 [h, w, 4] RGBA crop (straight alpha; 255 everywhere when the detector gave no cut-out).
    body: the parse of the ORIGINAL photo, scaled to `person`'s size.
    order: whether a bottom goes behind the top that is worn (untucked) or in front of it (tucked).
    """

    person: Pixels
    region: Pixels
    garment: Pixels
    category: Category
    body: Body
    seed: int
    order: Order = Order.UNTUCKED


@dataclass(frozen=True, slots=True)
class Dressed:
    """image: same shape as `DressJob.person`, equal to it wherever `region` is 0."""

    image: Pixels


class Dresser(Protocol):
    card: EngineCard

    def dress(self, batch: Sequence[DressJob]) -> list[Dressed | Refused]: ...


@dataclass(frozen=True, slots=True)
class SplatJob:
    """image: [H, W, 3] of a finished look. f_px: focal length in pixels of that image."""

    image: Pixels
    f_px: float


class Splatter(Protocol):
    card: EngineCard

    def splat(self, batch: Sequence[SplatJob]) -> list[Gaussians | Refused]: ...


class Uploads(Protocol):
    """Where people put their photos. Read only, but for erasures."""

    def list(self) -> tuple[tuple[UploadFile, ...], tuple[Rejected, ...]]:
        """Every upload, by content hash, and those that cannot be accepted with the reason."""
        ...

    def open(self, kind: UploadKind, upload_id: str) -> bytes:
        """The photo's bytes as they are now. Raises BlobMissing when it is gone."""
        ...

    def url(self, kind: UploadKind, upload_id: str) -> str:
        """Where a client of this profile finds the photo."""
        ...

    def files(self, kind: UploadKind, upload_id: str) -> tuple[str, ...]:
        """Names of everything kept under this id: photos, sidecar, unfinished copies of them."""
        ...

    def delete(self, kind: UploadKind, upload_id: str) -> int:
        """Delete all `files`; how many there were. Durable on return."""
        ...


class Blobs(Protocol):
    """Bytes under a path. A path names its content, so it is written once and never changed."""

    def put(self, path: str, data: bytes) -> bool:
        """Create-only and durable on return; False when the path existed (its bytes are left alone, and count as
        put again)."""
        ...

    def get(self, path: str) -> bytes:
        """Raises BlobMissing."""
        ...

    def digest(self, path: str) -> str:
        """sha256 (hex) of the bytes as they are stored now, in bounded memory. Raises BlobMissing."""
        ...

    def exists(self, path: str) -> bool: ...

    def list(self, prefix: str) -> Iterator[str]: ...

    def ages(self, prefix: str) -> Iterator[tuple[str, datetime]]:
        """As `list`, each with the time (UTC) when it was last put; one folder's blobs follow each other. Streams."""
        ...

    def discard(self, path: str, seen: datetime) -> bool:
        """Delete it, unless it was put again after `seen` (its age when it was judged): whoever is told by a
        later `put` that the bytes are there can rely on it. False when nothing was deleted."""
        ...

    def sweep(self, before: datetime, remove: bool) -> int:
        """How many temporary files older than `before` killed writers left; with `remove` they are deleted."""
        ...

    def unfinished(self, prefix: str) -> Iterator[str]:
        """What a killed writer left, with bytes of a result in it; `list` does not show it, `delete` takes it."""
        ...

    def delete(self, path: str) -> bool:
        """False when it was not there."""
        ...

    def url(self, path: str) -> str:
        """Something a client can fetch for a while."""
        ...


class Records(Protocol):
    """Ordinals, verdicts, tombstones and leases. Every method is one atomic step."""

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

    def owners(self) -> list[str | None]:
        """Whoever has records: user ids, suspended and erased ones too, and None for the items' own."""
        ...

    def withdraw(self, records: Sequence[Record]) -> None:
        """Delete exactly these (told by their token, so a later publication under the same key stays)."""
        ...

    def history(self) -> Mapping[Stage, History]: ...

    def of_upload(self, upload: UploadRef) -> Iterator[Record]:
        """Every record of whatever was made from one upload, all generations, of any user."""
        ...

    def names(self, paths: Sequence[str], besides: UploadRef | None = None) -> set[str]:
        """Those of these blob paths that a record names, of any generation; not counting what was made from one
        upload."""
        ...

    def kept(self) -> list[Kept]:
        """Every registered upload without a tombstone, suspended ones too."""
        ...

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
        """Delete whatever else is kept by these keys (leases, failures), and every lease that has lapsed."""
        ...

    def kept_keys(self, keys: Sequence[str]) -> set[str]:
        """Those of these keys that `drop_keys` would find something of."""
        ...

    def scrub(self) -> bool:
        """Make what was deleted unreadable in the store's own files too, the event log's included. False while a
        reader or writer holds it up; then it was not done."""
        ...

    def claim(self, keys: Sequence[str], holder: str, seconds: float) -> set[str]:
        """Lease keys to one maker at a time; the ones granted. A dead holder's lease lapses."""
        ...

    def release(self, keys: Sequence[str], holder: str) -> None: ...

    def fail(self, attempts: Sequence[Attempt]) -> None:
        """Count one more failure of each product; publishing it forgets them."""
        ...

    def attempts(self) -> list[Attempt]:
        """Every product that failed since it was last made or retried, the latest last."""
        ...

    def retry(self, products: Sequence[Input]) -> None:
        """Forget the failures of these products."""
        ...

    def confirm(self, release: Release, users: Sequence[str]) -> None:
        """From now on this release is made for these users; a user who has none yet is shown it too."""
        ...

    def releases(self) -> list[Release]:
        """Every confirmed release, the one confirmed last at the end."""
        ...

    def switch(self, user: str, release_id: str, at: str) -> bool:
        """Show the user this release from now (`at`) on; False when another one has become the target."""
        ...

    def book(self, run_id: str, day: str, usd: float, caps: Caps) -> int:
        """Book an expected cost and return the booking's number. Raises BudgetSpent when a cap forbids it."""
        ...

    def settle(self, booking: int, usd: float) -> None:
        """Replace what was expected by what it cost."""
        ...

    def spent(self, run_id: str, day: str) -> Spent: ...

    def leases(self) -> list[Lease]: ...


class Documents(Protocol):
    """The one mutable document of each user (data.json, or the user's record in the cloud)."""

    def write(self, user_id: str, facts: Mapping[str, object]) -> None:
        """Replace it as a whole; a reader sees the old or the new one."""
        ...

    def read(self, user_id: str) -> Mapping[str, object] | None: ...

    def list(self) -> Iterator[str]:
        """Ids of the users that have one."""
        ...

    def delete(self, user_id: str) -> bool:
        """False when there was none. Durable on return."""
        ...

    def sweep(self, before: datetime, remove: bool) -> int:
        """As `Blobs.sweep`."""
        ...


class Archive(Protocol):
    """Where receipts of erasures are kept; and what shows users outside the stores."""

    def key(self) -> bytes:
        """What receipts are signed with."""
        ...

    def keep(self, name: str, text: str) -> str:
        """Durable on return, replaced as a whole; where it lies."""
        ...

    def copies(self) -> tuple[str, ...]:
        """Names of pictures that were drawn from the stores and can be drawn again, as the contact sheet."""
        ...

    def drop_copies(self) -> int: ...
