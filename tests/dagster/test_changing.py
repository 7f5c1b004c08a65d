"""The catalogue changes while `fashion pregenerate` works: nobody's work is lost for another's change."""

from __future__ import annotations

from pathlib import Path

from bench.uploads import write_item, write_user
from fashion_assets.operate import Operator
from fashion_assets.partitions import forget_partition
from tryon.core.pipeline import Pipeline
from tryon.core.uploads import UploadKind, UploadRef


def at_the_first_run(operator: Operator, happens: object) -> None:
    """While crops are made, as another process would."""
    runs: list[str] = []

    def tell(what: str) -> None:
        runs.append(what)
        if len(runs) == 1:
            assert callable(happens)
            happens()

    operator.tell = tell


def test_an_erasure_meanwhile_takes_only_its_own_pairs_away(operator: Operator, pipeline: Pipeline) -> None:
    last = pipeline_users(operator)[-1]

    def erased() -> None:
        ordinal = next(user.ordinal for user in pipeline.records.users() if user.id == last)
        pipeline.records.bury(UploadRef(UploadKind.USER, last, ordinal), "2026-11-21T09:00:00Z")
        forget_partition(operator.instance, UploadKind.USER, last)

    at_the_first_run(operator, erased)
    operator.pregenerate()
    assert pipeline.plan().nothing
    assert last not in {user.id for user in pipeline.records.users()}
    assert pipeline.documents.read(pipeline_users(operator)[0]) is not None


def test_a_user_whom_another_command_registered_meanwhile_is_made_too(
    operator: Operator, pipeline: Pipeline, data: Path
) -> None:
    def added() -> None:
        write_user(data / "uploads", "zoe", 77)
        write_item(data / "uploads", "hat", ["tops"], 78)
        pipeline.reconcile()

    at_the_first_run(operator, added)
    assert not operator.pregenerate().failed
    assert "zoe" in operator.instance.get_dynamic_partitions("user")
    assert not operator.pregenerate().failed
    assert pipeline.plan().nothing


def pipeline_users(operator: Operator) -> list[str]:
    operator.reconcile()
    return [user.id for user in operator.pipeline.records.users()]
