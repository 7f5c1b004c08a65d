"""The studio's own net: ATR-18 labels, 19 keypoints and depth of one person, ONNX, trained on its renders.

Input `image` float32 [1, 3, h, w], RGB in 0..1; outputs `labels` float32 [1, 18, h, w] (logits), `keypoints` float32
[1, 19, 3], x and y in pixels from the corner, score in 0..1, and `depth` float32 [1, h, w], pixels away from the
camera, from some plane.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import onnxruntime as ort  # type: ignore[import-untyped]
from numpy.typing import NDArray

from tryon.core.areas import Area
from tryon.core.errors import BlobCorrupted, InvalidSetting
from tryon.core.ports import Body, Pixels
from tryon.engines.studio_parser.closer import Window, closer_window
from tryon.engines.studio_parser.letterbox import Letterbox, letterbox
from tryon.engines.studio_parser.outfit import one_outfit

WEIGHTS = Path(__file__).parents[1] / "weights" / "body.onnx"
_OUTPUTS = ["labels", "keypoints", "depth"]


@dataclass(frozen=True, slots=True)
class Sight:
    """What the net sees in a photo. depth: float32 [H, W], in pixels of the photo, away from the camera positive, from
    some plane; it means something on the person only."""

    body: Body
    depth: NDArray[np.float32]


class BodyNet:
    """The session starts with the first photo."""

    def __init__(self, weights: Path, threads: int) -> None:
        self._weights, self._threads = weights, threads
        self._session: ort.InferenceSession | None = None

    def see(self, image: Pixels) -> Sight:
        """A look at the whole photo (uint8 [H, W, 3] RGB), then one at the person alone.

        Raises InvalidSetting without the weight file, BlobCorrupted when it is not the committed one.
        """
        self._session = self._session or start_session(self._weights, self._threads)
        glance = _look(self._session, image)
        window = closer_window(glance.person(), image.shape[:2], _input_size(self._session))
        if window is None:
            return glance.sight()
        return _placed(_look(self._session, image[window]).sight(), window, image.shape[:2])


@dataclass(frozen=True, slots=True)
class _Look:
    """The net's outputs without their first axis, and where the photo lies in its input."""

    labels: NDArray[np.float32]
    keypoints: NDArray[np.float32]
    depth: NDArray[np.float32]
    place: Letterbox

    def person(self) -> Area:
        """Where the person is, on the net's pixels of the photo."""
        labels = self.labels[(slice(None), *self.place.inner)]
        found: Area = labels[1:].max(0) > labels[0]
        return found

    def sight(self) -> Sight:
        labels = self.place.labels(one_outfit(self.labels))
        return Sight(Body(labels, self.place.keypoints(self.keypoints)), self.place.lengths(self.depth))


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


def _look(session: ort.InferenceSession, image: Pixels) -> _Look:
    canvas, place = letterbox(image, _input_size(session))
    tensor = (canvas.transpose(2, 0, 1)[None] / 255).astype(np.float32)
    labels, keypoints, depth = (_first(output) for output in session.run(_OUTPUTS, {"image": tensor}))
    return _Look(labels, keypoints, depth, place)


def _input_size(session: ort.InferenceSession) -> tuple[int, int]:
    """Width and height of what the net sees."""
    [image] = session.get_inputs()
    return image.shape[3], image.shape[2]


def _placed(part: Sight, window: Window, shape: tuple[int, ...]) -> Sight:
    """What was found in a window of a photo of that shape, on the photo."""
    labels, depth = np.zeros(shape, np.uint8), np.zeros(shape, np.float32)
    labels[window], depth[window] = part.body.labels, part.depth
    corner = np.array([window[1].start, window[0].start, 0], np.float32)
    return Sight(Body(labels, part.body.keypoints + corner), depth)


def _first(output: object) -> NDArray[np.float32]:
    first: NDArray[np.float32] = np.asarray(output, np.float32)[0]
    return first
