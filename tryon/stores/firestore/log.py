"""The log in Firestore: one document an event, as apps read it, with what our own queries need beside it.

Time and position rise with every event, and an index over what rises takes some 500 writes a second: neither has an
index of its own. Events are read in order through the composite index (shard, position), whose SHARDS parts grow side
by side.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from tryon.core.events import EventKind, LogEvent, subjects
from tryon.core.uploads import UploadKind
from tryon.stores.firestore import upload_facts
from tryon.stores.firestore.base import LOGS, Collection
from tryon.stores.firestore.client import Firestore
from tryon.stores.firestore.encode import fill, messages
from tryon.stores.firestore.places import MOST_VALUES, MOST_WRITES, Facts, Filter, Place, in_chunks, place
from tryon.stores.outbox import Entry
from tryon.stores.outbox_log import Write

Subject = tuple[UploadKind, str]
SHARDS = 8
_EVERY_SHARD: Filter = ("shard", "in", list(range(SHARDS)))
_ENDS = (EventKind.FINISHED.value, EventKind.REFUSED.value)
_FIELDS = (
    *("timestamp", "user_id", "item_id", "component", "step", "event", "run_id", "recipe", "duration_ms"),
    *("message", "data"),
)
MOST_CHARACTERS = 100_000
"""Of a message, and of an event's data as JSON: a document holds 1 MiB, and one that does not fit would hold up all
that come after it."""


class FirestoreLog(Collection):
    """What tryon.stores.outbox_log.OutboxLog sends to and asks. Events are only written through an outbox."""

    def sender(self, seconds: float | None = None) -> Write:
        store, known = self._store if seconds is None else self._store.hurried(seconds), dict[Subject, bool]()

        def write(entries: Sequence[Entry]) -> None:
            about = [subjects(entry.event) for entry in entries]
            known.update(_erased(store, set().union(*about) - known.keys()))
            kept = [
                pair for pair in zip(entries, about, strict=True) if not any(known[one] for one in pair[1])
            ]
            for chunk in in_chunks(kept, MOST_WRITES):
                store.put(dict(_document(entry, named) for entry, named in chunk))

        return write

    def read(
        self, *, user: str | None = None, key: str | None = None, after: int = 0, limit: int = 1000
    ) -> list[tuple[int, LogEvent]]:
        if key is not None:
            found = [(n, event) for n, event in self._of_products([key]) if n > after]
            return [(n, event) for n, event in found if user is None or event.user_id == user][:limit]
        filters: list[Filter] = [_EVERY_SHARD, ("position", ">", after)]
        filters += [("user_id", "==", user)] if user is not None else []
        rows = self._store.rows(LOGS, *filters, order="position", page=min(limit, 1000))
        return [(facts["position"], _event(facts)) for _, facts in islice(rows, limit)]

    def latest(self, limit: int, user: str | None = None) -> list[tuple[int, LogEvent]]:
        filters: list[Filter] = [_EVERY_SHARD]
        filters += [("user_id", "==", user)] if user is not None else []
        rows = self._store.rows(LOGS, *filters, order="-position", page=min(limit, 1000))
        return [(facts["position"], _event(facts)) for _, facts in islice(rows, limit)]

    def failures(self, limit: int) -> list[tuple[int, LogEvent]]:
        failed = ("event", "==", EventKind.FAILED.value)
        rows = self._store.rows(LOGS, failed, _EVERY_SHARD, order="-position", page=min(limit, 1000))
        return [(facts["position"], _event(facts)) for _, facts in islice(rows, limit)]

    def last_ends(self, keys: Sequence[str]) -> dict[str, tuple[int, LogEvent]]:
        ended = [(n, event) for n, event in self._of_products(keys) if event.event is not EventKind.STARTED]
        return {event.recipe: (n, event) for n, event in ended if event.recipe is not None}

    def _of_products(self, keys: Sequence[str]) -> list[tuple[int, LogEvent]]:
        """In order; they are few of each, so they are sorted here and need no index more."""
        rows = (
            self._store.rows(LOGS, ("recipe", "in", list(chunk)))
            for chunk in in_chunks(list(dict.fromkeys(keys)), MOST_VALUES)
        )
        found = [(int(facts["position"]), _event(facts)) for part in rows for _, facts in part]
        return sorted(found, key=lambda one: one[0])

    def ends(self, keys: Sequence[str]) -> set[tuple[str, str]]:
        found: set[tuple[str, str]] = set()
        for chunk in in_chunks(list(dict.fromkeys(keys)), MOST_VALUES):
            rows = self._store.rows(LOGS, ("recipe", "in", list(chunk)), only=("run_id", "recipe", "event"))
            found |= {(facts["run_id"], facts["recipe"]) for _, facts in rows if facts["event"] in _ENDS}
        return found

    def keys(self, kind: UploadKind, upload_id: str) -> set[str]:
        rows = self._store.rows(LOGS, _about(kind, upload_id), only=("recipe",), page=1000)
        return {facts["recipe"] for _, facts in rows if facts["recipe"] is not None}

    def count(self, kind: UploadKind, upload_id: str) -> int:
        return self._store.count(LOGS, _about(kind, upload_id))

    def forget(self, kind: UploadKind, upload_id: str) -> int:
        forgotten = 0
        while found := self._store.page(LOGS, _about(kind, upload_id), only=("recipe",), size=MOST_WRITES):
            self._store.delete([at for at, _ in found])
            forgotten += len(found)
        return forgotten


def _erased(store: Firestore, uploads: Iterable[Subject]) -> dict[Subject, bool]:
    """Whether each has a tombstone and is not there again."""
    places = {one: upload_facts.place_of(*one) for one in uploads}
    found = store.get(list(places.values()), only=("buried", "living"))
    return {one: upload_facts.is_erased(found[at]) for one, at in places.items()}


def _about(kind: UploadKind, upload_id: str) -> Filter:
    return ("about", "array_contains", f"{kind}/{upload_id}")


def _document(entry: Entry, named: set[Subject]) -> tuple[Place, Facts]:
    """named: its subjects."""
    here = place(LOGS, entry.id)
    facts: dict[str, Any] = {
        name: _text(value) if isinstance(value, str) else value for name, value in entry.facts.items()
    }
    facts |= _data(entry.facts["data"])
    own = {"position": entry.position, "shard": int(here.id[:8], 16) % SHARDS}
    return here, facts | own | {"about": sorted(f"{kind}/{upload_id}" for kind, upload_id in named)}


def _data(data: Mapping[str, object]) -> Facts:
    """As Firestore's values; as JSON text what it has no values for, as a list in a list."""
    text = json.dumps(data)
    if len(text) > MOST_CHARACTERS:
        return {"data": {"too_long": len(text)}}
    try:
        fill(messages().Document().fields, data)
    except (TypeError, ValueError):
        return {"data": {}, "data_text": text}
    return {"data": data}


def _text(text: str) -> str:
    """Half a surrogate pair is no text that can be sent."""
    cut = text[:MOST_CHARACTERS]
    return cut if cut.isascii() else cut.encode("utf-8", "replace").decode()


def _event(facts: Facts) -> LogEvent:
    data = json.loads(facts["data_text"]) if "data_text" in facts else facts["data"]
    return LogEvent(
        **{**{name: facts[name] for name in _FIELDS}, "event": EventKind(facts["event"]), "data": data}
    )
