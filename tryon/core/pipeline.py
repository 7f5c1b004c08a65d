"""The whole pipeline behind one object: reconcile uploads, plan, and bring products to their verdicts.

Dagster assets, the command line and services call this; none of them knows how a product is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tryon.core import work
from tryon.core.errors import PregenerationRequired, UnknownUpload
from tryon.core.events import EventKind, EventLog, LogEvent
from tryon.core.export import DataJson, Exporter
from tryon.core.ports import Blobs, Documents, Records, Uploads
from tryon.core.recipes import Stage
from tryon.core.records import Record, Standing
from tryon.core.stages.crops import CropStage
from tryon.core.stages.masks import MaskStage
from tryon.core.stages.produce import Desk, Task, produce
from tryon.core.stages.splats import SplatStage
from tryon.core.stages.tally import Tally
from tryon.core.stages.tryons import TryonStage
from tryon.core.uploads import Item, Registered, Rejected, UploadKind
from tryon.core.wanted import Product, Release, Shelf, Wanted
from tryon.core.words import EngineCard, Outfit

Pairs = Sequence[tuple[str, str]]
"""(user id, item id) of each partition to work on."""


@dataclass(frozen=True)
class Stages:
    crop: CropStage
    mask: MaskStage
    tryon: TryonStage
    splat: SplatStage

    def cards(self) -> dict[str, EngineCard]:
        """Every engine by the port it stands behind."""
        return {
            "analyzer": self.crop.analyzer.card,
            "detector": self.crop.detector.card,
            "body_parser": self.mask.parser.card,
            "dresser": self.tryon.dresser.card,
            "splatter": self.splat.splatter.card,
        }

    def release(self) -> Release:
        methods = {
            Stage.CROP: self.crop.method(),
            Stage.MASK: self.mask.method(),
            Stage.TRYON: self.tryon.method(),
            Stage.SPLAT: self.splat.method(),
        }
        return Release(methods, self.tryon.order)

    def prices(self) -> dict[Stage, float]:
        """Declared seconds of one engine pass."""
        cards = self.cards()
        return {
            Stage.CROP: cards["analyzer"].typical_seconds + cards["detector"].typical_seconds,
            Stage.MASK: cards["body_parser"].typical_seconds,
            Stage.TRYON: cards["dresser"].typical_seconds,
            Stage.SPLAT: cards["splatter"].typical_seconds,
        }


@dataclass(frozen=True)
class Pipeline:
    uploads: Uploads
    blobs: Blobs
    records: Records
    log: EventLog
    documents: Documents
    stages: Stages
    desk: Desk
    tryon_url: str
    chunk_seconds: float = 900.0
    usd_per_second: float = 0.0
    pictures_url: str = "http://127.0.0.1:3001"

    def reconcile(self) -> tuple[Registered, tuple[Rejected, ...]]:
        """Look at all uploads: new ones get their ordinal, changed photos are noted, bad ones are named, and
        those that were taken away (the photo, or the consent) are suspended."""
        accepted, rejected = self.uploads.list()
        registered = self.records.register(accepted)
        offered = {(upload.kind, upload.id) for upload in accepted}
        known = [(UploadKind.USER, u.id) for u in self.records.users()]
        known += [(UploadKind.ITEM, i.id) for i in self.records.items()]
        taken_away = [upload for upload in known if upload not in offered]
        self.records.suspend(taken_away)
        self.desk.journal.write(_registrations(registered, taken_away, self.desk.journal.timestamp()))
        return registered, (*rejected, *self._suspended(rejected))

    def _suspended(self, rejected: Iterable[Rejected]) -> list[Rejected]:
        """Known uploads whose photo is gone, besides those that the source rejects with a reason of its own."""
        told = {(refusal.kind, refusal.id) for refusal in rejected}
        gone = [upload for upload in self.records.suspended() if upload not in told]
        reason = "its photo is gone; nothing is made or shown from it until it is back"
        return [Rejected(kind, upload_id, reason) for kind, upload_id in gone]

    def wanted(self) -> Wanted:
        return Wanted(self.records.items(), self.stages.release(), self.records.standings(None))

    def shelf(self, wanted: Wanted, user_id: str) -> Shelf:
        """Everything wanted for one user. Raises UnknownUpload."""
        shelf = next(self._shelves(wanted, [user_id]), None)
        if shelf is None:
            raise UnknownUpload(
                f"there is no user {user_id!r}, or it is suspended; add a photo with `fashion add-user`"
            )
        return shelf

    def offered(self, pairs: Pairs) -> Pairs:
        """The pairs whose user and item are both offered now, neither erased nor suspended."""
        users = {user.id for user in self.records.users()}
        items = {item.id for item in self.records.items()}
        return [(user, item) for user, item in pairs if user in users and item in items]

    def plan(self) -> work.Plan:
        return work.plan(self.wanted(), self.records.users(), self.records.standings, self.prices())

    def prices(self) -> work.Prices:
        return work.Prices(self.stages.prices(), self.records.history(), self.usd_per_second)

    def make_crops(self, item_ids: Iterable[str], run_id: str, force: bool = False) -> Tally:
        wanted = self.wanted()
        items = [wanted.item(i) for i in item_ids if wanted.has(i)]
        tasks = [_forced(wanted.crops(item), wanted.standings, force) for item in items]
        return produce(self.desk, self.stages.crop, tasks, wanted, run_id)

    def make_masks(self, user_ids: Iterable[str], run_id: str, force: bool = False) -> Tally:
        wanted = self.wanted()
        shelves = [_with_new_body(shelf) if force else shelf for shelf in self._shelves(wanted, user_ids)]
        return produce(self.desk, self.stages.mask, [shelf.parse() for shelf in shelves], wanted, run_id)

    def make_singles(self, pairs: Pairs, run_id: str, force: bool = False) -> Tally:
        """The one-garment try-ons that these pairs own."""
        wanted = self.wanted()
        tasks = _tasks(self._wishes(wanted, pairs), Shelf.singles, force)
        return produce(self.desk, self.stages.tryon, tasks, wanted, run_id)

    def make_two_piece(self, pairs: Pairs, run_id: str, force: bool = False) -> Tally:
        """The two-piece try-ons that these pairs own. A base that another pair owns is made first if missing,
        so a pair backfilled alone works; its engine pass is counted here, its entry is not."""
        wanted = self.wanted()
        tasks = _tasks(self._wishes(wanted, pairs), Shelf.two_piece, force)
        bases = {look.base.key: look.base for (look,) in tasks if look.base}
        made = produce(self.desk, self.stages.tryon, [(base,) for base in bases.values()], wanted, run_id)
        tally = produce(self.desk, self.stages.tryon, tasks, wanted, run_id)
        tally.engine_calls += made.engine_calls
        tally.seconds += made.seconds
        return tally

    def make_splats(self, pairs: Pairs, run_id: str, force: bool = False) -> Tally:
        wanted = self.wanted()
        tasks = _tasks(self._wishes(wanted, pairs), Shelf.splats, force)
        return produce(self.desk, self.stages.splat, tasks, wanted, run_id)

    def make_one(self, user_id: str, outfit: Outfit, run_id: str) -> Tally:
        """One try-on by name; its inputs must be there."""
        wanted = self.wanted()
        task = (self.shelf(wanted, user_id).tryon(outfit),)
        return produce(self.desk, self.stages.tryon, [task], wanted, run_id)

    def shown(self, user_id: str, outfit: Outfit) -> Record:
        """The try-on record that may be shown: the one published for the wanted key, or its refusal.

        Raises UnknownUpload, UnknownOutfit outside the matrix, and PregenerationRequired when there is none.
        """
        product = self.shelf(self.wanted(), user_id).tryon(outfit)
        record = self.records.find([product.key]).get(product.key)
        if record is None:
            raise PregenerationRequired(
                f"outfit {outfit.id} of {user_id} has not been generated yet; run `fashion pregenerate`"
            )
        return record

    def export(self, user_id: str, run_id: str) -> DataJson:
        """Write the user's document (data.json) and return it."""
        with self.desk.journal.step(user_id, "export", "data.json", run_id):
            document = self._document(self.shelf(self.wanted(), user_id))
            self.documents.write(user_id, document.facts())
        return document

    def outdated(self) -> dict[str, DataJson]:
        """What the document (data.json) of each user should say, where it says something else."""
        shelves = self._shelves(self.wanted(), [user.id for user in self.records.users()])
        wanted = {shelf.user.id: self._document(shelf) for shelf in shelves}
        return {user: found for user, found in wanted.items() if self.documents.read(user) != found.facts()}

    def _document(self, shelf: Shelf) -> DataJson:
        photo_url = self.uploads.url(UploadKind.USER, shelf.user.id)
        return Exporter(self.blobs, self.records, self.tryon_url).document(shelf, photo_url)

    def _wishes(self, wanted: Wanted, pairs: Pairs) -> list[tuple[Shelf, list[Item]]]:
        items: dict[str, list[Item]] = {}
        for user_id, item_id in pairs:
            if wanted.has(item_id):
                items.setdefault(user_id, []).append(wanted.item(item_id))
        return [(shelf, items[shelf.user.id]) for shelf in self._shelves(wanted, items)]

    def _shelves(self, wanted: Wanted, user_ids: Iterable[str]) -> Iterator[Shelf]:
        """Of those users that are offered now: a range run of Dagster also names suspended ones."""
        users = {user.id: user for user in self.records.users()}
        for user_id in [user_id for user_id in user_ids if user_id in users]:
            yield Shelf(wanted, users[user_id], self.records.standings(user_id))


