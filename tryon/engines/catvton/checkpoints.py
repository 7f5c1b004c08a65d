"""Weights from local files into networks, strictly: every tensor, every shape, nothing left over."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from tryon.core.errors import ModelDamaged, ModelMissing

Tensors = dict[str, torch.Tensor]

NAMES = ("diffusion_pytorch_model.safetensors", "diffusion_pytorch_model.bin")
"""Of diffusers; the safetensors file is preferred where there are both."""

_OLD_NAMES = {"query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0"}
_OLD = re.compile(r"(\.attentions\.\d+)\.(query|key|value|proj_attn)\.")


def read_config(path: Path) -> dict[str, Any]:
    try:
        config = json.loads(path.read_text())
    except FileNotFoundError as error:
        raise _missing(path) from error
    except ValueError as error:
        raise ModelDamaged(f"{path} is not JSON ({error}); pull the model again") from error
    if not isinstance(config, dict):
        raise ModelDamaged(f"{path} holds no configuration; pull the model again")
    return config


def read_network(folder: Path) -> Tensors:
    """The tensors of a diffusers model folder. Names of autoencoders published before diffusers 0.15 are today's."""
    path = next((folder / name for name in NAMES if (folder / name).exists()), folder / NAMES[0])
    return {_OLD.sub(_renamed, name): tensor for name, tensor in read_tensors(path).items()}


def read_tensors(path: Path) -> Tensors:
    """A safetensors file, or a pickle of nothing but tensors: torch refuses to unpickle anything else."""
    if not path.exists():
        raise _missing(path)
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        loaded = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except (SafetensorError, RuntimeError, OSError, ValueError, EOFError) as error:
        raise _damaged(path, error) from error
    except Exception as error:  # UnpicklingError and whatever a damaged archive raises.
        raise _damaged(path, error) from error
    if not isinstance(loaded, Mapping) or not all(isinstance(t, torch.Tensor) for t in loaded.values()):
        raise ModelDamaged(f"{path} is not a table of tensors; pull the model again")
    return dict(loaded)


def fill(network: torch.nn.Module, tensors: Tensors, what: str, dtype: torch.dtype) -> None:
    """Put `tensors` into a network made on the meta device. Raises ModelDamaged, which names the first fault."""
    wanted = network.state_dict()
    for name, empty in wanted.items():
        if name not in tensors:
            raise ModelDamaged(f"{what} lacks {name}; of {len(wanted)} tensors {len(tensors)} are there")
        if tensors[name].shape != empty.shape:
            found, right = list(tensors[name].shape), list(empty.shape)
            raise ModelDamaged(f"{what}: {name} has shape {found}, not {right}; it is another model")
    unknown = sorted(set(tensors) - set(wanted))
    if unknown:
        raise ModelDamaged(
            f"{what} holds {unknown[0]} and {len(unknown) - 1} more that the model has no place for"
        )
    network.load_state_dict({name: tensors[name].to(dtype) for name in wanted}, assign=True)


def _renamed(match: re.Match[str]) -> str:
    return f"{match[1]}.{_OLD_NAMES[match[2]]}."


def _missing(path: Path) -> ModelMissing:
    return ModelMissing(f"{path} is not there; `fashion models pull` downloads it")


def _damaged(path: Path, error: Exception) -> ModelDamaged:
    return ModelDamaged(f"{path} cannot be read ({type(error).__name__}: {error}); pull the model again")
