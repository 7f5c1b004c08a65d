"""CatVTON at full size on a CUDA GPU: 768x1024, 50 steps, guidance, bf16, random weights of the published shape.

Every way of running the same networks gets a row of its own; the best exact one is the headline. What does not fit or
does not compile says so in its row. The whole takes about six minutes on an H100, most of it compiling.
"""

from __future__ import annotations

import time
from functools import cache

import numpy as np
import torch

from bench.catvton_nets import (
    FULL_UNET,
    FULL_VAE,
    random_networks,
    teraflops,
    with_own_attention,
    with_stock_attention,
)  # fmt: skip
from bench.ceilings import copy_gigabytes, matmul_tflops
from bench.tryon import compared, engine, one_by_one, together
from bench.tryon_jobs import make_jobs
from tryon.core.ports import DressJob, Pixels
from tryon.engines.catvton import CatVton, Sampling
from tryon.engines.catvton.networks import Networks

WIDTH, HEIGHT, STEPS = 768, 1024, 50
PERSONS, GARMENTS = 2, 4
SERVED = 3
"""Requests that the plain server is timed on, after one to warm up."""
BUDGET_SECONDS = 480.0
"""No new row is begun later than this, so that the command ends within ten minutes."""
WAYS: dict[str, dict[str, bool]] = {
    "eager": {},
    "compiled": {"channels_last": True, "compile": True},
}
FEW = (Sampling(20, scheduler="unipc"), Sampling(20, scheduler="dpm++"), Sampling(20))

Row = dict[str, object]


def measure_gpu(batch: int = 4) -> dict[str, object]:
    started = time.perf_counter()
    networks = random_networks(FULL_UNET, FULL_VAE, "cuda", torch.bfloat16)
    jobs = make_jobs(PERSONS, GARMENTS, WIDTH, HEIGHT)
    matmul, copied = matmul_tflops(), copy_gigabytes()
    equal = _differences(jobs)
    naive, right = _serve(networks, jobs, Sampling(STEPS), SERVED)
    rows: list[Row] = []
    ours, seconds, made = _best(networks, jobs, batch, rows, started)
    batch, work = ours.batch_size, _work(STEPS, jobs)
    return {
        "device": torch.cuda.get_device_name(),
        **compared(naive, right, seconds, made),
        "largest_difference_bf16": _levels(right, made),
        **equal,
        "matmul_tflops": round(matmul, 1),
        "ratio_to_matmul": round(work / seconds / matmul, 3),
        "copy_gb_per_s": round(copied),
        "tflop_per_image": round(work, 1),
        "floor_seconds_per_image": round(work / matmul, 3),
        "naive_ratio_to_matmul": round(_work(STEPS, jobs[:1]) / naive / matmul, 3),
        "networks": "full",
        "size": f"{WIDTH}x{HEIGHT}",
        "steps": STEPS,
        "batch": batch,
        "images": len(jobs),
        "kernels": {f"{n} tokens of {d}": k.name for (n, d), k in networks.kernels.chosen.items()},
        "ways": rows,
        "few_steps": _few_steps(networks, jobs, batch, matmul, started),
        "peak_gib": round(torch.cuda.max_memory_allocated() / 2**30, 1),
        "torch": torch.__version__,
    }


def _differences(jobs: list[DressJob]) -> Row:
    """Whether batches and servers make the same pictures, in float32 and a few steps: 16 bits round so coarsely that
    two kernels differ by some levels, and that difference is reported apart."""
    torch.backends.cudnn.allow_tf32 = False
    networks = random_networks(FULL_UNET, FULL_VAE, "cuda", torch.float32)
    right = _serve(networks, jobs[:2], Sampling(5), 2)[1]
    ours = _engine(networks, Sampling(5), 2, {})
    levels = _levels(right, together(ours, jobs[:2])[1])
    torch.backends.cudnn.allow_tf32 = True
    return {"outputs_equal": levels <= 1, "largest_difference": levels, "compared_in": "float32, 5 steps"}


def _levels(right: list[Pixels], made: list[Pixels]) -> int:
    return max(int(np.abs(a.astype(np.int16) - b).max()) for a, b in zip(right, made, strict=False))


def _serve(
    networks: Networks, jobs: list[DressJob], sampling: Sampling, count: int
) -> tuple[float, list[Pixels]]:
    """The plain server: torch's own attention, nothing tuned, nothing shared."""
    server = engine(networks, sampling, batch_size=1, width=WIDTH, height=HEIGHT)
    with_stock_attention(networks)
    one_by_one(server, jobs[:1])
    found = one_by_one(server, jobs[:count])
    with_own_attention(networks)
    return found


def _best(
    networks: Networks, jobs: list[DressJob], batch: int, rows: list[Row], started: float
) -> tuple[CatVton, float, list[Pixels]]:
    """Each way gets a row; the fastest one, its seconds a picture, and its pictures."""
    found: list[tuple[CatVton, float, list[Pixels]]] = []
    for name, options in WAYS.items():
        if found and time.perf_counter() - started > BUDGET_SECONDS / 2:
            rows.append({"way": name, "skipped": "too little time is left to compile"})
            continue
        try:
            ours = _engine(networks, Sampling(STEPS), batch, options)
            warmed = _warm(ours, jobs)
            seconds, made = together(ours, jobs)
        except Exception as error:  # noqa: BLE001 - a row that says what does not work here is a result
            rows.append({"way": name, "error": f"{type(error).__name__}: {str(error)[:300]}"})
            continue
        found.append((ours, seconds, made))
        rows.append({"way": name, "images_per_s": round(1 / seconds, 4), "warm_up_s": round(warmed, 1)})
    if not found:
        raise RuntimeError(f"no way of running works on this GPU: {rows}")
    return min(found, key=lambda way: way[1])


def _engine(networks: Networks, sampling: Sampling, batch: int, options: dict[str, bool]) -> CatVton:
    return engine(networks, sampling, batch_size=batch, width=WIDTH, height=HEIGHT, **options)


def _warm(ours: CatVton, jobs: list[DressJob]) -> float:
    """Compiling, and the memory that batches which do not fit give back."""
    started = time.perf_counter()
    together(ours, jobs[: ours.batch_size])
    return time.perf_counter() - started


def _few_steps(
    networks: Networks, jobs: list[DressJob], batch: int, matmul: float, started: float
) -> list[Row]:
    """Other pictures than with 50 steps, so never part of the headline. The networks stay as they were tuned last."""
    rows: list[Row] = []
    for sampling in FEW:
        if time.perf_counter() - started > BUDGET_SECONDS:
            rows.append({**sampling.parameters(), "skipped": "no time is left"})
            continue
        seconds, _ = together(_engine(networks, sampling, batch, {}), jobs)
        share = _work(sampling.steps, jobs) / seconds / matmul
        rows.append(
            {
                **sampling.parameters(),
                "images_per_s": round(1 / seconds, 4),
                "ratio_to_matmul": round(share, 3),
            }
        )
    return rows


@cache
def _counted() -> dict[str, float]:
    return teraflops(FULL_UNET, FULL_VAE, WIDTH, HEIGHT)


def _work(steps: int, jobs: list[DressJob]) -> float:
    """TFLOP that a picture of these jobs takes: each distinct person and garment is encoded once."""
    counted = _counted()
    encoded = len({id(job.person) for job in jobs}) + len({id(job.garment) for job in jobs})
    return steps * counted["unet"] + counted["decode"] + counted["encode"] * encoded / len(jobs)
