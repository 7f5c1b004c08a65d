"""The whole pipeline behind one object: reconcile uploads, plan, and bring products to their verdicts.

Dagster assets, the command line and services call this; none of them knows how a product is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from tryon.core import work
from tryon.core.catalogue import Catalogue
from tryon.core.closet import Closet
from tryon.core.erasure.retention import Retention
from tryon.core.errors import PregenerationRequired, UnknownUpload
from tryon.core.events import EventLog
from tryon.core.export import DataJson, Exporter
from tryon.core.ports import Blobs, Documents, Records, Uploads
from tryon.core.recipes import Stage
from tryon.core.reconcile import reconcile
from tryon.core.records import Attempt, Record
from tryon.core.releases import Release
from tryon.core.stages.crops import CropStage
from tryon.core.stages.desk import Desk
from tryon.core.stages.masks import MaskStage
from tryon.core.stages.produce import produce
from tryon.core.stages.splats import SplatStage
from tryon.core.stages.stage import Stage as MadeBy
from tryon.core.stages.stage import Task
from tryon.core.stages.tally import Tally
from tryon.core.stages.tryons import TryonStage
from tryon.core.tariff import FREE, Tariff
from tryon.core.uploads import Item, Registered, Rejected, UploadKind, User
from tryon.core.wanted import Product, Shelf, Wanted
from tryon.core.words import EngineCard, Outfit

JobT = TypeVar("JobT")
Pairs = Sequence[tuple[str, str]]
"""(user id, item id) of each partition to work on."""


@dataclass(frozen=True)
class Stages:
    crop: CropStage
    mask: MaskStage
    tryon: TryonStage
    splat: SplatStage

    def by_stage(self) -> dict[Stage, MadeBy[Any]]:
        return {
            Stage.CROP: self.crop,
            Stage.MASK: self.mask,
            Stage.TRYON: self.tryon,
            Stage.SPLAT: self.splat,
        }

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
        methods = {stage: made.method() for stage, made in self.by_stage().items()}
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

    def slowest_batch(self) -> float:
        """Declared seconds of the slowest full batch."""
        sizes = {stage: made.batch_size for stage, made in self.by_stage().items()}
        return max(price * sizes[stage] for stage, price in self.prices().items())


@dataclass(frozen=True)
class Pipeline:
    """url_seconds: how long the stores' addresses work; None: as long as what they show is there."""

    uploads: Uploads
    blobs: Blobs
    records: Records
    log: EventLog
    documents: Documents
    stages: Stages
    desk: Desk
    tryon_url: str
    chunk_seconds: float = 900.0
    tariff: Tariff = FREE
    retention: Retention = field(default_factory=Retention)
    pictures_url: str = "http://127.0.0.1:3001"
    url_seconds: int | None = None

    @cached_property
    def _closet(self) -> Closet:
        return Closet(self.records)

    def reconcile(self) -> tuple[Registered, tuple[Rejected, ...]]:
        """Look at all uploads; see tryon.core.reconcile."""
        found = reconcile(self.uploads, self.records, self.retention, self.desk.journal)
        self._begin()
        self._withdraw_documents()
        return found

    def _begin(self) -> None:
        """Of whom nothing was made yet needs no confirmation: who tries out settings first loses nothing by them."""
        release, users = self.release(), self.records.users()
        beginners = [user.id for user in users if not user.target]
        undecided = self._undecided(users)
        if beginners or undecided:
            self.records.confirm(release, beginners + undecided)
        for user_id in undecided:
            self.records.switch(user_id, release.id, self.desk.journal.timestamp())

    def _undecided(self, users: Sequence[User]) -> list[str]:
        """Those who have nothing of the one release they had, which the running code does not make."""
        catalogue = self.catalogue()
        waiting = [u for u in users if u.target and u.shown == u.target and not catalogue.confirmed(u)]
        owners = set(self.records.owners()) if waiting else set()
        return [user.id for user in waiting if user.id not in owners]

    def _withdraw_documents(self) -> None:
        """Apps read them: nobody's may stay whose photo or consent was taken away. They are written again when it
        is back."""
        suspended = {upload_id for kind, upload_id in self.records.suspended() if kind is UploadKind.USER}
        for user_id in suspended.intersection(self.documents.list() if suspended else ()):
            self.documents.delete(user_id)

    def release(self) -> Release:
        """What the running code makes: the newest confirmed generation of it, else its first."""
        running = self.stages.release()
        known = [release for release in self.records.releases() if release.works_like(running)]
        return known[-1] if known else running

    def catalogue(self) -> Catalogue:
        known = {release.id: release for release in self.records.releases()}
        return Catalogue(self.records.items(), self.release(), known)

    def wanted(self) -> Wanted:
        """The catalogue under the release that the running code makes."""
        return self.catalogue().under(self.release())

    def offered_user(self, user_id: str) -> User:
        """Raises UnknownUpload."""
        user = self.records.user(user_id)
        if user is None:
            raise UnknownUpload(
                f"there is no user {user_id!r}, or it is suspended; `fashion status` lists both, with reasons"
            )
        return user

    def shown_shelf(self, user_id: str) -> Shelf:
        """Everything that shoppers may be shown of one user. Raises UnknownUpload."""
        user = self.offered_user(user_id)
        return Shelf(self._closet.under(self.shown_release(user)), user, {})

    def shown_look(self, user_id: str, outfit: Outfit) -> tuple[Shelf, Product]:
        """The try-on that shoppers may be shown, and the shelf of what it is made from: of the outfit's garments
        alone, read by their ids, so that it costs the same however many users, items and outfits there are.

        Raises UnknownUpload, and UnknownOutfit outside the matrix.
        """
        user = self.offered_user(user_id)
        items = self.records.some_items([garment.item for garment in outfit.garments])
        wanted = Wanted(items, self.shown_release(user))
        wanted.owner(outfit)
        shelf = Shelf(wanted, user, {})
        return shelf, shelf.tryon(outfit)

    def shown_release(self, user: User) -> Release:
        found = self._closet.release(user.shown) if user.shown else None
        return found or self.catalogue().shown(user)

    def offered(self, pairs: Pairs) -> Pairs:
        """The pairs whose user and item are both offered now, neither erased nor suspended."""
        users = {user.id: user for user in self.records.users()}
        items = {item.id for item in self.records.items()}
        return [(user, item) for user, item in pairs if user in users and item in items]

    def plan(self) -> work.Plan:
        return self.plan_for(self.catalogue(), self.records.users())

    def plan_for(self, catalogue: Catalogue, users: Sequence[User]) -> work.Plan:
        quarantined = frozenset(attempt.input for attempt in self.quarantine())
        return work.plan(catalogue, users, self.records.standings, self.prices(), quarantined)

    def prices(self) -> work.Prices:
        return work.Prices(self.stages.prices(), self.records.history(), self.tariff)

    def quarantine(self) -> list[Attempt]:
        """Products that failed too often to be paid for again."""
        most = self.desk.patience.max_failures
        return [attempt for attempt in self.records.attempts() if attempt.failures >= most]

    def make_crops(self, item_ids: Iterable[str], run_id: str) -> Tally:
        catalogue, chosen = self.catalogue(), set(item_ids)
        targets = catalogue.targets(self.records.users())
        tasks = [wanted.crops(item) for wanted in targets for item in wanted.items if item.id in chosen]
        return self._produce(self.stages.crop, tasks, run_id)

    def make_masks(self, user_ids: Iterable[str], run_id: str) -> Tally:
        tasks = [shelf.parse() for shelf in self._shelves(user_ids)]
        return self._produce(self.stages.mask, tasks, run_id)

    def make_singles(self, pairs: Pairs, run_id: str) -> Tally:
        """The one-garment try-ons that these pairs own."""
        return self._produce(self.stages.tryon, self._tasks(pairs, Shelf.singles), run_id)

    def make_two_piece(self, pairs: Pairs, run_id: str) -> Tally:
        """The two-piece try-ons that these pairs own. A base that another pair owns is made first if missing,
        so a pair backfilled alone works; its engine pass is counted here, its entry is not."""
        tasks = self._tasks(pairs, Shelf.two_piece)
        bases = {look.base.input: look.base for (look,) in tasks if look.base}
        made = self._produce(self.stages.tryon, [(base,) for base in bases.values()], run_id)
        tally = self._produce(self.stages.tryon, tasks, run_id)
        tally.engine_calls += made.engine_calls
        tally.seconds += made.seconds
        return tally

    def make_splats(self, pairs: Pairs, run_id: str) -> Tally:
        return self._produce(self.stages.splat, self._tasks(pairs, Shelf.splats), run_id)

    def make_one(self, user_id: str, outfit: Outfit, run_id: str) -> Tally:
        """One try-on by name; its inputs must be there."""
        tasks = [(shelf.tryon(outfit),) for shelf in self._shelves([user_id])]
        return self._produce(self.stages.tryon, tasks, run_id)

    def _produce(self, stage: MadeBy[JobT], tasks: Sequence[Task], run_id: str) -> Tally:
        return produce(self.desk, stage, tasks, self.wanted(), run_id)

    def shown(self, user_id: str, outfit: Outfit) -> Record:
        """The try-on record that may be shown: the one published for the wanted key, or its refusal.

        Raises UnknownUpload, UnknownOutfit outside the matrix, and PregenerationRequired when there is none.
        """
        _, product = self.shown_look(user_id, outfit)
        record = self.records.find([product.input]).get(product.input)
        if record is None:
            raise PregenerationRequired(
                f"outfit {outfit.id} of {user_id} has not been generated yet; run `fashion pregenerate`"
            )
        return record

    def export(self, user_id: str, run_id: str) -> DataJson:
        """Write the user's document (data.json) and return it."""
        with self.desk.journal.step(user_id, "export", "data.json", run_id):
            document = self._exporter.document(self.shown_shelf(user_id))
            self.documents.write(user_id, document.facts())
            if self.records.user(user_id) is None:
                # Erased or suspended while the document was put together.
                self.documents.delete(user_id)
        return document

    def outdated(self) -> dict[str, DataJson]:
        """What the document (data.json) of each user should say, where it says something else, or in addresses that
        soon stop to work."""
        catalogue, exporter = self.catalogue(), self._exporter
        shelves = (catalogue.shown_shelf(user, {}) for user in self.records.users())
        wanted = {shelf.user.id: exporter.wanted(shelf) for shelf in shelves}
        return {
            u: said for u, said in wanted.items() if not exporter.is_current(self.documents.read(u), said)
        }

    @property
    def _exporter(self) -> Exporter:
        now = self.desk.journal.timestamp
        return Exporter(self.uploads, self.blobs, self.records, self.tryon_url, self.url_seconds, now)

    def _tasks(self, pairs: Pairs, products: Callable[[Shelf, Item], list[Product]]) -> list[Task]:
        """User by user, so that neighbours in a batch share their person, masks and garments."""
        items: dict[str, set[str]] = {}
        for user_id, item_id in pairs:
            items.setdefault(user_id, set()).add(item_id)
        return [
            (product,)
            for shelf in self._shelves(items)
            for item in shelf.wanted.items
            if item.id in items[shelf.user.id]
            for product in products(shelf, item)
        ]

    def _shelves(self, user_ids: Iterable[str]) -> Iterator[Shelf]:
        """What is made for those of the users that are offered now."""
        catalogue, users = self.catalogue(), {user.id: user for user in self.records.users()}
        for user in [users[user_id] for user_id in user_ids if user_id in users]:
            yield catalogue.target_shelf(user, {})
