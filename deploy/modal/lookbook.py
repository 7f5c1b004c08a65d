"""The lookbook on Modal: what was generated, for whoever has a key. No GPU, and no engine.

modal deploy deploy/modal/lookbook.py
curl https://WORKSPACE--fashion-lookbook-fastapi-app.modal.run/users -H "X-API-Key: ..."
"""

from __future__ import annotations

import modal
from starlette.types import ASGIApp

from tryon.containers import keys, web
from tryon.containers.images import worker_image
from tryon.settings.deployment import Deployment

MINUTES = 60
AT_ONCE = 100
"""Most requests are log streams, which wait, and pictures, which are passed on."""

asked = Deployment()
app = modal.App(asked.lookbook_app)
image = worker_image(__file__, "cpu")
secret = modal.Secret.from_name(keys.SECRET, required_keys=[*keys.WEB_NAMES])


@app.function(
    name=asked.lookbook_web,
    image=image,
    cpu=2.0,
    memory=2048,
    timeout=60 * MINUTES,
    scaledown_window=asked.warm_seconds or 5 * MINUTES,
    min_containers=asked.min_containers,
    max_containers=asked.max_containers,
    secrets=[secret],
)
@modal.concurrent(max_inputs=AT_ONCE)
@modal.asgi_app()
def service() -> ASGIApp:
    return web.serve("lookbook", lambda: None)
