"""The checkpoint: read without running code in it, compared with the network, loaded."""

from __future__ import annotations

import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tryon.core.errors import ModelDamaged, ModelMissing
from tryon.engines.sharp.predictor import Predictor
from tryon.engines.torch_runtime import need

if TYPE_CHECKING:
    import torch


def load_checkpoint(predictor: Predictor, path: Path, device: torch.device) -> None:
    """Raises ModelMissing, or ModelDamaged with the first wrong tensor. The predictor is ready to be called."""
    state = _read(path)
    _compare(state, predictor.state_dict(), path)
    predictor.load_state_dict(state, strict=True)
    predictor.eval()
    predictor.to(device)


def _read(path: Path) -> dict[str, Any]:
    torch = need("torch")
    if not path.is_file():
        raise ModelMissing(f"there is no {path}; run `fashion models pull sharp`")
    try:
        # Mapped where the format allows it: otherwise 2.8 GB lie in memory twice.
        mapped = zipfile.is_zipfile(path)
        state = torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
    except (RuntimeError, EOFError, ValueError, KeyError, pickle.UnpicklingError) as error:
        raise ModelDamaged(f"{path.name} cannot be read as a checkpoint of tensors: {error}") from error
    if not isinstance(state, dict) or not state or not all(torch.is_tensor(v) for v in state.values()):
        raise ModelDamaged(f"{path.name} is not a bare state_dict: it must be a dictionary of tensors only")
    return state


def _compare(found: Mapping[str, Any], wanted: Mapping[str, Any], path: Path) -> None:
    counts = f"{path.name} holds {len(found)} tensors and the network {len(wanted)}"
    for name in wanted:
        if name not in found:
            raise ModelDamaged(f"{counts}; {name} is missing")
        if found[name].shape != wanted[name].shape:
            shapes = f"{list(found[name].shape)} instead of {list(wanted[name].shape)}"
            raise ModelDamaged(f"{counts}; {name} has shape {shapes}")
    for name in found:
        if name not in wanted:
            raise ModelDamaged(f"{counts}; {name} is not known to the network")
