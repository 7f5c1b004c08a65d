"""What we use of the upstream package, and where it comes from."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from importlib import import_module, metadata
from typing import TYPE_CHECKING, Any, Protocol

from tryon.core.errors import PackageMissing
from tryon.engines.sharp.models import COMMIT

if TYPE_CHECKING:
    import torch

INSTALL = f"pip install 'sharp @ git+https://github.com/apple/ml-sharp@{COMMIT}'"
"""From git only: `sharp` on PyPI is another project (spherical harmonics), and there is no `ml-sharp` on it."""


class Gaussians3D(Protocol):
    """N Gaussians before unprojection, batch of one.

    mean_vectors: [1, N, 3] (x z, y z, z), x and y in -1..1 across the picture, z in metres.
    singular_values: [1, N, 3] standard deviations in the same space. quaternions: [1, N, 4] wxyz, of any length.
    colors: [1, N, 3] linear RGB. opacities: [1, N], 0..1.
    Order: layer, row, column of the network's grid, which has half the rows and columns of its input.
    """

    @property
    def mean_vectors(self) -> torch.Tensor: ...
    @property
    def singular_values(self) -> torch.Tensor: ...
    @property
    def quaternions(self) -> torch.Tensor: ...
    @property
    def colors(self) -> torch.Tensor: ...
    @property
    def opacities(self) -> torch.Tensor: ...


class Predictor(Protocol):
    """A torch module."""

    def __call__(self, image: torch.Tensor, disparity_factor: torch.Tensor, /) -> Gaussians3D:
        """image: float32 [1, 3, S, S] sRGB 0..1. disparity_factor: [1], f_px / width of the picture."""
        ...

    def state_dict(self) -> Mapping[str, torch.Tensor]: ...

    def load_state_dict(self, state: Mapping[str, Any], /, strict: bool = True) -> object: ...

    def eval(self) -> object: ...

    def to(self, device: torch.device, /) -> object: ...


Factory = Callable[[], Predictor]


def upstream_predictor() -> Predictor:
    """The network with random weights. Raises PackageMissing, which says what to install."""
    check_commit()
    try:
        models = import_module("sharp.models")
    except ModuleNotFoundError as error:
        raise PackageMissing(_advice(error)) from error
    except (ImportError, RuntimeError, OSError) as error:
        # RuntimeError: torchvision of another build than torch registers operators that torch does not have.
        raise PackageMissing(
            f"the package sharp is installed but cannot be imported ({error}); it needs torchvision and timm"
            f" that fit the installed torch: {INSTALL}"
        ) from error
    predictor: Predictor = models.create_predictor(models.PredictorParams())
    return predictor


def check_commit() -> None:
    """Raises PackageMissing when pip noted another commit. An install from a folder leaves no such note."""
    try:
        note = metadata.distribution("sharp").read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        return
    commit = json.loads(note).get("vcs_info", {}).get("commit_id", COMMIT) if note else COMMIT
    if commit != COMMIT:
        raise PackageMissing(
            f"the package sharp is installed at commit {commit}; results are defined for {COMMIT}: {INSTALL}"
        )


def _advice(error: ModuleNotFoundError) -> str:
    if error.name == "sharp":
        return f"Apple's package sharp is not installed; it comes from git, never from PyPI: {INSTALL}"
    if error.name == "sharp.models":
        return (
            f"the installed package sharp {_version()} is not Apple's but another project of that name, as on PyPI"
            f" (spherical harmonics); remove it with `pip uninstall sharp`, then {INSTALL}"
        )
    return f"the package sharp needs {error.name}, which is not installed; with all it needs: {INSTALL}"


def _version() -> str:
    try:
        return metadata.version("sharp")
    except metadata.PackageNotFoundError:
        return "(of unknown version)"
