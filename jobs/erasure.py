"""Erasures as jobs: the same functions as `fashion erase-user`, `erase-item` and `erase-expired`.

A run's config, with the id, stays in Dagster's storage, as its old partition keys do. Nothing else is told to it.
"""

from functools import partial

import dagster as dg

from fashion_assets.partitions import forget_partition
from tryon.core.erasure import upkeep
from tryon.core.erasure.erase import Eraser
from tryon.core.pipeline import Pipeline
from tryon.core.ports import Archive
from tryon.core.uploads import UploadKind


class EraseConfig(dg.Config):
    """id: of the user or the item."""

    id: str


@dg.op
def erase_one_user(
    context: dg.OpExecutionContext,
    config: EraseConfig,
    pipeline: dg.ResourceParam[Pipeline],
    archive: dg.ResourceParam[Archive],
) -> None:
    _erase(context, pipeline, archive, UploadKind.USER, config.id)


@dg.op
def erase_one_item(
    context: dg.OpExecutionContext,
    config: EraseConfig,
    pipeline: dg.ResourceParam[Pipeline],
    archive: dg.ResourceParam[Archive],
) -> None:
    _erase(context, pipeline, archive, UploadKind.ITEM, config.id)


@dg.op
def erase_what_is_due(
    context: dg.OpExecutionContext,
    pipeline: dg.ResourceParam[Pipeline],
    archive: dg.ResourceParam[Archive],
) -> None:
    done = upkeep.erase_expired(_eraser(context, pipeline, archive))
    numbers = [str(receipt["number"]) for receipt in done.receipts]
    context.log.info(
        f"{len(numbers)} erased, receipts {', '.join(numbers) or '-'}; {len(done.swept)} swept again"
    )
    if done.incomplete:
        raise dg.Failure(
            f"{len(done.incomplete)} erasures are not complete; `fashion erase-expired` says why and finishes them",
            allow_retries=False,
        )


def _erase(
    context: dg.OpExecutionContext, pipeline: Pipeline, archive: Archive, kind: UploadKind, upload_id: str
) -> None:
    receipt = _eraser(context, pipeline, archive).erase(kind, upload_id)
    context.log.info(f"erased and verified, receipt {receipt['number']}")


def _eraser(context: dg.OpExecutionContext, pipeline: Pipeline, archive: Archive) -> Eraser:
    return Eraser(pipeline, archive, partial(forget_partition, context.instance))


@dg.job(
    description="Erase one user: everything, everywhere, with a receipt.", executor_def=dg.in_process_executor
)
def erase_user() -> None:
    erase_one_user()


@dg.job(
    description="Erase one item and every outfit that it is part of.", executor_def=dg.in_process_executor
)
def erase_item() -> None:
    erase_one_item()


@dg.job(
    description="Finish unfinished erasures; erase what may not be kept any longer.",
    executor_def=dg.in_process_executor,
)
def erase_expired() -> None:
    erase_what_is_due()


ERASURE_JOBS = [erase_user, erase_item, erase_expired]
