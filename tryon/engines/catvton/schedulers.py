"""The ways from noise to picture."""

from __future__ import annotations

import warnings
from dataclasses import asdict, dataclass
from typing import Any, Literal

from tryon.core.errors import InvalidSetting
from tryon.engines.torch_runtime import need

SchedulerName = Literal["ddim", "unipc", "dpm++"]
"""ddim: as published, with fresh noise at each step when eta > 0. unipc, dpm++: deterministic multistep solvers that
need 15 to 25 steps; their pictures are other pictures, not worse copies of the published ones."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """eta: share of fresh noise in a DDIM step, 1.0 as published; the other schedulers have none.
    guidance: 1 or less: the picture without its garment is not computed at all."""

    steps: int = 50
    guidance: float = 2.5
    scheduler: SchedulerName = "ddim"
    eta: float = 1.0

    def __post_init__(self) -> None:
        if self.scheduler not in ("ddim", "unipc", "dpm++"):
            raise InvalidSetting(f"no scheduler is called {self.scheduler!r}; use ddim, unipc or dpm++")
        if not 1 <= self.steps <= 1000:
            raise InvalidSetting(f"{self.steps} steps; at least 1 and at most 1000")

    def parameters(self) -> dict[str, object]:
        facts: dict[str, object] = asdict(self)
        return facts if self.scheduler == "ddim" else {k: v for k, v in facts.items() if k != "eta"}

    @property
    def fresh_noise(self) -> bool:
        return self.scheduler == "ddim" and self.eta > 0


def make_scheduler(sampling: Sampling, schedule: dict[str, Any]) -> Any:
    """A fresh diffusers scheduler: multistep ones remember the steps before. Its tensors stay on the CPU."""
    diffusers = need("diffusers")
    match sampling.scheduler:
        case "ddim":
            made = diffusers.DDIMScheduler.from_config(schedule)
        case "unipc":
            made = diffusers.UniPCMultistepScheduler.from_config(schedule)
        case _:
            made = diffusers.DPMSolverMultistepScheduler.from_config(schedule, algorithm_type="dpmsolver++")
    with warnings.catch_warnings():
        # UniPC of diffusers 0.42 hands a tensor to numpy, which deprecates how; the numbers are right.
        warnings.filterwarnings("ignore", "__array__ implementation", DeprecationWarning)
        made.set_timesteps(sampling.steps)
    return made
