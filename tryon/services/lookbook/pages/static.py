"""Styles, scripts and the 3D view. Their address holds a digest of them all, so a browser keeps them for good."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable

from fastapi import Response

from tryon.services.lookbook.pages.policy import POLICY_3D

MEDIA_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8",
    "wasm": "application/wasm",
}
KEPT = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}


@dataclass
class Asset:
    data: bytes
    media_type: str

    @cached_property
    def packed(self) -> bytes:
        """Packed once, when it is first asked for."""
        return gzip.compress(self.data, 9, mtime=0)


class Assets:
    """All files of `static/` that have a media type, in memory."""

    def __init__(self) -> None:
        self._assets = dict(_walk(files("tryon.services.lookbook.pages") / "static"))
        parts = (f"{name}\0{sha256(asset.data).hexdigest()}" for name, asset in sorted(self._assets.items()))
        self.version = sha256("\n".join(parts).encode()).hexdigest()[:12]

    def data(self, name: str) -> bytes:
        return self._assets[name].data

    def url(self, name: str) -> str:
        """Raises KeyError for a name that is not there."""
        assert self._assets[name], f"{name} is empty"
        return f"/static/{self.version}/{name}"

    def answer(self, version: str, name: str, encodings: str) -> Response | None:
        """None where there is no such file. encodings: what the browser accepts."""
        asset = self._assets.get(name) if version == self.version else None
        if asset is None:
            return None
        # A worker takes its policy from its own file.
        headers = {**KEPT, "Content-Security-Policy": POLICY_3D}
        if "gzip" in encodings:
            return Response(
                asset.packed, media_type=asset.media_type, headers=headers | {"Content-Encoding": "gzip"}
            )
        return Response(asset.data, media_type=asset.media_type, headers=headers)


def _walk(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, Asset]]:
    for entry in folder.iterdir():
        media_type = MEDIA_TYPES.get(entry.name.rpartition(".")[2])
        if entry.is_dir():
            yield from _walk(entry, f"{prefix}{entry.name}/")
        elif media_type:
            yield prefix + entry.name, Asset(entry.read_bytes(), media_type)