def _registrations(
    registered: Registered, taken_away: Iterable[tuple[UploadKind, str]], now: str
) -> list[LogEvent]:
    """One line for each new, changed or suspended upload."""
    gone: dict[UploadKind, list[tuple[str, str]]] = {kind: [] for kind in UploadKind}
    for kind, upload_id in taken_away:
        gone[kind].append((upload_id, "suspended"))
    users = [(i, "new") for i in registered.new_users] + [(i, "changed") for i in registered.changed_users]
    items = [(i, "new") for i in registered.new_items] + [(i, "changed") for i in registered.changed_items]
    users, items = users + gone[UploadKind.USER], items + gone[UploadKind.ITEM]
    lines = [(user, None, what) for user, what in users] + [(None, item, what) for item, what in items]
    return [
        LogEvent(now, user, item, "uploads", "register", EventKind.FINISHED, "", None, 0.0, f"{what} upload")
        for user, item, what in lines
    ]


def _tasks(
    wishes: Iterable[tuple[Shelf, list[Item]]], products: Callable[[Shelf, Item], list[Product]], force: bool
) -> list[Task]:
    """User by user, so that neighbours in a batch share their person, masks and garments."""
    return [
        task
        for shelf, items in wishes
        for item in items
        for product in products(shelf, item)
        for task in [_forced((product,), shelf.standings, force)]
    ]


def _with_new_body(shelf: Shelf) -> Shelf:
    """The shelf once the body parse has its next generation: the masks then have recipes, and keys, of their own."""
    key, published = shelf.body.key, shelf.standings.get(shelf.body.key)
    if published is None:
        return shelf
    following = published._replace(generation=published.generation + 1)
    return Shelf(shelf.wanted, shelf.user, {**shelf.standings, key: following})


def _forced(task: Task, standings: Mapping[str, Standing], force: bool) -> Task:
    """A forced product is made again as the next generation, if it has one."""
    if not force:
        return task
    return tuple(p._replace(generation=p.generation + 1) if p.key in standings else p for p in task)
