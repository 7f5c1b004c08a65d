"""The engine: from looks and views of the person in them to Gaussians or refusals."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from tryon.core.errors import InvalidSetting
from tryon.core.licences import APACHE
from tryon.core.ports import Pixels, SplatJob
from tryon.core.splats import Gaussians
from tryon.core.words import EngineCard, Refused
from tryon.engines.person_view import PersonView
from tryon.engines.relief.layers import Camera, gather
from tryon.engines.relief.sheet import Sheet, make_sheet
from tryon.engines.relief.silhouette import judge_silhouette, keep_body

Views = Callable[[Sequence[Pixels]], Sequence[PersonView | Refused]]


_GEOMETRY = {
    False: "inflated silhouette, not reconstructed",
    True: "inflated silhouette at the depths a net estimates, not reconstructed",
}


class Relief:
    """`views` answers for each image where the person is and how deep, or why there is none."""

    card = EngineCard("relief", "4", "Apache-2.0", True, True, APACHE, typical_seconds=0.2)

    def __init__(self, views: Views, max_gaussians: int = 80_000, assumed_height_m: float = 1.70) -> None:
        if max_gaussians < 1000:
            raise InvalidSetting(f"max_gaussians is {max_gaussians}; a relief needs at least 1000")
        self._views, self._limit, self._height = views, max_gaussians, assumed_height_m

    def splat(self, batch: Sequence[SplatJob]) -> list[Gaussians | Refused]:
        views = self._views([job.image for job in batch])
        return [self._one(job, view) for job, view in zip(batch, views, strict=True)]

    def _one(self, job: SplatJob, view: PersonView | Refused) -> Gaussians | Refused:
        if isinstance(view, Refused):
            return view
        if not (math.isfinite(job.f_px) and job.f_px > 0):
            return Refused("bad_focal_length", f"The focal length is {job.f_px} px; it must be above 0.")
        body = keep_body(view.mask)
        if (refused := judge_silhouette(body)) is not None:
            return refused
        rows = np.flatnonzero(body.any(axis=1))
        metres_per_px = self._height / float(rows[-1] - rows[0] + 1)
        height, width = body.shape
        whole = bool(rows[0] > 0 and rows[-1] < height - 1)
        sheet = make_sheet(job.image, PersonView(body, view.depth), metres_per_px, self._limit, whole)
        camera = Camera(float(job.f_px), job.f_px * metres_per_px, width, height)
        return gather(sheet, camera, self._facts(job, sheet, camera, whole, view.depth is not None))

    def _facts(
        self, job: SplatJob, sheet: Sheet, camera: Camera, whole: bool, seen: bool
    ) -> dict[str, object]:
        """whole: the person touches neither the top nor the bottom edge, so the assumed height may hold; seen: a parser
        told how deep the front lies.
        """
        return {
            "generator": "relief",
            "licence": self.card.licence,
            "geometry": _GEOMETRY[seen],
            "back": "synthetic",
            "assumed_height_m": self._height,
            "whole_figure": whole,
            "f_px": camera.f_px,
            "f_px_source": job.f_px_source,
            "distance_m": round(camera.z0, 6),
            "image_size": [camera.width, camera.height],
            "stride_px": round(sheet.stride, 4),
        }
