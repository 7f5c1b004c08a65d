"""A finished look -> its 3D Gaussian splat, as a vertex-only PLY."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tryon.core.camera import focal_length
from tryon.core.depot import Made
from tryon.core.encoding import Encoded
from tryon.core.licences import licence_facts
from tryon.core.materials import Materials
from tryon.core.ply import write_ply
from tryon.core.ports import SplatJob, Splatter, load_now
from tryon.core.quality import judge_splat
from tryon.core.recipes import Method, Stage, method_of
from tryon.core.splats import Gaussians
from tryon.core.stages.stage import Task
from tryon.core.words import Refused

VERSION = 1


@dataclass
class SplatStage:
    materials: Materials
    splatter: Splatter
    batch_size: int = 8

    def method(self) -> Method:
        return method_of(Stage.SPLAT, VERSION, self.splatter.card)

    def warm(self) -> None:
        load_now(self.splatter)

    def load(self, task: Task) -> SplatJob:
        """The focal length comes from the user's photo, since the look was made from it."""
        (product,) = task
        (look,) = product.recipe.inputs
        assert product.user is not None, "a splat belongs to a user"
        image = self.materials.image(look)
        height, width = image.shape[:2]
        focal = focal_length(self.materials.photo(product.user).camera, width, height)
        return SplatJob(image, focal.f_px, focal.source)

    def work(self, jobs: Sequence[SplatJob]) -> list[tuple[Made | Refused, ...]]:
        answers = zip(jobs, self.splatter.splat(jobs), strict=True)
        return [(self._verdict(job, answer),) for job, answer in answers]

    def _verdict(self, job: SplatJob, answer: Gaussians | Refused) -> Made | Refused:
        if isinstance(answer, Refused):
            return answer
        if (refused := judge_splat(answer, job.image, job.f_px)) is not None:
            return refused
        return Made(Encoded(write_ply(answer), "ply", "application/octet-stream"), self._facts(job, answer))

    def _facts(self, job: SplatJob, answer: Gaussians) -> dict[str, object]:
        """What the vertex-only file has no place for. Every engine's splat says at least this much."""
        height, width = job.image.shape[:2]
        return {
            "generator": self.splatter.card.id,
            "licence": self.splatter.card.licence,
            "f_px": job.f_px,
            "f_px_source": job.f_px_source,
            "image_size": [width, height],
            **answer.facts,
            "gaussians": len(answer),
            **licence_facts(self.splatter.card),
        }
