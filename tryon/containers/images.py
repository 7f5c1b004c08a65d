"""The images of the containers: Python, the project's packages at the versions of constraints.txt, and `tryon`."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from importlib.metadata import requires
from pathlib import Path
from typing import Literal

import modal

from tryon.core.errors import InvalidSetting
from tryon.engines.sharp.models import COMMIT
from tryon.settings import Settings

PYTHON = "3.11"
CACHE = "/cache"
"""Where an app's volume is."""

OF_A_MACHINE = frozenset(
    {"profile", "compute", "worker", "data", "models", "device", "threads", "ui_port", "ui_url"}
    | {"base_model", "resume_path"}
)
OF_THE_PIPELINE = frozenset({"parallel", "pictures_port", "budget_run", "budget_day", "budget_catalogue"})
"""Settings that no worker needs, or that it gets otherwise."""

PRICES = "/prices.toml"
"""Where a price list of one's own is: workers write costs into records."""

HERE = frozenset(
    {
        "dagster",
        "dagster-graphql",
        "dagster-webserver",
        "dagster-postgres",
        "typer",
        "rich",
        "modal",
        "uvicorn",
    }
)
"""Not in a container: the orchestrator and the command line. Modal brings its own package and its own web server."""

SHARP = (
    f"sharp @ git+https://github.com/apple/ml-sharp@{COMMIT}",
    "torchvision==0.28.0",
    "timm==1.0.31",
    "gsplat==1.5.3",
    "imageio[ffmpeg]==2.38.1",
    "matplotlib==3.11.2",
    "pillow-heif==1.8.1",
)
"""Apple's package and what it needs beside ours. torchvision: the one that is built for our torch."""


def worker_image(
    app_file: str,
    device: Literal["cpu", "cuda"],
    git: tuple[str, ...] = (),
    variables: Mapping[str, str] | None = None,
) -> modal.Image:
    """app_file: `__file__` of the app, which lies in deploy/modal of the project. git: packages that come from git.

    A CPU image has no torch. On a GPU torch is the same version: PyPI's is built for CUDA.
    """
    image = modal.Image.debian_slim(python_version=PYTHON)
    if modal.is_local():
        # In its container an app file is loaded again, beside no constraints; the image is made by then.
        image = _with_packages(image, constraints_beside(app_file), device, git)
    image = image.env({**passed_on(), **_environment(device), **(variables or {})})
    prices = os.environ.get("FASHION_PRICES")
    if prices and modal.is_local():
        image = image.env({"FASHION_PRICES": PRICES}).add_local_file(Path(prices).expanduser(), PRICES)
    return image.add_local_python_source("tryon", ignore=["**/*.pyc"])


def passed_on() -> dict[str, str]:
    """Settings of whoever deploys, which decide results and so have to be the same in the pipeline and in its workers.
    No secret, and nothing that is about one machine."""
    fields = {
        f"FASHION_{name.upper()}": field
        for name, field in Settings.model_fields.items()
        if field.validation_alias is None and name not in OF_A_MACHINE | OF_THE_PIPELINE | {"prices"}
    }
    # Photos go to the address that was chosen, and to no other.
    fields["OPENAI_BASE_URL"] = Settings.model_fields["openai_base_url"]
    return {
        name: os.environ[name]
        for name, field in fields.items()
        if name in os.environ and "SecretStr" not in str(field.annotation)
    }


def constraints_beside(app_file: str) -> Path:
    path = Path(app_file).resolve().parents[2] / "constraints.txt"
    if not path.is_file():
        raise InvalidSetting(f"there is no {path}: deploy the app from a checkout of the project")
    return path


def _with_packages(
    image: modal.Image, constraints: Path, device: Literal["cpu", "cuda"], git: tuple[str, ...]
) -> modal.Image:
    if git:
        image = image.apt_install("git")
    return image.add_local_file(constraints, "/constraints.txt", copy=True).pip_install(
        *packages(pins(constraints), device), *git, extra_options="--constraint /constraints.txt"
    )


def packages(pinned: dict[str, str], device: Literal["cpu", "cuda"]) -> list[str]:
    """Every one with its version. ONNX Runtime for CUDA is another package, published with the same versions."""
    extras = {"", "cloud"} | ({"neural"} if device == "cuda" else set())
    names = sorted(name for name, extra in _required() if extra in extras and name not in HERE)
    wanted = [f"{name}=={pinned[name]}" for name in names]
    cpu, gpu = (f"{name}=={pinned['onnxruntime']}" for name in ("onnxruntime", "onnxruntime-gpu"))
    return [gpu if one == cpu and device == "cuda" else one for one in wanted]


def pins(constraints: Path) -> dict[str, str]:
    """Version by name, in lower case, with dashes."""
    lines = (line.split("#")[0].strip() for line in constraints.read_text().splitlines())
    found = (line.partition("==") for line in lines)
    return {_plain(name): version for name, _, version in found if version}


def _plain(name: str) -> str:
    return name.lower().replace("_", "-")


def _required() -> set[tuple[str, str]]:
    """(name as in `pins`, its extra or "") of everything that pyproject.toml asks for."""
    found = (
        re.match(r"([\w.-]+)[^;]*(?:;\s*extra == \"(\w+)\")?", one)
        for one in requires("fashion-assets") or ()
    )
    return {(_plain(match[1]), match[2] or "") for match in found if match}


def _environment(device: Literal["cpu", "cuda"]) -> dict[str, str]:
    return {
        "FASHION_PROFILE": "production",
        "FASHION_WORKER": "1",
        "FASHION_DEVICE": device,
        "FASHION_MODELS": f"{CACHE}/models",
        "FASHION_DATA": "/tmp/fashion",
    }
