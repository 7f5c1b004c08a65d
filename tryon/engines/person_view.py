"""What a body parser tells about the person of a finished look, for splats."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tryon.core.ports import Pixels


class PersonView(NamedTuple):
    """mask: uint8 [H, W], not 0 on the person; depth: float32 [H, W], pixels away from the camera, from some plane, of
    what is on the person, or None from a parser that knows no depths."""

    mask: Pixels
    depth: NDArray[np.float32] | None
