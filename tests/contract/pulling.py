"""Small models and what the tests of the model cache need around them.

As a program it pulls one in a process of its own; arguments: the hub's address, the folder of the cache.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import httpx

from tests.peers.hub import COMMIT, HubPeer
from tryon.core.models import Model, ModelFile
from tryon.stores.model_cache import ModelCache
from tryon.stores.models.hub import Hub

CONFIG, WEIGHTS = b'{"sample_size": 64}', bytes(range(256)) * 1500
"""A small file, which the hub answers itself, and a large one, which lies in its storage (384,000 bytes)."""

REPO = "owner/tiny-unet"
FILES = {REPO: {"unet/config.json": CONFIG, "unet/model.safetensors": WEIGHTS, "README.md": b"not needed"}}
PLAIN = {"/models/splats_1.pt": WEIGHTS}


def model(revision: str = COMMIT, known: bool = True) -> Model:
    """known: its sizes and digests are in the code; else only the hub declares them."""
    files = [_file("unet/config.json", CONFIG, known), _file("unet/model.safetensors", WEIGHTS, known)]
    return Model("tiny-unet", REPO, revision, tuple(files), "MIT", commercial_use=True)


def single(peer: HubPeer, known: bool = True) -> Model:
    """A file at an address of its own."""
    files = (_file("splats_1.pt", WEIGHTS, known),)
    return Model("splats", f"{peer.endpoint}/models/splats_1.pt", "1", files, "Apple", commercial_use=False)


def _file(path: str, data: bytes, known: bool) -> ModelFile:
    return ModelFile(path, len(data), sha256(data).hexdigest()) if known else ModelFile(path)


def lying(found: Model, sha: str = "0" * 64) -> Model:
    """The same, with another digest of its weights in the code."""
    *others, last = found.files
    return replace(found, files=(*others, replace(last, sha256=sha)))


def cache(root: Path, peer: HubPeer, **options: object) -> ModelCache:
    hub = Hub(peer.endpoint, timeout=httpx.Timeout(5.0), **options)  # type: ignore[arg-type]
    return ModelCache(root, hub, pause=lambda seconds: None)


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


if __name__ == "__main__":
    ModelCache(Path(sys.argv[2]), Hub(sys.argv[1])).pull(model("main", known=False))
