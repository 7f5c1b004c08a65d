"""Rolling a release out: what it takes, the confirmation, and the switch of each user once it is complete.

A release comes from new code or parameters, or from the wish to make everything again (its next generation).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from tryon.core.catalogue import Catalogue
from tryon.core.errors import Unconfirmed, UnknownUpload
from tryon.core.events import EventKind, LogEvent
from tryon.core.pipeline import Pipeline
from tryon.core.releases import Release, release_changes
from tryon.core.uploads import User
from tryon.core.work import Plan


@dataclass(frozen=True)
class Rollout:
    """users: who would change their target. changes: one line each. plan: what it takes to make it for them."""

    release: Release
    users: tuple[str, ...]
    changes: tuple[str, ...]
    plan: Plan


def prepare(pipeline: Pipeline, user_ids: Sequence[str] = (), again: bool = False) -> Rollout:
    """What it takes to bring these users (none: all) to what the running code makes. Nothing is confirmed yet.

    again: as the newest generation, or as the next one if all of them are shown the newest already. So a generation
    that was tried on some users, or that is still being made, is joined and not paid for anew.
    Raises UnknownUpload.
    """
    users = _chosen(pipeline, user_ids)
    catalogue = pipeline.catalogue()
    release = _again(pipeline, users) if again else _as_it_is(pipeline, catalogue, users)
    moving = [user for user in users if _moves(catalogue, user, release, again)]
    changes = [line for user in moving for line in release_changes(catalogue.target(user), release)]
    plan = _plan(pipeline, release, moving)
    return Rollout(release, tuple(user.id for user in moving), tuple(dict.fromkeys(changes)), plan)


def confirm(pipeline: Pipeline, rollout: Rollout) -> None:
    """From now on it is made for its users. Raises Unconfirmed for a release that the running code cannot make."""
    if not rollout.release.works_like(pipeline.stages.release()):
        raise Unconfirmed(
            f"release {rollout.release.id} is not what the running code makes; start that version"
        )
    journal = pipeline.desk.journal
    journal.write(_events(rollout, EventKind.STARTED, journal.timestamp()))
    pipeline.records.confirm(rollout.release, rollout.users)


def switch(pipeline: Pipeline) -> list[str]:
    """Show each user their target once everything of it has its verdict; who was switched."""
    catalogue, journal = pipeline.catalogue(), pipeline.desk.journal
    switched = [user for user in pipeline.records.users() if _switches(pipeline, catalogue, user)]
    for user in switched:
        done = Rollout(catalogue.target(user), (user.id,), (), Plan())
        journal.write(_events(done, EventKind.FINISHED, journal.timestamp()))
    return [user.id for user in switched]


def _switches(pipeline: Pipeline, catalogue: Catalogue, user: User) -> bool:
    if user.shown == user.target:
        return False
    shelf = catalogue.target_shelf(user, pipeline.records.standings(user.id))
    now = pipeline.desk.journal.timestamp()
    return shelf.complete and pipeline.records.switch(user.id, user.target, now)


def _chosen(pipeline: Pipeline, user_ids: Sequence[str]) -> list[User]:
    known = {user.id: user for user in pipeline.records.users()}
    unknown = [user_id for user_id in user_ids if user_id not in known]
    if unknown:
        raise UnknownUpload(f"there is no user {unknown[0]!r}, or it is suspended; see `fashion status`")
    return [known[user_id] for user_id in user_ids] or list(known.values())


def _again(pipeline: Pipeline, users: Iterable[User]) -> Release:
    newest = pipeline.release()
    if any(user.shown != newest.id for user in users):
        return newest
    used = [release.generation for release in pipeline.records.releases()]
    return replace(newest, generation=max([newest.generation, *used]) + 1)


def _as_it_is(pipeline: Pipeline, catalogue: Catalogue, users: Iterable[User]) -> Release:
    """What the code makes, in the generation that these users have: another's renewal is not asked for here."""
    generations = [catalogue.target(user).generation for user in users]
    return replace(pipeline.stages.release(), generation=max(generations, default=1))


def _moves(catalogue: Catalogue, user: User, release: Release, again: bool) -> bool:
    target = catalogue.target(user)
    return target.id != release.id if again else not target.works_like(release)


def _plan(pipeline: Pipeline, release: Release, users: Iterable[User]) -> Plan:
    known = {confirmed.id: confirmed for confirmed in pipeline.records.releases()}
    catalogue = Catalogue(pipeline.records.items(), release, known)
    return pipeline.plan_for(catalogue, [replace(user, target=release.id) for user in users])


def _events(rollout: Rollout, kind: EventKind, now: str) -> list[LogEvent]:
    release = rollout.release
    said = "is shown from now on" if kind is EventKind.FINISHED else "is to be made"
    message = f"release {release.id}, generation {release.generation}, {said}"
    took = None if kind is EventKind.STARTED else 0.0
    return [
        LogEvent(now, user, None, "releases", "rollout", kind, "", None, took, message)
        for user in rollout.users
    ]
