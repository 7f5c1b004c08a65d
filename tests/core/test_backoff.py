"""Back-off: what failed three times within the window rests, and only that."""

from __future__ import annotations

import pytest

from tryon.core.scheduling.backoff import MOST_ENDS, MOST_FAILURES, Ended, resting
from tryon.core.scheduling.requests import NOTHING, Partitions

TEE = Partitions(crops={"tee"}, masks={"ann"}, pairs={"ann": {"tee"}}, documents={"ann"})
JEANS = Partitions(crops={"jeans"}, masks={"bob"}, pairs={"ann": {"jeans"}}, documents={"bob"})


def runs(partitions: Partitions, count: int, *, failed: bool) -> list[Ended]:
    return [Ended(partitions, failed)] * count


def test_nothing_rests_before_anything_ran() -> None:
    assert resting([]) == NOTHING


@pytest.mark.parametrize("failed", [True, False])
def test_a_partition_rests_after_its_last_allowed_run_and_not_before(failed: bool) -> None:
    most = MOST_FAILURES if failed else MOST_ENDS
    assert resting(runs(TEE, most - 1, failed=failed)) == NOTHING
    assert resting(runs(TEE, most, failed=failed)) == TEE


def test_what_ran_beside_it_does_not_rest() -> None:
    assert resting([*runs(TEE, MOST_FAILURES, failed=True), *runs(JEANS, 2, failed=True)]) == TEE


def test_failures_count_whatever_else_their_runs_covered() -> None:
    """Runs are cut anew at each tick, so the same failing pair comes back in runs of other shapes."""
    both = TEE | JEANS
    assert resting([Ended(both, True), Ended(TEE, True), Ended(both, True)]) == TEE


def test_runs_that_went_well_count_as_ends_only() -> None:
    assert resting([*runs(TEE, 2, failed=True), *runs(TEE, 10, failed=False)]) == NOTHING
