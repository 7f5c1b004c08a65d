"""A splat of SHARP's full size as a PLY file: seconds to write it, seconds for plyfile to read it back."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from tryon.core.ply import SH_C0, write_ply
from tryon.core.splats import Gaussians

T = TypeVar("T")


def measure(gaussians: int, repeats: int) -> dict[str, object]:
    """seconds: Gaussians in memory -> the file's bytes, written to a file; median after one unmeasured pass.
    plyfile_seconds: plyfile reads every vertex of that file. Raises AssertionError when it reads something else."""
    splat = synthetic(gaussians)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "splat.ply"

        def write() -> None:
            path.write_bytes(write_ply(splat))

        write()
        seconds = median(_timed(write)[0] for _ in range(repeats))
        reading, rows = _timed(lambda: _read(path))
    assert_equal(splat, rows)
    return {"gaussians": gaussians, "seconds": round(seconds, 3), "plyfile_seconds": round(reading, 3)}


def synthetic(count: int, seed: int = 0) -> Gaussians:
    rng = np.random.default_rng(seed)
    rotations = rng.standard_normal((count, 4), np.float32)
    positions = rng.standard_normal((count, 3), np.float32)
    positions[:, 2] += 9
    return Gaussians(
        positions,
        np.exp(rng.uniform(-9, -2, (count, 3))).astype(np.float32),
        rotations / np.linalg.norm(rotations, axis=1, keepdims=True),
        rng.uniform(0.001, 0.999, count).astype(np.float32),
        rng.random((count, 3), np.float32),
    )


def assert_equal(splat: Gaussians, rows: NDArray[Any]) -> None:
    """The stored floats are exactly the rounded values of their formulas, and positions and rotations untouched."""
    opacity = splat.opacities.astype(np.float64)
    expected: dict[tuple[str, ...], NDArray[Any]] = {
        ("x", "y", "z"): splat.positions,
        ("f_dc_0", "f_dc_1", "f_dc_2"): (splat.colors.astype(np.float64) - 0.5) / SH_C0,
        ("opacity",): np.log(opacity / (1 - opacity))[:, None],
        ("scale_0", "scale_1", "scale_2"): np.log(splat.scales.astype(np.float64)),
        ("rot_0", "rot_1", "rot_2", "rot_3"): splat.rotations,
    }
    for names, values in expected.items():
        found = np.stack([rows[name] for name in names], axis=1)
        if not np.array_equal(found, values.astype(np.float32)):
            raise AssertionError(f"plyfile reads other values of {names} than were written")


def _read(path: Path) -> NDArray[Any]:
    from plyfile import PlyData  # type: ignore[import-untyped]

    return np.array(PlyData.read(path)["vertex"].data)


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result
