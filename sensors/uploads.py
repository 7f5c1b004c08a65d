"""Reacts to new and changed uploads.

Each tick compares everything wanted with everything published and asks for what is missing, so a tick that dies
costs one interval and never an upload. Crops and masks come first; their outfits follow at the tick after.
"""

from collections.abc import Iterator
from hashlib import sha256

import dagster as dg

from fashion_assets.partitions import range_tags, ranges, rectangle_tags
from jobs.pregenerate import JOBS
from tryon.core.pipeline import Pipeline
from tryon.core.recipes import canonical_json
from tryon.core.uploads import Item, User
from tryon.core.work import Plan, chunks


@dg.sensor(jobs=JOBS, minimum_interval_seconds=30, description=__doc__)
def new_uploads(context: dg.SensorEvaluationContext, pipeline: dg.ResourceParam[Pipeline]) -> dg.SensorResult:
    _, rejected = pipeline.reconcile()
    for refusal in rejected:
        context.log.warning(f"{refusal.kind} {refusal.id} is not accepted: {refusal.reason}")
    users, items = pipeline.records.users(), pipeline.records.items()
    plan = pipeline.plan()
    return dg.SensorResult(
        run_requests=[*_requests(plan, pipeline, users, items), *_exports(plan, pipeline, users)],
        dynamic_partitions_requests=[
            *_new_keys(context, "user", [user.id for user in users]),
            *_new_keys(context, "item", [item.id for item in items]),
        ],
    )


def _new_keys(
    context: dg.SensorEvaluationContext, dimension: str, ids: list[str]
) -> Iterator[dg.AddDynamicPartitionsRequest]:
    """In the order of the ordinals, which is the order of ranges."""
    known = set(context.instance.get_dynamic_partitions(dimension))
    missing = [key for key in ids if key not in known]
    if missing:
        yield dg.AddDynamicPartitionsRequest(dimension, missing)


def _requests(
    plan: Plan, pipeline: Pipeline, users: list[User], items: list[Item]
) -> Iterator[dg.RunRequest]:
    sources = {user.id: user.sha256 for user in users} | {item.id: item.sha256 for item in items}
    for first, last in ranges(set(plan.crops), [item.id for item in items]):
        yield _request("crop_items", range_tags(first, last), [sources[i] for i in plan.crops])
    for first, last in ranges(set(plan.masks), [user.id for user in users]):
        yield _request("mask_users", range_tags(first, last), [sources[i] for i in plan.masks])
    if plan.crops or plan.masks:
        return
    for rectangle in chunks(plan, users, items, pipeline.chunk_seconds):
        digests = [sources[i] for i in (*rectangle.users, *rectangle.items)]
        yield _request("pregenerate", rectangle_tags(rectangle), digests)


def _exports(plan: Plan, pipeline: Pipeline, users: list[User]) -> Iterator[dg.RunRequest]:
    """data.json, once its masks and crops are there."""
    if plan.crops or plan.masks:
        return
    outdated = pipeline.outdated()
    for first, last in ranges(set(outdated), [user.id for user in users]):
        wanted = [canonical_json(document.facts()) for document in outdated.values()]
        yield _request("export_users", range_tags(first, last), wanted)


def _request(job: str, tags: dict[str, str], work: list[str]) -> dg.RunRequest:
    """The run key names the work, so the same missing work is requested once however many ticks see it.
    It is hashed, since Dagster keeps run keys for ever and the digests of photos must not stay anywhere."""
    key = sha256("\n".join([job, *sorted(tags.values()), *work]).encode()).hexdigest()[:32]
    return dg.RunRequest(run_key=key, job_name=job, tags=tags)
