"""BodyParser with the studio's own net: ATR-18 labels and 19 keypoints, ONNX, trained on its renders.

The net: input `image` float32 [1, 3, h, w], RGB in 0..1; outputs `labels` float32 [1, 18, h, w] (logits) and
`keypoints` float32 [1, 19, 3], x and y in pixels from the corner, score in 0..1.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import cv2
import numpy as np
import onnxruntime as ort  # type: ignore[import-untyped]
from numpy.typing import NDArray

from tryon.core.errors import BlobCorrupted, InvalidSetting
from tryon.core.licences import APACHE
from tryon.core.ports import Body, Pixels
from tryon.core.words import EngineCard, Refused
from tryon.engines.closer import Window, closer_window
from tryon.engines.edges import sharpen
from tryon.engines.letterbox import letterbox
from tryon.engines.light_checks import check_darkness
from tryon.engines.outfit import one_outfit
from tryon.engines.person_checks import UNSURE, check_photo, check_turned, clarity
from tryon.engines.settle import settle

WEIGHTS = Path(__file__).parent / "weights" / "body.onnx"

WORK_SIDE = 1536
"""Pixels of the longer side at which a larger photo is parsed: four times the net's, and a second instead of 30."""

MOST_THREADS = 2
"""More does not help a net of tens of milliseconds, and threads beyond the cores slow it four times."""


class StudioParser:
    """Parses photos of one whole person on a plain backdrop; the session starts with the first photo."""

    card = EngineCard(
        id="studio-parser",
        revision="3",
        licence="Apache-2.0",
        commercial_use=True,
        deterministic=True,
        url=APACHE,
        typical_seconds=0.25,
    )

    def __init__(self, weights: Path = WEIGHTS, threads: int | None = None) -> None:
        self._weights = weights
        self._threads = threads or min(len(os.sched_getaffinity(0)), MOST_THREADS)
        self._session: ort.InferenceSession | None = None

    def parse(self, batch: Sequence[Pixels]) -> list[Body | Refused]:
        """One body or refusal a photo (uint8 [H, W, 3] RGB), at the photo's size.

        Raises InvalidSetting without the weight file, BlobCorrupted when it is not the committed one.
        """
        return [self._parse(image) for image in batch]

    def silhouettes(self, batch: Sequence[Pixels]) -> list[Pixels]:
        """uint8 [H, W], 1 on the person of each finished look, which needs no second check of the photo."""
        return [self._silhouette(image) for image in batch]

    def read(self, image: Pixels) -> Body:
        """The refined parse of one photo of at most WORK_SIDE pixels, whether it would be refused or not."""
        return settle(image, sharpen(image, self._run(image)))

    def _silhouette(self, image: Pixels) -> Pixels:
        small = _bounded(image)
        found = _scaled(sharpen(small, self._run(small)), (image.shape[1], image.shape[0]))
        return (found.labels > 0).astype(np.uint8)

    def _parse(self, image: Pixels) -> Body | Refused:
        small = _bounded(image)
        if refused := check_darkness(small):
            return refused
        body = self._run(small)
        refused = self._turned(small, body) or check_photo(small, body)
        return refused or _scaled(settle(small, sharpen(small, body)), (image.shape[1], image.shape[0]))

    def _turned(self, image: Pixels, body: Body) -> Refused | None:
        upright = clarity(body)
        if upright >= UNSURE:
            return None
        turned = [clarity(self._run(np.ascontiguousarray(np.rot90(image, turn)))) for turn in (1, 2, 3)]
        return check_turned(upright, turned)

    def _run(self, image: Pixels) -> Body:
        """A look at the whole photo, then one at the person alone."""
        session = self._started()
        body = _look(session, image)
        window = closer_window(body.labels, _input_size(session))
        return body if window is None else _placed(_look(session, image[window]), window, body.labels.shape)

    def _started(self) -> ort.InferenceSession:
        self._session = self._session or start_session(self._weights, self._threads)
        return self._session


def _look(session: ort.InferenceSession, image: Pixels) -> Body:
    canvas, place = letterbox(image, _input_size(session))
    tensor = (canvas.transpose(2, 0, 1)[None] / 255).astype(np.float32)
    labels, keypoints = session.run(["labels", "keypoints"], {"image": tensor})
    return Body(place.labels(one_outfit(_first(labels))), place.keypoints(_first(keypoints)))


def _input_size(session: ort.InferenceSession) -> tuple[int, int]:
    """Width and height of what the net sees."""
    [image] = session.get_inputs()
    return image.shape[3], image.shape[2]


def _placed(part: Body, window: Window, shape: tuple[int, ...]) -> Body:
    """What was found in a window of a photo of that shape, on the photo."""
    labels = np.zeros(shape, np.uint8)
    labels[window] = part.labels
    corner = np.array([window[1].start, window[0].start, 0], np.float32)
    return Body(labels, part.keypoints + corner)


def _bounded(image: Pixels) -> Pixels:
    height, width = image.shape[:2]
    scale = WORK_SIDE / max(height, width)
    if scale >= 1:
        return image
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _scaled(body: Body, size: tuple[int, int]) -> Body:
    """The body of a photo of `size` = (width, height)."""
    height, width = body.labels.shape
    if (width, height) == size:
        return body
    labels = cv2.resize(body.labels, size, interpolation=cv2.INTER_NEAREST_EXACT)
    keypoints = body.keypoints * np.array([size[0] / width, size[1] / height, 1], np.float32)
    return Body(np.asarray(labels, np.uint8), keypoints)


def start_session(weights: Path, threads: int) -> ort.InferenceSession:
    """An ONNX Runtime session on the CPU that leaves the cores alone between calls."""
    options = ort.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return ort.InferenceSession(read_weights(weights), options, providers=["CPUExecutionProvider"])


def read_weights(path: Path) -> bytes:
    """The weight file, compared with the `sha256` in the .json beside it when there is one."""
    if not path.exists():
        raise InvalidSetting(f"{path} is missing; train it with the studio or reinstall the package")
    data, card = path.read_bytes(), path.with_suffix(".json")
    wanted = json.loads(card.read_text()).get("sha256") if card.exists() else None
    if wanted is not None and sha256(data).hexdigest() != wanted:
        raise BlobCorrupted(
            f"{path} is not the file that {card.name} describes; restore both from one commit"
        )
    return data


def _first(output: object) -> NDArray[np.float32]:
    first: NDArray[np.float32] = np.asarray(output, np.float32)[0]
    return first
