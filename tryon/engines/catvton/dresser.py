"""CatVTON as a Dresser: a latent diffusion model repaints a region of a photo with a garment.

Chong et al., CatVTON: Concatenation Is All You Need for Virtual Try-On with Diffusion Models, arXiv 2407.15886. Written
from the paper and published observations; the weights are for non-commercial use.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING

from tryon.core.errors import InvalidSetting
from tryon.core.models import Models
from tryon.core.ports import Dressed, DressJob, Pixels
from tryon.core.words import Category, EngineCard, Refused
from tryon.engines.catvton.models import ATTENTION, BASE, CHECKER, FOLDERS, VAE, Variant
from tryon.engines.catvton.own import OwnWeights
from tryon.engines.catvton.repaint import FEATHER, repaint
from tryon.engines.catvton.schedulers import Sampling
from tryon.engines.torch_runtime import (
    Device,
    Precision,
    choose_device,
    dtype_of,
    named_memory,
    need,
    release_memory,
    resolve_device,
)

if TYPE_CHECKING:
    from tryon.engines.catvton.memory import Portions
    from tryon.engines.catvton.networks import Networks
    from tryon.engines.catvton.safety import SafetyChecker

REVISION = "1"
"""Of this code; raised when it makes other pictures of the same weights."""

TFLOP = 845.0
"""A picture of 768x1024 in 50 steps with guidance, counted by torch."""
CPU_TFLOPS, GPU_TFLOPS = 0.1, 70.0
"""Two cores of 2026, in float32; an A10G, in 16 bits."""

_WEARABLE = (Category.TOPS, Category.BOTTOMS, Category.DRESS)


@dataclass
class Loaded:
    networks: Networks
    portions: Portions
    checker: SafetyChecker | None


class CatVton:
    """Implements tryon.core.ports.Dresser. Weights are loaded from `models` at the first job, and kept.

    variant: which of the published attention weights.
    sampling: steps, guidance, scheduler, eta; they decide the picture and are part of the recipe.
    precision: of weights and arithmetic. fp16 and bf16 give slightly other pictures than float32.
    width, height: the canvas in pixels, multiples of 8; a person of another aspect is padded, never cropped.
    batch_size: pictures denoised together at most; halved by itself when they do not fit.
    repaint: put the person's own pixels back around the region. Without it the answer is the networks' whole picture,
        for comparing with published figures: it breaks Dressed's promise, and the publish gate refuses it.
    safety: also load Stable Diffusion's safety checker; what it flags is Refused("unsafe"). See safety.py on why not
        by default.
    compile: torch.compile the UNet: minutes at the first batch of each size, then faster on a GPU.
    channels_last: memory layout of the networks; faster convolutions on a GPU. Neither changes more than rounding.
    threads: torch's for the CPU, of the whole process; None: as they are.
    own: weights of one's own, which are part of the recipe too.
    """

    def __init__(
        self,
        models: Models,
        *,
        variant: Variant = "mix",
        sampling: Sampling | None = None,
        precision: Precision = "no",
        device: Device = "auto",
        width: int = 768,
        height: int = 1024,
        batch_size: int = 4,
        repaint: bool = True,
        safety: bool = False,
        compile: bool = False,
        channels_last: bool = False,
        threads: int | None = None,
        own: OwnWeights | None = None,
    ) -> None:
        for name, value in (("width", width), ("height", height)):
            if value < 64 or value % 8:
                raise InvalidSetting(
                    f"a canvas {name} of {value}; it must be a multiple of 8 and at least 64"
                )
        if batch_size < 1:
            raise InvalidSetting(f"a batch of {batch_size}; at least 1")
        self._models, self._variant, self._own = models, variant, own or OwnWeights()
        self._sampling = sampling or Sampling()
        self._precision, self._device, self._threads = precision, device, threads
        self._size, self._batch_size = (width, height), batch_size
        self._repaint, self._safety = repaint, safety
        self._compile, self._channels_last = compile, channels_last
        self._loaded: Loaded | None = None
        self._busy = Lock()
        self.card = self._make_card()

    def dress(self, batch: Sequence[DressJob]) -> list[Dressed | Refused]:
        """One answer a job, in order. Arrays that several jobs share are encoded once: they are recognised by
        identity, so callers pass the same array, not copies.

        Raises ModelMissing, ModelDamaged, DeviceMissing, PackageMissing, KernelMissing (nothing can be done until
        somebody does something), and OutOfMemory when the networks or one picture alone do not fit.
        """
        refused = [_check(job) for job in batch]
        jobs = [job for job, verdict in zip(batch, refused, strict=True) if verdict is None]
        # One call at a time: two would need the memory twice, and load the networks twice.
        with self._busy:
            done = iter(self._dress(jobs) if jobs else [])
        return [verdict if verdict is not None else next(done) for verdict in refused]

    def load(self) -> None:
        """Now instead of with the first job. Raises as `dress`."""
        with self._busy:
            self._load()

    def sampled(self, steps: int, guidance: float) -> CatVton:
        """Implements tryon.core.ports.Samples: another recipe over the same loaded networks, one call at a time over
        both."""
        self.load()
        other = copy(self)
        other._sampling = replace(self._sampling, steps=steps, guidance=guidance)
        other.card = other._make_card()
        return other

    @property
    def device(self) -> str:
        """Implements tryon.core.ports.OnDevice."""
        return self._loaded.networks.device.type if self._loaded else resolve_device(self._device)

    def release(self) -> None:
        """Implements tryon.core.ports.Releasing."""
        release_memory()

    def _dress(self, jobs: list[DressJob]) -> list[Dressed | Refused]:
        from tryon.engines.catvton.batch import Sharing, generate

        loaded = self._load()
        sharing = Sharing(loaded.networks, self._size)
        what = f"one picture of {self._size[0]}x{self._size[1]} in precision {self._precision!r}"
        made = loaded.portions.run(jobs, lambda part: generate(part, sharing, self._sampling), what)
        answers = [self._finish(job, picture) for job, picture in zip(jobs, made, strict=True)]
        with named_memory("the safety checker"):
            return answers if loaded.checker is None else _checked(answers, loaded.checker)

    def _finish(self, job: DressJob, picture: Pixels | None) -> Dressed | Refused:
        from tryon.engines.catvton.batch import canvas_of

        if picture is None:
            return Refused(
                "tryon_overflow",
                f"The numbers overflowed in precision {self._precision!r}; bf16 holds larger ones.",
            )
        result = canvas_of(job, self._size).back(picture)
        return Dressed(repaint(job.person, result, job.region) if self._repaint else result)

    @property
    def batch_size(self) -> int:
        """Pictures denoised together: what was asked for, or less since the memory was full."""
        return self._loaded.portions.size if self._loaded else self._batch_size

    def use(self, networks: Networks, checker: SafetyChecker | None = None) -> None:
        """Work with networks that are already there; benchmarks make theirs without files."""
        from tryon.engines.catvton.memory import Portions
        from tryon.engines.catvton.tuning import tune

        tune(networks, self._size, self._channels_last, self._compile, self._threads)
        self._loaded = Loaded(networks, Portions(self._batch_size), checker)

    def _load(self) -> Loaded:
        if self._loaded is None:
            with named_memory(f"CatVTON's networks in precision {self._precision!r}"):
                self._open()
        assert self._loaded is not None, "use() keeps what it is given"
        return self._loaded

    def _open(self) -> None:
        need("diffusers")
        from tryon.engines.catvton.networks import load_networks
        from tryon.engines.catvton.safety import SafetyChecker

        device, dtype = choose_device(self._device), dtype_of(self._precision)
        published = ATTENTION[self._variant]
        attention = self._own.folder(self._models, published) / FOLDERS[self._variant] / "attention"
        networks = load_networks(
            self._own.folder(self._models, BASE),
            self._models.folder(VAE),
            attention / "model.safetensors",
            device,
            dtype,
        )
        self.use(
            networks, SafetyChecker(self._models.folder(CHECKER), device, dtype) if self._safety else None
        )

    def _make_card(self) -> EngineCard:
        used = (BASE, VAE, ATTENTION[self._variant], *((CHECKER,) if self._safety else ()))
        return EngineCard(
            id="catvton",
            revision=".".join([REVISION, *(model.revision[:7] for model in used)]),
            licence=ATTENTION[self._variant].licence,
            commercial_use=all(model.commercial_use for model in used),
            # The fastest kernel is chosen by the clock, and a batch's size changes the order of sums.
            deterministic=False,
            url=ATTENTION[self._variant].url,
            parameters={
                **self._sampling.parameters(),
                "variant": self._variant,
                "precision": self._precision,
                "width": self._size[0],
                "height": self._size[1],
                "repaint": self._repaint,
                "feather": FEATHER,
                "safety": self._safety,
                **({"own_weights": own} if (own := self._own.parameters(self._variant)) else {}),
            },
            generative=True,
            typical_seconds=self._seconds(),
        )

    def _seconds(self) -> float:
        """Of one picture."""
        share = self._sampling.steps / 50 * self._size[0] * self._size[1] / (768 * 1024)
        return share * TFLOP / (CPU_TFLOPS if self._device == "cpu" else GPU_TFLOPS)


def _check(job: DressJob) -> Refused | None:
    if job.category not in _WEARABLE:
        return Refused(
            "category_not_dressable",
            f"A garment of category {job.category.value!r} is not tried on; use tops, bottoms or dress.",
        )
    if not (job.region == 255).any():
        return Refused("region_empty", "No part of the photo may change for this garment; check the masks.")
    return None


def _checked(answers: list[Dressed | Refused], checker: SafetyChecker) -> list[Dressed | Refused]:
    from tryon.engines.catvton.safety import UNSAFE

    images = [answer.image for answer in answers if isinstance(answer, Dressed)]
    flags = iter(checker.unsafe(images) if images else [])
    return [UNSAFE if isinstance(answer, Dressed) and next(flags) else answer for answer in answers]
