"""Crops on Modal: garments are found in product photos. For the pipeline's orders, and for apps that have a key:

    modal deploy deploy/modal/crops.py
    curl -X POST https://WORKSPACE--fashion-crop-api-gpu-fastapi-app-v2.modal.run/crop -H "X-API-Key: ..." \\
      -H "Content-Type: application/json" -d '{"imageUrl": "https://...", "categories": ["tops"]}'
    modal run deploy/modal/crops.py         # sees the GPU, searches one photo, says how long it took

GPUs, containers and the app's name are settings (docs/modal.md).
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import modal
from starlette.types import ASGIApp

from tryon.containers import keys, selftest, station, web
from tryon.containers.images import CACHE, worker_image
from tryon.core.recipes import Stage
from tryon.settings.deployment import Deployment

MINUTES = 60
PHOTO = "catalogue/uploads/items/tee-sun.jpg"

asked = Deployment()
app = modal.App(asked.crop_app)
image = worker_image(__file__, "cuda")
models = modal.Volume.from_name("fashion-models", create_if_missing=True)
secret = modal.Secret.from_name(keys.SECRET, required_keys=[*keys.NAMES])
web_secret = modal.Secret.from_name(keys.SECRET, required_keys=[*keys.WEB_NAMES])


@app.cls(
    image=image,
    gpu=[*asked.crop_gpu],
    cpu=2.0,
    memory=16384,
    timeout=10 * MINUTES,
    startup_timeout=30 * MINUTES,
    scaledown_window=asked.warm_seconds or 10 * MINUTES,
    min_containers=asked.min_containers,
    max_containers=asked.max_containers,
    retries=0,
    volumes={CACHE: models},
    secrets=[secret],
)
class Worker:
    """One order at a time; who ordered tries again, so Modal does not."""

    @modal.enter()
    def start(self) -> None:
        self.worker = station.start(Stage.CROP, models.commit)

    @modal.method()
    def make(self, order_id: str) -> str:
        return station.run(self.worker, order_id, modal.current_function_call_id())


@app.function(
    name=asked.crop_web,
    image=image,
    gpu=[*asked.crop_gpu],
    cpu=2.0,
    memory=16384,
    timeout=10 * MINUTES,
    startup_timeout=30 * MINUTES,
    scaledown_window=asked.warm_seconds or 10 * MINUTES,
    min_containers=asked.min_containers,
    max_containers=asked.max_containers,
    volumes={CACHE: models},
    secrets=[web_secret],
)
@modal.concurrent(max_inputs=web.AT_ONCE, target_inputs=web.WANTED)
@modal.asgi_app()
def service() -> ASGIApp:
    return web.serve("crop", models.commit)


# The same engines, without stores and so without keys.
@app.function(
    image=image,
    gpu=[*asked.crop_gpu],
    cpu=2.0,
    memory=16384,
    timeout=30 * MINUTES,
    max_containers=1,
    retries=0,
    volumes={CACHE: models},
    env={"FASHION_PROFILE": "workstation"},
)
def check(photo: bytes) -> selftest.Facts:
    return selftest.on_gpu(selftest.find(photo, models.commit))


@app.local_entrypoint()
def main(photo: str = "") -> None:
    picture = Path(photo) if photo else files("studio") / PHOTO
    station.say(f"crops: {check.remote(picture.read_bytes())}")
