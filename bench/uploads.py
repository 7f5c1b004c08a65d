"""Made-up uploads of any number: small photos that differ from each other, written as a real uploads folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from bench.null_engines import figure
from tryon.core.encoding import encode_png
from tryon.core.ports import Pixels

CONSENT = {"consent": {"version": "2026-01", "at": "2026-11-01T09:00:00Z"}}


def write_user(folder: Path, user_id: str, seed: int, width: int = 96, height: int = 128) -> None:
    """A figure in its own colours on a plain backdrop."""
    random = np.random.default_rng(seed)
    colours = random.integers(40, 215, (18, 3), dtype=np.uint8)
    colours[0] = (200, 205, 210)
    _write(folder / "users", user_id, colours[figure(width, height).labels], CONSENT)


def write_item(folder: Path, item_id: str, categories: list[str], seed: int, side: int = 96) -> None:
    """A two-coloured checked garment photo."""
    random = np.random.default_rng([seed, 1])
    pair = random.integers(0, 255, (2, 3), dtype=np.uint8)
    y, x = np.mgrid[0:side, 0:side] // 8
    _write(folder / "items", item_id, pair[(x + y) % 2], {"categories": categories})


def write_catalogue(folder: Path, users: int, tops: int, bottoms: int) -> None:
    for number in range(users):
        write_user(folder, f"u{number:04d}", number)
    for number in range(tops):
        write_item(folder, f"t{number:04d}", ["tops"], number)
    for number in range(bottoms):
        write_item(folder, f"b{number:04d}", ["bottoms"], 10_000 + number)


def _write(folder: Path, upload_id: str, pixels: Pixels, sidecar: Mapping[str, object]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{upload_id}.json").write_text(json.dumps(sidecar))
    (folder / f"{upload_id}.png").write_bytes(encode_png(np.ascontiguousarray(pixels)).data)
