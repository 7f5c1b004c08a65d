"""Splats on Modal: a picture becomes 3D Gaussians. For the pipeline's orders, and for anybody who has a picture:

    modal deploy deploy/modal/splats.py
    modal run deploy/modal/splats.py --image-path X.jpg --output-path Y.ply

    modal.Function.from_name("sharp-view-synthesis", "predict_and_save_ply").remote(image_bytes, f_px=None)

GPUs, containers and the app's name are settings (docs/modal.md).
"""

from __future__ import annotations

import time
from importlib.resources import files
from pathlib import Path

import modal

from tryon.containers import gpus, keys, splats, station
from tryon.containers.images import CACHE, SHARP, worker_image
from tryon.core.recipes import Stage
from tryon.settings.deployment import Deployment

MINUTES = 60
PHOTO = "catalogue/uploads/users/u1.jpg"

asked = Deployment()
app = modal.App(asked.splat_app)
weights = splats.weights(asked.splat_checkpoint)
image = worker_image(__file__, "cuda", git=SHARP, variables=weights)
models = modal.Volume.from_name("sharp-model-cache", create_if_missing=True)
secret = modal.Secret.from_name(keys.SECRET, required_keys=[*keys.NAMES])
service = splats.Splats(models.commit)


@app.cls(
    image=image,
    gpu=[*asked.splat_gpu],
    cpu=4.0,
    memory=16384,
    timeout=20 * MINUTES,
    startup_timeout=30 * MINUTES,
    scaledown_window=asked.warm_seconds or 5 * MINUTES,
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
        self.worker = station.start(Stage.SPLAT, models.commit)

    @modal.method()
    def make(self, order_id: str) -> str:
        return station.run(self.worker, order_id, modal.current_function_call_id())


outside = app.function(
    image=image,
    gpu=[*asked.splat_gpu],
    cpu=4.0,
    memory=16384,
    timeout=30 * MINUTES,
    scaledown_window=asked.warm_seconds or 5 * MINUTES,
    max_containers=asked.max_containers,
    retries=0,
    volumes={CACHE: models},
    env={"FASHION_PROFILE": "workstation"},
)
"""The same engine, without stores and so without keys. Up to ten pictures are in a container at once: the network takes
them in turn while the others are read and written."""


@outside
@modal.concurrent(max_inputs=10)
def predict(image_bytes: bytes, f_px: float | None = None) -> dict[str, object]:
    """Lists of numbers, of 50,000 Gaussians at most, and what is known about them. f_px: of the picture, in pixels."""
    return splats.listed(service.engine(), image_bytes, f_px)


@outside
@modal.concurrent(max_inputs=10)
def predict_and_save_ply(image_bytes: bytes, f_px: float | None = None) -> bytes:
    """Every Gaussian, in a PLY file."""
    found = splats.as_ply(service.engine(), image_bytes, f_px)
    station.say(f"splat of {len(found)} bytes on {gpus.name() or 'no GPU'}")
    return found


@app.local_entrypoint()
def main(image_path: str = "", output_path: str = "", f_px: float = 0.0) -> None:
    picture = Path(image_path) if image_path else files("studio") / PHOTO
    begun = time.monotonic()
    found = predict_and_save_ply.remote(picture.read_bytes(), f_px or None)
    if output_path:
        Path(output_path).write_bytes(found)
    station.say(f"splats: {len(found)} bytes in {time.monotonic() - begun:.1f} s")
