"""Where the committed files of the studio lie, for its tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "studio" / "catalogue"
WEIGHTS = ROOT / "tryon" / "engines" / "weights"
USERS = ("u1", "u2", "u3", "u4")


def pixels(path: Path) -> NDArray[Any]:
    """The pixels of an image file, whatever its mode; the file is closed again."""
    with Image.open(path) as image:
        return np.asarray(image)


def depth_of(user: str) -> NDArray[np.uint16]:
    """The true depth [1024, 768] of a user's photo in millimetres, 0 on the backdrop."""
    return pixels(CATALOGUE / "truth" / "users" / f"{user}.depth.png")


def labels_of(user: str) -> NDArray[np.uint8]:
    """The true ATR labels [1024, 768] of a user's photo."""
    return pixels(CATALOGUE / "truth" / "users" / f"{user}.labels.png")
