"""Try-on images a second: a plain server, which takes one request after the other, against our batches.

Both work with the same random weights and the same seeds, and must make the same pictures. The server computes
everything again for each request: geometry, both encodings, one picture at a time, torch's own choice of kernels. On a
GPU the networks have their full shape; on a CPU they are tiny, which compares the machinery around them only.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bench.catvton_nets import TINY_UNET, TINY_VAE, random_networks, with_own_attention, with_stock_attention
from bench.local_models import LocalModels
from bench.tryon_jobs import make_jobs
from tryon.core.ports import Dressed, DressJob, Pixels
from tryon.core.words import Refused
from tryon.engines.catvton import CatVton, Sampling
from tryon.engines.catvton.networks import Networks

NO_FILES = LocalModels(Path("nowhere"))
"""The networks are given; a file that is asked for is missing."""


def measure(
    persons: int = 2, garments: int = 8, steps: int = 8, width: int = 64, height: int = 64, batch: int = 8
) -> dict[str, object]:
    """The options are the CPU's; a GPU works at full size. See `bench.tryon_gpu`."""
    if torch.cuda.is_available():
        from bench.tryon_gpu import measure_gpu

        return measure_gpu()
    threads = torch.get_num_threads()
    # Threads that wait for each other in tiny layers measure who else uses the machine.
    torch.set_num_threads(1)
    try:
        return _measure_cpu(make_jobs(persons, garments, width, height), steps, width, height, batch)
    finally:
        torch.set_num_threads(threads)


def _measure_cpu(jobs: list[DressJob], steps: int, width: int, height: int, batch: int) -> dict[str, object]:
    networks = random_networks(TINY_UNET, TINY_VAE, "cpu", torch.float32)
    sampling, size = Sampling(steps), {"width": width, "height": height}
    server = engine(networks, sampling, batch_size=1, **size)
    ours = engine(networks, sampling, batch_size=batch, **size)
    naive = seconds = 0.0
    right: list[Pixels] = []
    made: list[Pixels] = []
    together(ours, jobs[:1])
    # In turns, so that both meet the same machine.
    for part in (jobs[start : start + batch] for start in range(0, len(jobs), batch)):
        with_stock_attention(networks)
        spent, found = one_by_one(server, part)
        naive, right = naive + spent * len(part) / len(jobs), right + found
        with_own_attention(networks)
        spent, found = together(ours, part)
        seconds, made = seconds + spent * len(part) / len(jobs), made + found
    return {
        "device": "cpu, 1 thread, no GPU",
        **compared(naive, right, seconds, made),
        "matmul_tflops": None,
        "ratio_to_matmul": None,
        "copy_gb_per_s": None,
        "networks": "tiny",
        "size": f"{width}x{height}",
        "steps": steps,
        "batch": batch,
        "images": len(jobs),
        "few_steps": None,
    }


def engine(networks: Networks, sampling: Sampling, **options: Any) -> CatVton:
    made = CatVton(NO_FILES, sampling=sampling, **options)
    made.use(networks)
    return made


def one_by_one(server: CatVton, jobs: list[DressJob]) -> tuple[float, list[Pixels]]:
    """Seconds a picture, and the pictures."""
    started = time.perf_counter()
    made = [picture for job in jobs for picture in pictures(server.dress([job]))]
    return (time.perf_counter() - started) / len(jobs), made


def together(ours: CatVton, jobs: list[DressJob]) -> tuple[float, list[Pixels]]:
    started = time.perf_counter()
    made = pictures(ours.dress(jobs))
    return (time.perf_counter() - started) / len(jobs), made


def pictures(answers: list[Dressed | Refused]) -> list[Pixels]:
    """Results come back as arrays, so the GPU has finished when they are here."""
    made = [answer.image for answer in answers if isinstance(answer, Dressed)]
    assert len(made) == len(answers), f"the benchmark's own pictures were refused: {answers}"
    return made


def compared(naive: float, right: list[Pixels], ours: float, made: list[Pixels]) -> dict[str, object]:
    """naive, ours: seconds a picture. Of the pictures, those that both made."""
    levels = max(
        int(np.abs(one.astype(np.int16) - other).max()) for one, other in zip(right, made, strict=False)
    )
    return {
        "naive_images_per_s": round(1 / naive, 4),
        "images_per_s": round(1 / ours, 4),
        "speedup": round(naive / ours, 3),
        "outputs_equal": levels <= 1,
        "largest_difference": levels,
    }
