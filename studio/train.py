"""Trains the body net on a folder of shards: seeded, and resumable after being killed at any instant."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from studio.augment import Batch, Render, batch_of, plain_view, vary
from studio.checkpoint import Progress, resume, save
from studio.losses import losses
from studio.net import HEIGHT, WIDTH, BodyGraph, BodyNet, Size
from studio.scores import Parses, Scores, score

log = logging.getLogger(__name__)

CHECKPOINT = "training.pt"
_WARM_UP, _LAST_RATE = 200, 1e-5
# The averaged weights follow the trained ones over about this share of the steps.
_AVERAGED = 0.06


@dataclass(frozen=True)
class Plan:
    """What decides the result: a run goes on only with the plan that it was begun with.

    steps: batches; view: width and height of the net's input; held_out: renders at the end of the set that are
    kept apart for the scores.
    """

    steps: int = 3000
    seed: int = 1
    batch: int = 16
    peak_rate: float = 3e-3
    decay: float = 0.02
    view: tuple[int, int] = (WIDTH, HEIGHT)
    held_out: int = 60
    size: Size = field(default_factory=Size)


def train(folder: Path, plan: Plan, threads: int = 1, save_every: int = 50) -> tuple[BodyNet, int]:
    """The trained net (averaged weights) and on how many renders.

    Progress is kept in folder/training.pt, every `save_every` steps. Raises NotEnoughRenders, and PlanChanged when
    that file was begun with another plan.
    """
    torch.set_num_threads(threads)
    renders = load(folder, plan)[: -plan.held_out]
    progress = resume(folder / CHECKPOINT, plan)
    log.info("step %d of %d, %d renders", progress.step, plan.steps, len(renders))
    for batch in _batches(renders, plan, progress.step):
        loss = _step(progress, batch, plan)
        if progress.step % save_every == 0 or progress.step == plan.steps:
            log.info("step %d loss %.3f", progress.step, loss)
            save(folder / CHECKPOINT, progress, plan)
    return progress.averaged(), len(renders)


def _step(progress: Progress, batch: Batch, plan: Plan) -> float:
    for group in progress.optimizer.param_groups:
        group["lr"] = rate(progress.step, plan)
    loss = losses(progress.net.train(), batch)
    progress.optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(progress.net.parameters(), 2.0)
    progress.optimizer.step()
    progress.step += 1
    progress.follow(1.0 - max(1.0 / (_AVERAGED * plan.steps), 10.0 / (progress.step + 10.0)))
    return float(loss.detach())


def rate(step: int, plan: Plan) -> float:
    """Learning rate: a straight warm-up, then half a cosine."""
    warm = min(1.0, (step + 1) / min(_WARM_UP, plan.steps / 10 + 1))
    return plan.peak_rate * warm * (0.5 + 0.5 * math.cos(math.pi * step / plan.steps)) + _LAST_RATE


class NotEnoughRenders(ValueError):
    """The folder holds no more renders than are kept apart."""


def load(folder: Path, plan: Plan) -> list[Render]:
    """Every render of a folder's shards, in order. Raises NotEnoughRenders."""
    renders: list[Render] = []
    for path in sorted(folder.glob("shard-*.npz")):
        with np.load(path) as shard:
            arrays = shard["rgb"], shard["labels"], shard["keypoints"], shard["depth"]
        renders += [Render(*each) for each in zip(*arrays, strict=True)]
    if len(renders) <= plan.held_out:
        raise NotEnoughRenders(
            f"{folder} has {len(renders)} renders, {plan.held_out} are kept apart; "
            "make more with `python -m studio dataset`"
        )
    return renders


def _batches(renders: list[Render], plan: Plan, start: int) -> Iterator[Batch]:
    """The batches of steps start.. of the plan, each made while the one before it is learnt."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(_batch, renders, plan, start)
        for step in range(start, plan.steps):
            batch = coming.result()
            if step + 1 < plan.steps:
                coming = pool.submit(_batch, renders, plan, step + 1)
            yield batch


def _batch(renders: list[Render], plan: Plan, step: int) -> Batch:
    """The step's own random stream decides everything, so that a resumed run sees the same."""
    rng = np.random.default_rng([plan.seed, 1, step])
    return batch_of([vary(renders[i], plan.view, rng) for i in _chosen(len(renders), plan, step)])


def _chosen(count: int, plan: Plan, step: int) -> list[int]:
    """Renders of a step: every render comes once an epoch, in a new order."""
    places = range(step * plan.batch, (step + 1) * plan.batch)
    orders = {
        e: np.random.default_rng([plan.seed, 2, e]).permutation(count) for e in {p // count for p in places}
    }
    return [int(orders[place // count][place % count]) for place in places]


def held_out(net: BodyNet, folder: Path, plan: Plan) -> Scores:
    """Scores on the renders that were kept apart, each cut around the person."""
    views = [plain_view(render, plan.view) for render in load(folder, plan)[-plan.held_out :]]
    graph = BodyGraph(net).eval()
    labels, points, depths = [], [], []
    with torch.no_grad():
        for start in range(0, len(views), 10):
            logits, found, depth = graph(batch_of(views[start : start + 10]).image)
            labels.append(logits.argmax(1).numpy())
            points.append(found.numpy())
            depths.append(depth.numpy())
    found = Parses(np.concatenate(labels), np.concatenate(points), np.concatenate(depths))
    return score(found, truth_of(views))


def truth_of(views: list[Render]) -> Parses:
    """The truth of views."""
    return Parses(
        np.stack([view.labels for view in views]),
        np.stack([view.keypoints for view in views]),
        np.stack([view.depth for view in views]),
    )
