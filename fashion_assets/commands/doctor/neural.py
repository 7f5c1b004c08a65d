"""What neural engines stand on: a device, packages, weights, keys, and the hub that the weights come from."""

from __future__ import annotations

import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

import httpx

from fashion_assets.commands import opening
from fashion_assets.commands.doctor.finding import Check, Unwell
from tryon.core.errors import FashionError
from tryon.core.licences import check_commercial
from tryon.engines import models as registry
from tryon.engines.sharp.predictor import INSTALL as SHARP_INSTALL
from tryon.engines.torch_runtime import choose_device, need
from tryon.profiles.engines import chosen, needed_models
from tryon.settings import Profile, Settings
from tryon.stores.disk import nearest
from tryon.stores.model_cache import State
from tryon.stores.models.download import SPARE_BYTES
from tryon.stores.models.hub import Hub, Unavailable

PACKAGES = {
    "gpt-4o": ("openai",),
    "grounding-dino-tiny": ("torch", "transformers"),
    "mm-grounding-dino-tiny": ("torch", "transformers"),
    "dwpose-schp": ("onnxruntime",),
    "catvton": ("torch", "diffusers", "transformers"),
    "sharp": ("torch", "sharp"),
}
"""What each neural engine imports, by its name in tryon.profiles."""

INSTALL = {
    "onnxruntime": "pip install -e .",
    "sharp": SHARP_INSTALL,
}
"""The others come with `make install`."""

HUB_SECONDS = 5.0


def checks(settings: Settings, online: bool) -> dict[str, Check]:
    engines = set(chosen(settings).values())
    packages = {package for engine in engines for package in PACKAGES.get(engine, ())}
    found: dict[str, Check] = {}
    if packages:
        found["packages"] = _packages
    if "torch" in packages:
        found["device"] = _device
    if needed_models(settings):
        found |= {"models": _models, "disk space of models": _space}
    if "gpt-4o" in engines and settings.profile is not Profile.PRODUCTION:  # there OpenAI itself is asked
        found["OpenAI key"] = _key
    if settings.commercial:
        found["licences"] = _licences
    if online:
        found["model hub"] = _hub
    return found


def _packages(settings: Settings) -> str:
    wanted = sorted({p for engine in chosen(settings).values() for p in PACKAGES.get(engine, ())})
    missing = [package for package in wanted if find_spec(package) is None]
    if missing:
        advice = {INSTALL.get(package, "make install") for package in missing}
        raise Unwell(f"{', '.join(missing)} not installed", "; ".join(sorted(advice)))
    return ", ".join(f"{package} {_version(package)}".strip() for package in wanted)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # its distribution has another name
        return ""


def _device(settings: Settings) -> str:
    """Raises DeviceMissing for a GPU that was asked for and is not there."""
    device = choose_device(settings.device)
    torch = need("torch")
    if device.type == "cpu":
        return f"cpu, torch {torch.__version__}"
    gpu = torch.cuda.get_device_properties(device)
    memory = f"{gpu.total_memory / 1e9:.0f} GB"
    return f"cuda: {gpu.name}, {memory}, driver {_driver()}, CUDA {torch.version.cuda}, torch {torch.__version__}"


def _driver() -> str:
    """torch does not tell; nvidia-smi comes with the driver, but not into every container."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return "unknown"
    asked = [program, "--query-gpu=driver_version", "--format=csv,noheader"]
    try:
        said = subprocess.run(asked, capture_output=True, text=True, timeout=HUB_SECONDS).stdout.split()
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    return said[0] if said else "unknown"


def _models(settings: Settings) -> str:
    """Sizes only; `fashion models verify` reads them."""
    cache = opening.open_models(settings)
    found = {model.id: cache.standing(model) for model in needed_models(settings)}
    open_ones = {name: standing for name, standing in found.items() if standing.state is not State.COMPLETE}
    if open_ones:
        said = ", ".join(f"{name} {standing.state}" for name, standing in open_ones.items())
        raise Unwell(f"{said} in {cache.root}", f"fashion models pull {' '.join(open_ones)}")
    size = sum(standing.bytes for standing in found.values())
    return f"{len(found)} are in {cache.root}, {size / 1e9:.1f} GB"


def _space(settings: Settings) -> str:
    """Room for what is still to be downloaded, as far as its size is known; what an unfinished download brought is
    there already."""
    cache = opening.open_models(settings)
    standings = {model: cache.standing(model) for model in needed_models(settings)}
    missing = [model for model, standing in standings.items() if standing.state is not State.COMPLETE]
    need_bytes = sum(file.size or 0 for model in missing for file in model.files)
    need_bytes = max(need_bytes - sum(standings[model].bytes for model in missing), 0)
    told = f"{need_bytes / 1e9:.1f} GB to download"
    if unknown := [model.id for model in missing if model.size is None]:
        told = f"at least {told}; nobody publishes the size of {', '.join(unknown)}"
    free = shutil.disk_usage(nearest(cache.root)).free
    if missing and free < need_bytes + SPARE_BYTES:
        raise Unwell(
            f"{free / 1e9:.1f} GB free, {told}",
            "free some disk space, or set FASHION_MODELS to another disk",
        )
    return f"{free / 1e9:.1f} GB free, {told}"


def _key(settings: Settings) -> str:
    key = settings.openai_api_key
    if key is None or not key.get_secret_value().strip():
        raise Unwell("OPENAI_API_KEY is not set", "set it, or FASHION_ANALYZER=declared")
    return "OPENAI_API_KEY is set"


def _licences(settings: Settings) -> str:
    check_commercial([], needed_models(settings), settings.commercial)
    return "every model may be used commercially"


def _hub(settings: Settings) -> str:
    """One short request about one model; HF_HUB_OFFLINE is respected."""
    model = next(m for m in (*needed_models(settings), *registry.ALL) if not m.is_single_file)
    hub = Hub(settings.hub, settings.hub_token, settings.hub_offline, httpx.Timeout(HUB_SECONDS))
    try:
        hub.snapshot(model, model.revision)
    except (httpx.RequestError, Unavailable, FashionError) as error:
        said = f"{hub.endpoint}: {error or type(error).__name__}"
        raise Unwell(said, "check the network, a proxy, HF_ENDPOINT and HF_HUB_OFFLINE") from None
    return f"{hub.endpoint} has {model.repo}"
