"""The document of one key: its records by generation, and the failures since.

A record is one JSON text: Firestore would index and its library translate each of its values, at ten times the cost.
user, paths, mentions: of all its records, to be found by. It has no field `user` while there are failures only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tryon.core.recipes import Input, Stage
from tryon.core.records import Attempt, BlobFacts, Record
from tryon.core.uploads import UploadKind, UploadRef
from tryon.core.words import Refused
from tryon.stores.firestore.base import PRODUCTS
from tryon.stores.firestore.places import Facts, Place, place

FACTS = ("key", "generations")
"""What `records` needs."""


def place_of(key: str) -> Place:
    return place(PRODUCTS, key)


def with_record(old: Facts | None, record: Record, call: str) -> Facts:
    """Its failures are forgotten. Raises TypeError for facts that are no JSON."""
    now, number = _parts(old), str(record.generation)
    now["generations"][number] = json.dumps({**_record_facts(record), "call": call})
    now["failures"].pop(number, None)
    made = _document(record.key, **now)
    assert made is not None, "a record was just added"
    return made


def without(old: Facts, generations: set[int]) -> Facts | None:
    now = _parts(old)
    for generation in generations:
        now["generations"].pop(str(generation), None)
    return _document(old["key"], **now)


def with_failures(old: Facts | None, attempt: Attempt, call: str) -> Facts | None:
    """One more."""
    now, number = _parts(old), str(attempt.generation)
    before = now["failures"].get(number, {"failures": 0})["failures"]
    now["failures"][number] = {**_attempt_facts(attempt), "failures": before + attempt.failures, "call": call}
    return _document(attempt.key, **now)


def without_failures(old: Facts, generations: set[int] | None = None) -> Facts | None:
    """generations: of these; None: of all."""
    now = _parts(old)
    for number in list(now["failures"]):
        if generations is None or int(number) in generations:
            del now["failures"][number]
    return _document(old["key"], **now)


def records(facts: Facts) -> list[Record]:
    found = facts.get("generations", {})
    return [
        _record(facts["key"], int(number), json.loads(found[number])) for number in sorted(found, key=int)
    ]


def attempts(facts: Facts) -> list[Attempt]:
    return [
        Attempt(
            key=facts["key"],
            generation=int(number),
            **{**{name: one[name] for name in one if name != "call"}, "stage": Stage(one["stage"])},
        )
        for number, one in facts["failures"].items()
    ]


def newest(facts: Facts | None) -> int:
    """0: nothing was published."""
    return max(map(int, facts["generations"]), default=0) if facts else 0


def published_by(facts: Facts | None, made: Input, call: str) -> bool:
    found = facts["generations"].get(str(made.generation)) if facts else None
    return bool(found and json.loads(found)["call"] == call)


def mention_of(upload: UploadRef) -> str:
    return f"{upload.kind}/{upload.id}/{upload.ordinal}"


def counted_by(facts: Facts | None, call: str) -> bool:
    return any(one["call"] == call for one in (facts or {"failures": {}})["failures"].values())


def _parts(old: Facts | None) -> dict[str, dict[str, Any]]:
    return {name: dict(old[name]) if old else {} for name in ("generations", "failures")}


def _document(key: str, generations: Mapping[str, Any], failures: Mapping[str, Any]) -> Facts | None:
    """None: nothing is left of it."""
    if not generations and not failures:
        return None
    made = records({"key": key, "generations": generations})
    uploads = {mention_of(upload) for record in made for upload in record.uploads}
    owner = {"user": made[0].user} if made else {}
    return {
        "key": key,
        **owner,
        "verdicts": {str(record.generation): record.verdict.value for record in made},
        "paths": sorted({record.path for record in made if isinstance(record.result, BlobFacts)}),
        "mentions": sorted(uploads),
        "generations": generations,
        "failures": failures,
        "failing": bool(failures),
    }


def _record_facts(record: Record) -> Facts:
    refused = isinstance(record.result, Refused)
    names = ("code", "message") if refused else ("sha256", "suffix", "size")
    return {
        "stage": record.stage.value,
        "name": record.name,
        "user": record.user,
        "item": record.item,
        "refused": refused,
        "result": {name: getattr(record.result, name) for name in names},
        "recipe": record.recipe,
        "uploads": [[u.kind.value, u.id, u.ordinal] for u in record.uploads],
        "run_id": record.run_id,
        "published_at": record.published_at,
        "token": record.token,
        "seconds": record.seconds,
        "cost_usd": record.cost_usd,
        "facts": dict(record.facts),
    }


def _record(key: str, generation: int, facts: Facts) -> Record:
    result = Refused(**facts["result"]) if facts["refused"] else BlobFacts(**facts["result"])
    uploads = tuple(UploadRef(UploadKind(kind), i, n) for kind, i, n in facts["uploads"])
    same = ("name", "user", "item", "recipe", "run_id", "published_at", "token", "seconds", "cost_usd")
    return Record(
        key=key,
        generation=generation,
        stage=Stage(facts["stage"]),
        result=result,
        uploads=uploads,
        facts=facts["facts"],
        **{name: facts[name] for name in same},
    )


def _attempt_facts(attempt: Attempt) -> Facts:
    names = ("stage", "name", "user", "item", "reason", "run_id", "at")
    return {name: getattr(attempt, name) for name in names}
