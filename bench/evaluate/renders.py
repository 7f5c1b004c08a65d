"""Renders, made once and kept: a file's name is the digest of the scene and of the renderer's own sources."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

import studio
from bench.evaluate.scenes import Scene

log = logging.getLogger(__name__)

FOLDER = Path(__file__).parents[2] / "build" / "evaluation"
"""Git ignores it; about 0.6 MB a render. Delete it at will."""


@dataclass(frozen=True)
class Truth:
    """rgb: uint8 [H, W, 3]; labels: uint8 [H, W] ATR-18; depth: float32 [H, W] metres, 0 behind the subject;
    alpha: uint8 [H, W] coverage; keypoints: float32 [19, 3], as in studio.render.Shot."""

    rgb: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    depth: NDArray[np.float32]
    alpha: NDArray[np.uint8]
    keypoints: NDArray[np.float32]


def make(scenes: Iterable[Scene], workers: int, folder: Path = FOLDER) -> None:
    """Render what is not there yet, in that many processes; what an interrupted run made is kept."""
    missing = {path: scene for path, scene in _places(scenes, folder) if not path.exists()}
    if not missing:
        return
    folder.mkdir(parents=True, exist_ok=True)
    log.info("%d renders to make (compiling the renderer comes first)", len(missing))
    # Not forked: threads and compiled code of this process are none of theirs.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for count, _ in enumerate(pool.map(_render, missing.values(), missing), 1):
            if count % 10 == 0 or count == len(missing):
                log.info("%d of %d renders", count, len(missing))


def load(scene: Scene, folder: Path = FOLDER) -> Truth:
    """Rendered now where it was not made before, or where its file is damaged."""
    ((path, _),) = _places([scene], folder)
    try:
        with np.load(BytesIO(path.read_bytes())) as kept:
            depth = kept["depth"].astype(np.float32) / 1000.0
            return Truth(kept["rgb"], kept["labels"], depth, kept["alpha"], kept["keypoints"])
    except (OSError, BadZipFile, KeyError, ValueError):
        folder.mkdir(parents=True, exist_ok=True)
        _render(scene, path)
        return load(scene, folder)


def _render(scene: Scene, path: Path) -> None:
    from studio.render import shot  # here, so that only the processes that render wait for numba

    picture = scene.backdrop.paint(scene.camera.size)
    taken = shot(scene.subject, scene.camera, picture, antialias=scene.antialias)
    draft = path.with_suffix(".tmp")
    with draft.open("wb") as file:
        np.savez_compressed(
            file,
            rgb=taken.rgb,
            labels=taken.labels,
            depth=(taken.depth * 1000.0 + 0.5).astype(np.uint16),
            alpha=(taken.alpha * 255.0 + 0.5).astype(np.uint8),
            keypoints=taken.keypoints,
        )
    draft.rename(path)


def _places(scenes: Iterable[Scene], folder: Path) -> Iterator[tuple[Path, Scene]]:
    sources = renderer_digest()
    for scene in scenes:
        name = sha256((sources + scene.words()).encode()).hexdigest()[:24]
        yield folder / f"{name}.npz", scene


def renderer_digest() -> str:
    """Of every file of the studio that a render runs through, by its imports."""
    home = Path(studio.__file__).parent
    found: set[str] = set()
    wanted = ["render", "backdrop"]
    while wanted:
        name = wanted.pop()
        path = home / f"{name}.py"
        if name in found or not path.exists():
            continue
        found.add(name)
        text = path.read_text(encoding="utf-8")
        wanted += re.findall(r"^from studio\.(\w+) import", text, re.MULTILINE)
        for names in re.findall(r"^from studio import (.+)$", text, re.MULTILINE):
            wanted += re.findall(r"(\w+)(?: as \w+)?(?:,|$)", names)
    digest = sha256()
    for name in sorted(found):
        digest.update((home / f"{name}.py").read_bytes())
    return digest.hexdigest()
