"""Splats over HTTP on Modal: one picture becomes 3D Gaussians, for anybody who has a key.

    modal deploy deploy/modal/splat_api.py
    curl https://WORKSPACE--sharp-api-fastapi-app.modal.run/predict/ply -H "X-API-Key: ..." \\
      -F file=@look.jpg -o look.ply

The engine of deploy/modal/splats.py, with its volume, without stores and so without their keys: of the secret it needs
FASHION_API_KEYS alone, and its log is what `modal app logs sharp-api` shows.
"""

from __future__ import annotations

import modal
from starlette.types import ASGIApp

from tryon.containers import keys, splats, web
from tryon.containers.images import CACHE, SHARP, passed_on, worker_image
from tryon.settings.deployment import Deployment

MINUTES = 60
AT_ONCE = 10
"""Pictures in a container: one is worked on, the others wait for it."""

asked = Deployment()
app = modal.App(asked.splat_api_app)
queue = {"FASHION_WAITING": passed_on().get("FASHION_WAITING", str(AT_ONCE - 1))}
image = worker_image(__file__, "cuda", git=SHARP, variables=splats.weights(asked.splat_checkpoint) | queue)
models = modal.Volume.from_name("sharp-model-cache", create_if_missing=True)
secret = modal.Secret.from_name(keys.SECRET, required_keys=["FASHION_API_KEYS"])


@app.function(
    name=asked.splat_web,
    image=image,
    gpu=[*asked.splat_gpu],
    cpu=4.0,
    memory=16384,
    timeout=30 * MINUTES,
    startup_timeout=30 * MINUTES,
    scaledown_window=asked.warm_seconds or 5 * MINUTES,
    min_containers=asked.min_containers,
    max_containers=asked.max_containers,
    volumes={CACHE: models},
    secrets=[secret],
    env={"FASHION_PROFILE": "workstation"},
)
@modal.concurrent(max_inputs=AT_ONCE)
@modal.asgi_app()
def service() -> ASGIApp:
    return web.serve("splats", models.commit)
