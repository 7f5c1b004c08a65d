"""Try-ons on Modal: people are dressed. For the pipeline's orders, and for apps that have a key:

    modal deploy deploy/modal/tryons.py
    curl https://WORKSPACE--fashion-tryon-fastapi-app.modal.run/api/try-on -H "X-API-Key: ..." \\
      -F person_image=@me.jpg -F cloth_image=@shirt.jpg -F cloth_type=upper
    modal run deploy/modal/tryons.py        # sees the GPU, dresses one person, says how long it took

GPUs, containers and the app's name are settings (docs/modal.md).
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import modal
from starlette.types import ASGIApp

from tryon.containers import gpus, keys, selftest, station, web
from tryon.containers.images import CACHE, passed_on, worker_image
from tryon.core.recipes import Stage
from tryon.settings.deployment import Deployment

MINUTES = 60
PERSON, GARMENT = "catalogue/uploads/users/u1.jpg", "catalogue/uploads/items/tee-sun.jpg"

asked = Deployment()
app = modal.App(asked.tryon_app)
image = worker_image(__file__, "cuda")
models = modal.Volume.from_name("fashion-models", create_if_missing=True)
secret = modal.Secret.from_name(keys.SECRET, required_keys=[*keys.NAMES])
web_secret = modal.Secret.from_name(keys.SECRET, required_keys=[*keys.WEB_NAMES])


@app.cls(
    image=image,
    gpu=[*asked.tryon_gpu],
    cpu=4.0,
    memory=16384,
    timeout=30 * MINUTES,
    startup_timeout=30 * MINUTES,
    scaledown_window=asked.warm_seconds or 5 * MINUTES,
    min_containers=asked.min_containers,
    max_containers=asked.max_containers,
    retries=0,
    volumes={CACHE: models},
    secrets=[secret],
)
class Worker:
    """One order at a time: a batch shares the latents of its people and garments. Who ordered tries again, so Modal
    does not."""

    @modal.enter()
    def start(self) -> None:
        self.worker = station.start(Stage.TRYON, models.commit)

    @modal.method()
    def make(self, order_id: str) -> str:
        return station.run(self.worker, order_id, modal.current_function_call_id())


@app.function(
    name=asked.tryon_web,
    image=image,
    gpu=[*asked.tryon_gpu],
    cpu=4.0,
    memory=16384,
    timeout=30 * MINUTES,
    startup_timeout=30 * MINUTES,
    scaledown_window=asked.warm_seconds or 5 * MINUTES,
    min_containers=asked.min_containers,
    max_containers=asked.max_containers,
    volumes={CACHE: models},
    secrets=[web_secret],
    env={"FASHION_WAITING": passed_on().get("FASHION_WAITING", str(web.WANTED - 1))},
)
@modal.concurrent(max_inputs=web.AT_ONCE, target_inputs=web.WANTED)
@modal.asgi_app()
def service() -> ASGIApp:
    return web.serve("tryon", models.commit)


# The same engines, without stores and so without keys.
@app.function(
    image=image,
    gpu=[*asked.tryon_gpu],
    cpu=4.0,
    memory=16384,
    timeout=30 * MINUTES,
    max_containers=1,
    retries=0,
    volumes={CACHE: models},
    env={"FASHION_PROFILE": "workstation"},
)
def check(person: bytes, garment: bytes) -> selftest.Facts:
    with gpus.naming_larger("FASHION_TRYON_GPU"):
        return selftest.on_gpu(selftest.dress(person, garment, models.commit))


@app.local_entrypoint()
def main(person: str = "", garment: str = "") -> None:
    worn = Path(person) if person else files("studio") / PERSON
    shown = Path(garment) if garment else files("studio") / GARMENT
    station.say(f"try-ons: {check.remote(worn.read_bytes(), shown.read_bytes())}")
