"""The engine: from looks to Gaussians or refusals."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from tryon.core.models import Model, Models
from tryon.core.ply import srgb_from_linear
from tryon.core.ports import Pixels, SplatJob, load_now
from tryon.core.splats import Gaussians
from tryon.core.words import EngineCard, Refused
from tryon.engines.fingerprints import fingerprint
from tryon.engines.relief.silhouette import judge_silhouette, keep_body
from tryon.engines.sharp.checkpoint import load_checkpoint
from tryon.engines.sharp.landing import check_landing
from tryon.engines.sharp.models import COMMIT, SHARP
from tryon.engines.sharp.output import Floats, Raw, keep
from tryon.engines.sharp.predictor import Factory, Predictor, upstream_predictor
from tryon.engines.sharp.prepare import RESOLUTION, disparity_factor, network_input
from tryon.engines.sharp.prune import COVERAGE, LAYERS, Cells, every_cell, person_cells
from tryon.engines.sharp.unproject import Camera, unproject_means, unproject_shapes
from tryon.engines.torch_runtime import (
    Device,
    choose_device,
    named_memory,
    need,
    release_memory,
    resolve_device,
)

if TYPE_CHECKING:
    import torch

Silhouettes = Callable[[Sequence[Pixels]], Sequence[Pixels | Refused]]

FRAME = "OpenCV: x right, y down, z forward; camera at the origin; metres"
MAX_SIGMA_M = 0.5
"""Of a person's Gaussian: half a torso's height. A larger one inside the outline is backdrop at a depth edge."""
NEEDS = "SHARP, which needs about 8 GB free,"
CPU_SECONDS, GPU_SECONDS = 280.0, 5.0
"""One look on two cores of 2026 (272 s for the network alone), and on a GPU with the PLY's encoding."""


@dataclass
class Kept:
    """loaded: once, for whoever works with it."""

    loaded: tuple[Predictor, torch.device] | None = None


