"""What the network answered, as arrays of the Gaussians that are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tryon.core.errors import ModelDamaged
from tryon.engines.sharp.predictor import Gaussians3D
from tryon.engines.sharp.prune import LAYERS, Cells
from tryon.engines.torch_runtime import need

if TYPE_CHECKING:
    import torch

Floats = NDArray[np.float32]


class Raw(NamedTuple):
    """As `Gaussians3D`, float32, without the batch: [N, 3], [N, 3], [N, 4], [N, 3], [N]."""

    means: Floats
    sigmas: Floats
    quaternions: Floats
    linear: Floats
    opacities: Floats

    def faults(self) -> int:
        """Gaussians with a value that is not finite, or a quaternion of zeros."""
        finite = [np.isfinite(values.reshape(len(values), -1)).all(axis=1) for values in self]
        return int(np.count_nonzero(~np.logical_and.reduce([*finite, self.quaternions.any(axis=1)])))


def keep(found: Gaussians3D, cells: Cells, grid: int) -> Raw:
    """Picked where the answer lies, so that only what is kept leaves the GPU. Raises ModelDamaged for other shapes."""
    count = LAYERS * grid * grid
    index = need("torch").from_numpy(cells).to(found.mean_vectors.device)
    columns = (
        ("mean_vectors", found.mean_vectors, 3),
        ("singular_values", found.singular_values, 3),
        ("quaternions", found.quaternions, 4),
        ("colors", found.colors, 3),
        ("opacities", found.opacities, 1),
    )
    arrays = [_rows(name, values, count, width)[index] for name, values, width in columns]
    means, sigmas, quaternions, linear, opacities = (part.float().cpu().numpy() for part in arrays)
    return Raw(means, sigmas, quaternions, linear, opacities[:, 0])


def _rows(name: str, values: torch.Tensor, count: int, width: int) -> torch.Tensor:
    """[1, N, width], or [1, N] where width is 1 -> [N, width]."""
    if tuple(values.shape) not in {(1, count, width), *([(1, count)] if width == 1 else [])}:
        raise ModelDamaged(
            f"SHARP's {name} have shape {list(values.shape)} instead of {[1, count, width]}:"
            " the package is not at the commit that this engine knows"
        )
    return values.reshape(count, width)
