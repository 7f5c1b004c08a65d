"""3D Gaussian splats in memory. Files are written and read by tryon.core.ply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Gaussians:
    """N Gaussians in OpenCV axes (x right, y down, z forward), camera at the origin, metres.

    positions: float32 [N, 3]; scales: float32 [N, 3] linear standard deviations, metres;
    rotations: float32 [N, 4] unit quaternions wxyz; opacities: float32 [N] in 0..1;
    colors: float32 [N, 3] sRGB in 0..1.
    facts: what a viewer or an auditor must know (generator, f_px, assumptions), plain JSON values.
    """

    positions: NDArray[np.float32]
    scales: NDArray[np.float32]
    rotations: NDArray[np.float32]
    opacities: NDArray[np.float32]
    colors: NDArray[np.float32]
    facts: Mapping[str, object] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.positions)