class Sharp:
    """silhouettes: one mask per image, uint8 [H, W], non-zero on the person, or why there is none; the rest is
    dropped. None keeps the whole scene.
    checkpoint: other weights of the same network, instead of the published ones: a file, or a model of the cache.
    predictor_factory: the network with any weights; the upstream package's where None.
    resolution: rows and columns of the network's input, fixed by the published weights.
    threads: torch's for the CPU, of the whole process; None: as they are.
    """

    def __init__(
        self,
        models: Models,
        silhouettes: Silhouettes | None,
        device: Device = "auto",
        checkpoint: Path | Model | None = None,
        predictor_factory: Factory | None = None,
        resolution: int = RESOLUTION,
        threads: int | None = None,
    ) -> None:
        self._threads, self._busy = threads, Lock()
        self._models, self._silhouettes, self._asked, self._checkpoint = (
            models,
            silhouettes,
            device,
            checkpoint,
        )
        self._factory = predictor_factory or upstream_predictor
        self._resolution, self._grid = resolution, resolution // 2
        self._kept = Kept()
        self.card = _card(device, resolution, silhouettes is not None, checkpoint)

    def splat(self, batch: Sequence[SplatJob]) -> list[Gaussians | Refused]:
        """One look after the other: one fills a GPU. Raises the EngineErrors of loading, OutOfMemory, and
        ModelDamaged when the network's answer is not laid out as published."""
        images = [job.image for job in batch]
        masks = self._silhouettes(images) if self._silhouettes else [None] * len(images)
        # One call at a time: two would need the memory twice, and load the network twice.
        with self._busy:
            return [self._one(job, mask) for job, mask in zip(batch, masks, strict=True)]

    def load(self) -> None:
        """Now instead of with the first look, and whoever tells its silhouettes too. Raises the EngineErrors of
        loading, and OutOfMemory."""
        load_now(getattr(self._silhouettes, "__self__", None))
        with self._busy, named_memory(NEEDS):
            self._load()

    def scene(self) -> Sharp:
        """Implements tryon.core.ports.Scenic. Whichever of the two loads the network, both have it."""
        other = copy(self)
        other._silhouettes = None
        other.card = _card(self._asked, self._resolution, False, self._checkpoint)
        return other

    @property
    def device(self) -> str:
        """Implements tryon.core.ports.OnDevice."""
        return self._kept.loaded[1].type if self._kept.loaded else resolve_device(self._asked)

    def release(self) -> None:
        """Implements tryon.core.ports.Releasing."""
        release_memory()

    def _one(self, job: SplatJob, mask: Pixels | Refused | None) -> Gaussians | Refused:
        if isinstance(mask, Refused):
            return mask
        if not (math.isfinite(job.f_px) and job.f_px > 0):
            return Refused("bad_focal_length", f"The focal length is {job.f_px} px; it must be above 0.")
        cells = self._cells(mask)
        if isinstance(cells, Refused):
            return cells
        raw = self._predict(job, cells)
        if faults := raw.faults():
            return Refused(
                "splat_not_finite", f"{faults} of {len(cells)} Gaussians hold values that are not finite."
            )
        height, width = job.image.shape[:2]
        camera = Camera(float(job.f_px), width, height)
        positions = unproject_means(raw.means, camera)
        astray = check_landing(positions, cells, camera, self._grid)
        return astray or self._finished(job, camera, positions, raw)

    def _cells(self, mask: Pixels | None) -> Cells | Refused:
        if mask is None:
            return every_cell(self._grid)
        body = keep_body(mask)
        return judge_silhouette(body) or person_cells(body, self._grid)

    def _predict(self, job: SplatJob, cells: Cells) -> Raw:
        torch = need("torch")
        with named_memory(NEEDS):
            predictor, device = self._load()
            with torch.inference_mode():
                image = network_input(job.image, self._resolution, device)
                found = predictor(image, disparity_factor(job.f_px, job.image.shape[1], device))
                return keep(found, cells, self._grid)

    def _load(self) -> tuple[Predictor, torch.device]:
        if self._kept.loaded is None:
            device = choose_device(self._asked)
            if self._threads is not None:
                need("torch").set_num_threads(self._threads)
            predictor = self._factory()
            load_checkpoint(predictor, self._weights(), device)
            self._kept.loaded = predictor, device
        return self._kept.loaded

    def _weights(self) -> Path:
        chosen = self._checkpoint or SHARP
        return self._models.folder(chosen) / chosen.files[0].path if isinstance(chosen, Model) else chosen

    def _finished(self, job: SplatJob, camera: Camera, positions: Floats, raw: Raw) -> Gaussians:
        shapes = unproject_shapes(raw.sigmas, raw.quaternions, camera)
        pruned = self._silhouettes is not None
        kept = shapes.scales[:, 0] < MAX_SIGMA_M if pruned else np.ones(len(positions), bool)
        return Gaussians(
            positions[kept],
            shapes.scales[kept],
            shapes.rotations[kept],
            np.clip(raw.opacities, 0, 1)[kept],
            srgb_from_linear(raw.linear)[kept],
            {
                "generator": self.card.id,
                "licence": self.card.licence,
                "geometry": "predicted by a network from one picture",
                "f_px": camera.f_px,
                "f_px_source": job.f_px_source,
                "image_size": [camera.width, camera.height],
                "frame": FRAME,
                "predicted": LAYERS * self._grid**2,
                "in_person_mask": len(positions) if pruned else None,
                "too_large": int(np.count_nonzero(~kept)),
            },
        )


def _card(device: Device, resolution: int, pruned: bool, checkpoint: Path | Model | None) -> EngineCard:
    """deterministic: on a GPU sums are added in another order each time."""
    weights = {"checkpoint": _fingerprint(checkpoint)} if checkpoint else {}
    pruning = {"coverage": COVERAGE, "max_sigma_m": MAX_SIGMA_M} if pruned else None
    return EngineCard(
        id="sharp",
        revision=f"1+{COMMIT[:7]}+{SHARP.revision[:7]}",
        licence=SHARP.licence,
        commercial_use=SHARP.commercial_use,
        deterministic=False,
        url=SHARP.url,
        parameters={"resolution": resolution, "person_only": pruning, **weights},
        typical_seconds=CPU_SECONDS if device == "cpu" else GPU_SECONDS,
    )


def _fingerprint(checkpoint: Path | Model) -> str:
    """12 hex digits that change with the weights."""
    return (
        checkpoint.revision[:12]
        if isinstance(checkpoint, Model)
        else fingerprint(checkpoint, "the SHARP checkpoint")
    )
