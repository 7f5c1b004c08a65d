"""Masks on Modal: people are parsed on CPUs, in containers that begin as a snapshot with the nets already loaded.
For the pipeline's orders, and for apps that have a key:

    modal deploy deploy/modal/masks.py
    curl -X POST https://WORKSPACE--cpu-mask-generation-optimized-main.modal.run -H "X-API-Key: ..." \\
      -H "Content-Type: application/json" -d '{"user_image_url": "https://..."}'
    modal run deploy/modal/masks.py         # parses one photo, says how long it took

Containers and the app's name are settings (docs/modal.md).
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import modal
from starlette.types import ASGIApp

from tryon.containers import keys, selftest, station, web
from tryon.containers.images import CACHE, worker_image
from tryon.core.recipes import Stage
from tryon.settings.deployment import Deployment, web_label

MINUTES = 60
PHOTO = "catalogue/uploads/users/u1.jpg"

asked = Deployment()
app = modal.App(asked.mask_app)
image = worker_image(__file__, "cpu")
models = modal.Volume.from_name("fashion-models", create_if_missing=True)
secret = modal.Secret.from_name(keys.SECRET, required_keys=[*keys.NAMES])
web_secret = modal.Secret.from_name(keys.SECRET, required_keys=[*keys.WEB_NAMES])


@app.cls(
    image=image,
    cpu=4.0,
    memory=4096,
    timeout=10 * MINUTES,
    startup_timeout=30 * MINUTES,
    scaledown_window=asked.warm_seconds or 5 * MINUTES,
    min_containers=asked.min_containers,
    max_containers=asked.max_containers,
    retries=0,
    enable_memory_snapshot=True,
    volumes={CACHE: models},
    secrets=[secret],
)
class Worker:
    """One order at a time; who ordered tries again, so Modal does not."""

    @modal.enter(snap=True)
    def start(self) -> None:
        """In the snapshot: the nets, and keys as they are now. No store is connected before its first use."""
        self.worker = station.start(Stage.MASK, models.commit)

    @modal.method()
    def make(self, order_id: str) -> str:
        return station.run(self.worker, order_id, modal.current_function_call_id())


@app.cls(
    image=image,
    cpu=4.0,
    memory=4096,
    timeout=10 * MINUTES,
    startup_timeout=30 * MINUTES,
    scaledown_window=asked.warm_seconds or 5 * MINUTES,
    min_containers=asked.min_containers,
    max_containers=asked.max_containers,
    retries=0,
    enable_memory_snapshot=True,
    volumes={CACHE: models},
    secrets=[web_secret],
)
@modal.concurrent(max_inputs=web.AT_ONCE, target_inputs=web.WANTED)
class Web:
    """A class, because what a plain function loads is not in its snapshot."""

    @modal.enter(snap=True)
    def start(self) -> None:
        self.loaded = web.load("masks", models.commit)

    @modal.asgi_app(label=web_label(asked.mask_app, asked.mask_web))
    def main(self) -> ASGIApp:
        """Modal calls this after the snapshot."""
        return self.loaded.open()


# The same engines, without stores and so without keys.
@app.function(
    image=image,
    cpu=4.0,
    memory=4096,
    timeout=30 * MINUTES,
    max_containers=1,
    retries=0,
    volumes={CACHE: models},
    env={"FASHION_PROFILE": "workstation"},
)
def check(photo: bytes) -> selftest.Facts:
    return selftest.parse(photo, models.commit)


@app.local_entrypoint()
def main(photo: str = "") -> None:
    picture = Path(photo) if photo else files("studio") / PHOTO
    station.say(f"masks: {check.remote(picture.read_bytes())}")
