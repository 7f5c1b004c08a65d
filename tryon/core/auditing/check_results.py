"""What each check says about one family of products."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from tryon.core.auditing.checks import SHOWN, Family, Seen, records_of
from tryon.core.auditing.rehash import Rehash, State, describe
from tryon.core.auditing.superseded import World
from tryon.core.pipeline import Pipeline
from tryon.core.records import Record


@dataclass(frozen=True, slots=True)
class Result:
    """serious: something is damaged; else something is merely to be made. numbers: for plots.
    examples: products by their ids, the first few."""

    passed: bool
    serious: bool
    reason: str
    numbers: Mapping[str, float]
    examples: tuple[str, ...] = ()


def coverage(pipeline: Pipeline, seen: Seen) -> Result:
    left = seen.stale + seen.missing
    numbers = {"wanted": seen.wanted, "published": seen.published, "refused": seen.refused, "open": left}
    share = (seen.wanted - left) / seen.wanted if seen.wanted else 1.0
    reason = f"{left} of {seen.wanted} have no verdict; run `fashion pregenerate`" if left else "all have one"
    names = tuple([*seen.missing_names, *seen.stale_names][:SHOWN])
    return Result(not left, False, reason, {**numbers, "covered": round(share, 4)}, names)


def staleness(pipeline: Pipeline, seen: Seen) -> Result:
    """The wanted key against the published one."""
    reason = "no older result waits for its successor"
    if seen.stale:
        reason = f"{seen.stale} have an older result only, which is not shown; run `fashion pregenerate`"
    return Result(not seen.stale, False, reason, {"stale": seen.stale}, tuple(seen.stale_names))


def integrity(pipeline: Pipeline, seen: Seen) -> Result:
    records = _sample(pipeline, seen)
    states = [pair for pair in Rehash(pipeline.blobs).states(records) if pair[1] is not State.SOUND]
    names = tuple(f"{_owner(record)}: {describe(record, state)}" for record, state in states)
    return _sampled(records, names, "have damaged stored files; run `fashion audit --repair`")


def lineage(pipeline: Pipeline, seen: Seen) -> Result:
    """Inputs of everything published; recipes and uploads of the sample."""
    records, world = _sample(pipeline, seen), World(pipeline)
    wrong = [
        f"{_label(record)}: its recipe is not the one of its key" for record in records if _forged(record)
    ]
    wrong += ["a product of an erased upload" for record in records if world.is_dangling(record)]
    names = tuple([*(f"{name}: an input has no record" for name in seen.broken_names), *wrong][:SHOWN])
    count = seen.broken + len(wrong)
    reason = f"{count} cannot be traced to their inputs and uploads" if count else "all can be traced"
    return Result(not count, True, reason, {"broken": count, "sample": len(records)}, names)


def logging(pipeline: Pipeline, seen: Seen) -> Result:
    """Each published product's end is in the log, with its run and key."""
    records = _sample(pipeline, seen)
    ends = pipeline.log.ends([record.key for record in records])
    names = tuple(_label(record) for record in records if (record.run_id, record.key) not in ends)
    return _sampled(records, names, "have no end in the log")


Check = Callable[[Pipeline, Seen], Result]
CHECKS: dict[str, Check] = {
    "coverage": coverage,
    "staleness": staleness,
    "integrity": integrity,
    "lineage": lineage,
    "logging": logging,
}
FAMILIES = tuple(Family)


def documents(pipeline: Pipeline) -> Result:
    """Staleness of data.json: what each user's document says against what it should say."""
    stale = tuple(pipeline.outdated())
    reason = "all say what is published"
    if stale:
        reason = f"{len(stale)} say something else than is published; run `fashion pregenerate`"
    return Result(not stale, False, reason, {"stale": len(stale)}, stale[:SHOWN])


def _sample(pipeline: Pipeline, seen: Seen) -> list[Record]:
    return records_of(pipeline, [made for _, made in seen.sample])


def _sampled(records: list[Record], wrong: tuple[str, ...], what: str) -> Result:
    reason = f"{len(wrong)} of {len(records)} looked at {what}" if wrong else f"{len(records)} looked at"
    return Result(not wrong, True, reason, {"sample": len(records), "wrong": len(wrong)}, wrong[:SHOWN])


def _forged(record: Record) -> bool:
    return sha256(record.recipe.encode("ascii")).hexdigest() != record.key


def _owner(record: Record) -> str:
    return record.user or record.item or "-"


def _label(record: Record) -> str:
    return f"{record.user}: {record.name}" if record.user else record.name
