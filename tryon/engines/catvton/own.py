"""Weights of one's own, in place of published ones: folders laid out as those are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tryon.core.errors import InvalidSetting
from tryon.core.models import Model, Models
from tryon.engines.catvton.models import ATTENTION, BASE, FOLDERS, Variant
from tryon.engines.fingerprints import fingerprint_all

CONFIGS = ("unet/config.json", "scheduler/scheduler_config.json")
UNETS = ("unet/diffusion_pytorch_model.safetensors", "unet/diffusion_pytorch_model.bin")
"""The first one that is there is loaded, as everywhere (checkpoints.py)."""


@dataclass(frozen=True, slots=True)
class OwnWeights:
    """base: in place of stable-diffusion-inpainting. attention: in place of CatVTON's. None: as published."""

    base: Path | None = None
    attention: Path | None = None

    def folder(self, models: Models, model: Model) -> Path:
        own = self._own(model)
        return models.folder(model) if own is None else own

    def used(self, model: Model) -> bool:
        return self._own(model) is not None

    def parameters(self, variant: Variant) -> dict[str, object]:
        """For the recipe; empty where everything is as published. Raises InvalidSetting for a folder of another
        layout. A safetensors file is read through, which takes a few seconds for a large one."""
        found: dict[str, object] = {}
        if self.base is not None:
            unet = next((path for path in UNETS if (self.base / path).is_file()), UNETS[0])
            found["base"] = _digest(self.base, (*CONFIGS, unet), BASE)
        if self.attention is not None:
            file = f"{FOLDERS[variant]}/attention/model.safetensors"
            found["attention"] = _digest(self.attention, (file,), ATTENTION[variant])
        return found

    def _own(self, model: Model) -> Path | None:
        if model.id == BASE.id:
            return self.base
        return self.attention if model.repo == ATTENTION["mix"].repo else None


def _digest(folder: Path, paths: tuple[str, ...], like: Model) -> str:
    if missing := [path for path in paths if not (folder / path).is_file()]:
        raise InvalidSetting(
            f"{folder} has no {missing[0]}: name a folder laid out as {like.repo} is ({', '.join(paths)}), or leave it "
            "out for the published weights"
        )
    return fingerprint_all(folder, paths, "the weights")
