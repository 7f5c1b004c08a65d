"""The worker's half of a batch: read the inputs, ask the engine, judge, store. It publishes nothing and writes no log.

The same code works in the orchestrator's process (LocalCompute) and in a worker on another machine (RemoteWorker).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any

from tryon.core.depot import Depot, Made, Outcome, Retry
from tryon.core.errors import EngineUnusable, ImageRejected, Unusable
from tryon.core.events import EventKind
from tryon.core.materials import InputRefused
from tryon.core.orders import Asked, Delivery, Order, Parcel
from tryon.core.recipes import Stage
from tryon.core.stages.stage import Stage as MadeBy
from tryon.core.stages.telling import said, tell
from tryon.core.words import Refused

Line = tuple[Asked, ...]
Verdicts = Sequence[Made | Refused]


class Workbench:
    """now: RFC 3339 UTC, as the journal writes it. retry: calls something again when infrastructure failed."""

    def __init__(
        self, stages: Mapping[Stage, MadeBy[Any]], depot: Depot, now: Callable[[], str], retry: Retry
    ) -> None:
        self.stages, self.depot, self.retry = stages, depot, retry
        self._now = now

    def make(self, order: Order) -> Delivery:
        """Never raises for one task's sake: what failed is in its parcel."""
        stage = self.stages[order.stage]
        return _Batch(stage, order, self.depot, self._now, self.retry).delivery()


class _Batch:
    def __init__(
        self, stage: MadeBy[Any], order: Order, depot: Depot, now: Callable[[], str], retry: Retry
    ) -> None:
        self._stage, self._order, self._depot = stage, order, depot
        self._now, self._retry = now, retry
        self._parcels: dict[int, Parcel] = {}
        self._seconds = 0.0

    def delivery(self) -> Delivery:
        stopped = None
        try:
            self._check_method()
            self._work(self._load())
        except Unusable as error:
            stopped = (type(error).__name__, str(error))
        parcels = tuple(self._parcels.get(n) for n in range(len(self._order.tasks)))
        return Delivery(parcels, self._seconds, stopped)

    def _check_method(self) -> None:
        """An orchestrator asks for its own methods; a worker may have been deployed from another version."""
        wanted = self._order.tasks[0][0].product.recipe.method
        if wanted.frame != self._stage.method().frame:
            raise EngineUnusable(
                f"the worker makes the {self._order.stage} stage in another way than the orchestrator plans: deploy "
                "the workers anew from the same version and settings (docs/modal.md)"
            )

    def _load(self) -> list[tuple[int, Any]]:
        """(number of the task, its job) of what can be worked on."""
        loaded: list[tuple[int, Any]] = []
        for number, line in enumerate(self._order.tasks):
            task = tuple(asked.product for asked in line)
            try:
                loaded.append((number, self._retry(lambda task=task: self._stage.load(task))))  # type: ignore[misc]
            except InputRefused as error:
                self._refuse(number, error.refused)
            except ImageRejected as error:
                self._refuse(number, Refused(f"image_{error.code}", str(error)))
            except Exception as error:  # noqa: BLE001 - one broken input fails its own task only; its parcel says so
                self._fail(number, error, paid=False)
        return loaded

    def _work(self, loaded: Sequence[tuple[int, Any]]) -> None:
        """A failing batch is taken apart, so that one bad product cannot take its neighbours down."""
        if not loaded:
            return
        started = time.perf_counter()
        try:
            verdicts = self._retry(lambda: self._stage.work([job for _, job in loaded]))
            if [len(made) for made in verdicts] != [len(self._order.tasks[n]) for n, _ in loaded]:
                raise ValueError("the engine did not give one verdict for each product it was asked for")
        except Unusable:
            raise
        except Exception as error:  # noqa: BLE001 - it is in the parcel
            self._seconds += time.perf_counter() - started
            if len(loaded) == 1:
                self._fail(loaded[0][0], error, paid=True)
            else:
                for one in loaded:
                    self._work([one])
            return
        seconds = time.perf_counter() - started
        self._seconds += seconds
        share = seconds / len(loaded)
        self._store([(n, made) for (n, _), made in zip(loaded, verdicts, strict=True)], share, paid=True)

    def _refuse(self, number: int, refused: Refused) -> None:
        verdicts = [refused] * len(self._order.tasks[number])
        self._store([(number, verdicts)], 0.0, paid=False)

    def _store(self, passes: Sequence[tuple[int, Verdicts]], seconds: float, paid: bool) -> None:
        """All together, or pass by pass where that fails; a pass's products are stored all or none."""
        outcomes = [self._outcomes(number, made, seconds) for number, made in passes]
        try:
            stored = iter(self._depot.store(list(chain(*outcomes)), self._order.run_id, self._retry))
        except Unusable:
            raise
        except Exception as error:  # noqa: BLE001 - it is in the parcel
            if len(passes) == 1:
                self._fail(passes[0][0], error, paid, seconds)
            else:
                for one in passes:
                    self._store([one], seconds, paid)
            return
        for (number, _), made in zip(passes, outcomes, strict=True):
            deposits = tuple(next(stored) for _ in made)
            self._parcels[number] = Parcel(deposits, paid=paid, seconds=seconds)

    def _outcomes(self, number: int, verdicts: Verdicts, seconds: float) -> list[Outcome]:
        """The engine pass is booked on the first product of its task."""
        line = self._order.tasks[number]
        spent = [seconds, *[0.0] * (len(line) - 1)]
        return [
            Outcome(asked.product, verdict, asked.uploads, cost)
            for asked, verdict, cost in zip(line, verdicts, spent, strict=True)
        ]

    def _fail(self, number: int, error: Exception, paid: bool, seconds: float = 0.0) -> None:
        if isinstance(error, Unusable):
            raise error
        products = [asked.product for asked in self._order.tasks[number]]
        events = tell(products, EventKind.FAILED, self._now(), self._order.run_id, said(error))
        self._parcels[number] = Parcel(failure=said(error), events=tuple(events), paid=paid, seconds=seconds)
