"""The coarse map of a scene promises what the renderer relies on."""

from __future__ import annotations

import numpy as np
import pytest

from studio.field import DOUBT, NEAR, coarse
from studio.layout import EVERY_PART
from studio.render import map_scene
from studio.scene import scene
from studio.subject import build
from studio.variety import random_subject


@pytest.mark.parametrize("seed", [3, 4])
def test_the_map_takes_no_surface_for_far_and_names_every_part_near_the_others(seed: int) -> None:
    rng = np.random.default_rng(seed)
    model = build(random_subject(rng))
    field = map_scene(model)
    arrays = model.layers, model.tables, model.joints, model.figure, model.shown
    far, near = [], []
    for x, y, z in rng.uniform(model.bounds[0], model.bounds[1], (4000, 3)):
        true, material = scene(x, y, z, *arrays, EVERY_PART)
        mapped, parts = coarse(x, y, z, field)
        if mapped > NEAR:
            far.append(true)
        elif abs(true) < 0.02:
            near.append(scene(x, y, z, *arrays, parts) == (true, material))
    assert len(far) > 1000
    assert len(near) > 40
    assert min(far) > 0.5 * DOUBT
    assert np.mean(near) > 0.99
