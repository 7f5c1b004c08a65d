"""What every stage has in common: skip what is there, lease, log, load, work with retries, publish.

A Dagster asset, a Modal function and an HTTP route are thin doors to `produce`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import TypeVar

from tryon.core.errors import BudgetSpent, Unusable
from tryon.core.stages.batch import Batch, Stage, Task
from tryon.core.stages.desk import Desk
from tryon.core.stages.tally import Tally
from tryon.core.wanted import Wanted

JobT = TypeVar("JobT")


def produce(desk: Desk, stage: Stage[JobT], tasks: Sequence[Task], wanted: Wanted, run_id: str) -> Tally:
    """Bring every task to a verdict, once across all workers. Never raises for one task's sake: what failed is
    in the tally, and the rest is published. Where nothing can be stored, no engine can work, or a budget is spent, it
    stops, and all that is left fails: an engine pass whose result cannot be kept would be paid for nothing."""
    tally, quarantined = Tally(), desk.patience.retry(lambda: desk.quarantined(run_id))
    remaining = iter({task[0].input: task for task in tasks}.values())
    while tasks := list(islice(remaining, stage.batch_size)):
        batch = Batch(desk, stage, wanted, run_id, quarantined)
        try:
            tally.add(batch.run(tasks))
        except (Unusable, BudgetSpent) as error:
            tally.add(batch.stop([*tasks, *remaining], error))
    return tally
