"""One batch of jobs through the networks, what they share computed once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import torch
from PIL import Image

from tryon.core.ports import DressJob, Pixels
from tryon.core.sizing import on_white
from tryon.engines.catvton.canvas import Canvas
from tryon.engines.catvton.denoise import Conditions, denoise
from tryon.engines.catvton.latents import draw, encode, pictures, shrink_mask
from tryon.engines.catvton.networks import Networks
from tryon.engines.catvton.noise import ItemNoise, Noise
from tryon.engines.catvton.prepare import fit_on_white, image_tensor, mask_tensor, without_masked
from tryon.engines.catvton.schedulers import Sampling

Size = tuple[int, int]
Value = TypeVar("Value")


@dataclass
class Sharing:
    """What one call to `dress` has computed: by the identity of arrays, which the jobs keep alive meanwhile.

    moments: [1, 8, h, w] of each distinct garment and each distinct pair of person and region.
    masks: [1, 1, H, W] of each region.
    """

    networks: Networks
    size: Size
    moments: dict[Hashable, torch.Tensor] = field(default_factory=dict)
    masks: dict[Hashable, torch.Tensor] = field(default_factory=dict)

    def mask(self, job: DressJob) -> torch.Tensor:
        key = id(job.region)
        if key not in self.masks:
            self.masks[key] = mask_tensor(canvas_of(job, self.size).mask(job.region))
        return self.masks[key]

    def persons(self, jobs: Sequence[DressJob]) -> torch.Tensor:
        """Moments of the masked persons, [B, 8, h, w]."""
        return self._encoded(jobs, lambda job: (id(job.person), id(job.region)), self._person)

    def garments(self, jobs: Sequence[DressJob]) -> torch.Tensor:
        """Moments of the garments, [B, 8, h, w]."""
        return self._encoded(jobs, lambda job: id(job.garment), lambda job: _garment(job.garment, self.size))

    def _person(self, job: DressJob) -> torch.Tensor:
        picture = canvas_of(job, self.size).picture(job.person)
        return without_masked(image_tensor(picture), self.mask(job))

    def _encoded(
        self,
        jobs: Sequence[DressJob],
        key: Callable[[DressJob], Hashable],
        make: Callable[[DressJob], torch.Tensor],
    ) -> torch.Tensor:
        new = {key(job): job for job in reversed(jobs) if key(job) not in self.moments}
        if new:
            found = encode(self.networks, torch.cat([make(job) for job in new.values()]))
            self.moments.update(zip(new, torch.split(found, 1), strict=True))
        return torch.cat([self.moments[key(job)] for job in jobs])


def canvas_of(job: DressJob, size: Size) -> Canvas:
    return Canvas.of((job.person.shape[1], job.person.shape[0]), size)


def _garment(rgba: Pixels, size: Size) -> torch.Tensor:
    return image_tensor(fit_on_white(Image.fromarray(on_white(rgba)), size))


@torch.inference_mode()
def generate(jobs: Sequence[DressJob], sharing: Sharing, sampling: Sampling) -> list[Pixels | None]:
    """The networks' pictures at the canvas's size, uint8 [height, width, 3]; None where numbers overflowed."""
    networks, noise = sharing.networks, ItemNoise([job.seed for job in jobs])
    persons, garments = sharing.persons(jobs), sharing.garments(jobs)
    masks = torch.cat([sharing.mask(job) for job in jobs])
    return pictures(networks, _finished(networks, masks, persons, garments, noise, sampling))


@torch.inference_mode()
def generate_published(
    networks: Networks,
    persons: torch.Tensor,
    masks: torch.Tensor,
    garments: torch.Tensor,
    noise: Noise,
    sampling: Sampling,
) -> tuple[torch.Tensor, list[Pixels | None]]:
    """The same networks on pictures that are prepared already, for comparing with published results.

    persons, garments: float32 [B, 3, H, W] in -1..1; masks: [B, 1, H, W] in 0..1, a half and more is masked.
    Returns the finished latents divided by the scaling factor, float32 [B, 4, h, w], and the pictures.
    """
    hidden = encode(networks, without_masked(persons, masks))
    latents = _finished(networks, masks, hidden, encode(networks, garments), noise, sampling)
    return latents / networks.vae.config.scaling_factor, pictures(networks, latents)


def _finished(
    networks: Networks,
    masks: torch.Tensor,
    persons: torch.Tensor,
    garments: torch.Tensor,
    noise: Noise,
    sampling: Sampling,
) -> torch.Tensor:
    """From moments to the latents of the finished persons."""
    shape = [persons.shape[0], persons.shape[1] // 2, *persons.shape[2:]]
    person = draw(networks, persons, noise.posterior(shape))
    garment = draw(networks, garments, noise.posterior(shape))
    return denoise(networks, Conditions(shrink_mask(masks, person), person, garment), noise, sampling)
