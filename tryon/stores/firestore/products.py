"""Products: verdicts by key and generation, and the sums of what they cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from uuid import uuid4

from tryon.core.recipes import Input, Stage
from tryon.core.records import History, Publication, Record, Verdict
from tryon.core.uploads import UploadRef
from tryon.stores.firestore import product_facts, upload_facts
from tryon.stores.firestore.base import COSTS, PRODUCTS, Collection
from tryon.stores.firestore.places import MOST_WRITES, Facts, Found, Place, in_chunks, place
from tryon.stores.firestore.product_facts import mention_of, place_of

MOST_RECORDS = MOST_WRITES - len(Stage)
"""Of one atomic step: a document each, and one of costs for each stage. An engine batch is far smaller."""
_VERDICTS = {verdict.value: verdict for verdict in Verdict}


class Products(Collection):
    def publish(self, records: Sequence[Record]) -> list[Publication]:
        """The uploads are read under a lock that publishers share: a tombstone comes before or after, never between."""
        for record in records:
            product_facts.with_record(
                None, record, ""
            )  # Whatever cannot be stored is told before anything is.
        call, told = uuid4().hex, list[Publication]()
        for number, chunk in enumerate(in_chunks(records, MOST_RECORDS)):
            told += self._publish(chunk, f"{call} {number}")
        return told

    def _publish(self, records: Sequence[Record], call: str) -> list[Publication]:
        uploads = {_upload_place(upload) for record in records for upload in record.uploads}

        def decide(found: Found) -> tuple[list[Publication], Found]:
            wanted: dict[Place, Facts | None] = {}
            told = [
                _decide(record, f"{call} {n}", {**found, **wanted}, wanted)
                for n, record in enumerate(records)
            ]
            new = [
                record
                for n, record in enumerate(records)
                if told[n] is Publication.WON and place_of(record.key) in wanted
            ]
            return told, {**wanted, **_costs(new, call)}

        return self._store.change([place_of(record.key) for record in records], decide, sorted(uploads))

    def find(self, products: Sequence[Input]) -> Mapping[Input, Record]:
        asked = set(products)
        found = self._store.get([place_of(key) for key in {key for key, _ in asked}])
        made = [record for facts in found.values() if facts for record in product_facts.records(facts)]
        return {record.input: record for record in made if record.input in asked}

    def standings(self, user: str | None) -> Mapping[Input, Verdict]:
        rows = self._store.rows(PRODUCTS, ("user", "==", user), only=("key", "verdicts"), page=2000)
        return {
            Input(facts["key"], int(number)): _VERDICTS[verdict]
            for _, facts in rows
            for number, verdict in facts["verdicts"].items()
        }

    def of_user(self, user: str | None) -> Iterator[Record]:
        for _, facts in self._store.rows(PRODUCTS, ("user", "==", user), only=product_facts.FACTS):
            yield from product_facts.records(facts)

    def of_upload(self, upload: UploadRef) -> Iterator[Record]:
        mention = ("mentions", "array_contains", mention_of(upload))
        for _, facts in self._store.rows(PRODUCTS, mention, only=product_facts.FACTS):
            yield from [one for one in product_facts.records(facts) if upload in one.uploads]

    def owners(self) -> list[str | None]:
        """One look-up in an index for each: from one owner to the next."""
        none = self._store.first(PRODUCTS, ("user", "==", None), only=("user",))
        found: list[str | None] = [None] if none else []
        last = self._store.first(PRODUCTS, ("user", ">", ""), order="user", only=("user",))
        while last:
            found.append(last["user"])
            last = self._store.first(PRODUCTS, ("user", ">", last["user"]), order="user", only=("user",))
        return found

    def withdraw(self, records: Sequence[Record]) -> None:
        asked = {(record.input, record.token) for record in records}

        def decide(found: Found) -> tuple[None, Found]:
            return None, {
                at: product_facts.without(facts, {one.generation for one in product_facts.records(facts)
                                                  if (one.input, one.token) in asked})
                for at, facts in found.items() if facts
            }  # fmt: skip

        for chunk in in_chunks([place_of(key) for key in {record.key for record in records}], MOST_WRITES):
            self._store.change(chunk, decide)

    def history(self) -> Mapping[Stage, History]:
        found: dict[Stage, History] = {}
        for stage in Stage:
            passes, seconds, usd = self._store.sums(
                COSTS, ("passes", "seconds", "cost_usd"), ("stage", "==", stage.value)
            )
            if passes:
                found[stage] = History(int(passes), float(seconds), float(usd))
        return found


def _decide(record: Record, call: str, now: Found, wanted: dict[Place, Facts | None]) -> Publication:
    """What becomes of it; into `wanted` goes what has to be written for that."""
    at = place_of(record.key)
    old = now[at]
    if product_facts.published_by(old, record.input, call):
        return Publication.WON
    if any(upload_facts.is_hidden(now[_upload_place(upload)], upload) for upload in record.uploads):
        return Publication.BURIED
    if product_facts.newest(old) >= record.generation:
        return Publication.LOST
    wanted[at] = product_facts.with_record(old, record, call)
    return Publication.WON


def _costs(won: Sequence[Record], call: str) -> Mapping[Place, Facts]:
    """Created together with the records, so they are counted once; they stay when the records go."""
    found: dict[Place, Facts] = {}
    for stage in Stage:
        made = [record for record in won if record.stage is stage and record.seconds > 0]
        if made:
            seconds, usd = sum(one.seconds for one in made), sum(one.cost_usd for one in made)
            facts = {"stage": stage.value, "passes": len(made), "seconds": seconds, "cost_usd": usd}
            found[place(COSTS, call, stage.value)] = facts
    return found


def _upload_place(upload: UploadRef) -> Place:
    return upload_facts.place_of(upload.kind, upload.id)
