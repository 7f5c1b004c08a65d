"""Where a training stands: weights, their running average, the optimizer and the step, in one file."""

from __future__ import annotations

import copy
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from studio.net import BodyNet

if TYPE_CHECKING:
    from studio.train import Plan


class PlanChanged(ValueError):
    """The file belongs to a training with other settings."""


@dataclass
class Progress:
    """net: as trained; average: the same net with averaged weights; step: how many batches were learnt."""

    net: BodyNet
    average: BodyNet
    optimizer: torch.optim.AdamW
    step: int = 0

    def follow(self, keep: float) -> None:
        """Move the average towards the net: keep x average + (1 - keep) x net."""
        new = self.net.state_dict()
        for name, value in self.average.state_dict().items():
            if value.is_floating_point():
                value.lerp_(new[name], 1.0 - keep)

    def averaged(self) -> BodyNet:
        """The averaged net, ready to be used."""
        return self.average.eval()


def begin(plan: Plan) -> Progress:
    """A net with the plan's random weights."""
    torch.manual_seed(plan.seed)
    # Channels last: convolutions run up to twice as fast on a CPU.
    net = BodyNet(plan.size).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = torch.optim.AdamW(net.parameters(), plan.peak_rate, weight_decay=plan.decay)
    return Progress(net, copy.deepcopy(net), optimizer)


def save(path: Path, progress: Progress, plan: Plan) -> None:
    """Write all of it, or nothing when killed meanwhile."""
    draft = path.with_suffix(".draft")
    state = {
        "plan": repr(asdict(plan)),
        "step": progress.step,
        "net": progress.net.state_dict(),
        "average": progress.average.state_dict(),
        "optimizer": progress.optimizer.state_dict(),
    }
    torch.save(state, draft)
    os.replace(draft, path)


def resume(path: Path, plan: Plan) -> Progress:
    """Where the file stands, or the beginning when there is none. Raises PlanChanged."""
    progress = begin(plan)
    if not path.exists():
        return progress
    state = torch.load(path, weights_only=True)
    if state["plan"] != repr(asdict(plan)):
        raise PlanChanged(
            f"{path} was begun with {state['plan']}, not {asdict(plan)!r}; delete it to begin anew, "
            "or train with the settings it was begun with"
        )
    progress.net.load_state_dict(state["net"])
    progress.average.load_state_dict(state["average"])
    progress.optimizer.load_state_dict(state["optimizer"])
    progress.step = state["step"]
    return progress
