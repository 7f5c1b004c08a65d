"""The four services as their clients know them: right answers, and single wrong ones where a test asks for them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from functools import cache
from io import BytesIO
from typing import Any
from urllib.request import urlopen

from PIL import Image

from tests.peers.faulty import Asked, Peer, Reply
from tests.peers.multipart import read_multipart

KEY = "a-key-that-is-long-enough"


@cache
def picture(width: int = 768, height: int = 1024, kind: str = "PNG") -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, kind)
    return out.getvalue()


def reply(facts: Any, status: int = 200) -> Reply:
    return Reply(status, json.dumps(facts).encode(), {"Content-Type": "application/json"})


class Service(Peer):
    """change: what a test makes of right facts. said: the sentence of a planned refusal.
    fetched: the photos that the service read by their addresses."""

    def __init__(self, key: str = "") -> None:
        super().__init__()
        self.change: Callable[[Any], Any] = lambda facts: facts
        self.fetched: list[bytes] = []
        self.said = "GPU is busy processing another request. Please try again later."
        self._key = key

    def answer(self, asked: Asked) -> Reply:
        if self._key and asked.headers.get("authorization") != f"Bearer {self._key}":
            return reply({"detail": "show an API key"}, 401)
        found = self.facts(asked)
        return found if isinstance(found, Reply) else reply(self.change(found))

    def facts(self, asked: Asked) -> Any:
        raise NotImplementedError

    def refusal(self, status: int) -> Reply:
        return reply({"detail": self.said}, status)

    def read(self, url: str) -> None:
        """Only what this machine lends: no test leaves it."""
        if url.startswith("http://127.0.0.1:"):
            with urlopen(url) as answer:
                self.fetched.append(answer.read())

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(asked.body) for asked in self.asked if asked.method == "POST"]


class Crops(Service):
    def facts(self, asked: Asked) -> Any:
        if asked.path == "/":
            return {"status": "online", "cropper_available": True, "endpoint": "/crop"}
        assert asked.path == "/crop"
        body = json.loads(asked.body)
        self.read(body["imageUrl"])
        urls = [f"https://crops.test/{name}.png" for name in body["categories"]]
        return {"croppedImageUrl": urls[0]} if len(urls) == 1 else {"croppedImageUrls": urls}


class Masks(Service):
    def facts(self, asked: Asked) -> Any:
        if asked.path == "/health":
            return {"status": "healthy"}
        body = json.loads(asked.body)
        if asked.path == "/batch":
            return {"results": [self._one(url, {}) for url in body["user_image_urls"]]}
        assert asked.path == "/"
        return self._one(body["user_image_url"], body)

    def _one(self, url: str, body: Any) -> Any:
        self.read(url)
        kinds = body.get("kinds", ["upper", "lower"])
        return {"status": "success", "masks": {kind: f"https://masks.test/{kind}.png" for kind in kinds}}


class TryOns(Service):
    size = (768, 1024)

    def facts(self, asked: Asked) -> Any:
        if asked.path == "/health":
            return {"status": "healthy", "message": "Service is ready"}
        assert asked.path == "/api/try-on"
        parts = read_multipart(asked.headers["content-type"], asked.body)
        assert {"person_image", "cloth_image", "cloth_type", "num_inference_steps", "seed"} == set(parts)
        text = base64.b64encode(picture(*self.size)).decode()
        return {"success": True, "imageBase64": text, "message": "Try-on completed successfully"}


class Splats(Service):
    def facts(self, asked: Asked) -> Any:
        if asked.path == "/health":
            return {"status": "healthy", "device": "cpu"}
        parts = read_multipart(asked.headers["content-type"], asked.body)
        if asked.path == "/predict/ply":
            return Reply(200, b"ply\nformat binary_little_endian 1.0\n", {})
        one = {
            "positions": [[0.0, 0.0, 1.0]] * 5,
            "scales": [[0.1, 0.1, 0.1]] * 5,
            "rotations": [[1.0, 0.0, 0.0, 0.0]] * 5,
            "opacities": [[0.5]] * 5,
            "colors": [[0.5, 0.5, 0.5]] * 5,
            "metadata": {},
        }
        if asked.path == "/predict/batch":
            assert set(parts) == {"file", "max_gaussians"}
            return {"results": [one] * asked.body.count(b'name="file"')}
        assert asked.path == "/predict"
        assert set(parts) == {"file"}
        return one
