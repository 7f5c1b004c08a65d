"""The benchmarks of splat files: the reference's case, other cases of its format, and files that are not equal."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from plyfile import PlyData, PlyElement  # type: ignore[import-untyped]
from typer.testing import CliRunner

from bench.__main__ import app
from bench.ply import assert_equal, synthetic
from bench.ply_parity import written
from tryon.core.ply import write_ply

PARITY = Path(__file__).parent.parent / "data" / "parity" / "splats"
INPUTS, REFERENCE = PARITY / "g5_inputs.npz", PARITY / "g5.ply"
SH_C0 = np.float32(0.28209479)


def parity(inputs: Path, reference: Path) -> dict[str, Any]:
    arguments = ["ply-parity", "--inputs", str(inputs), "--reference", str(reference), "--json"]
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    found: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    return found


def as_the_reference_writes(case: dict[str, Any]) -> bytes:
    """In float32 and without a clamp, from the format's description. Elements after the vertices are of no
    interest here, but for their presence: they are taken from our own writer, whose bytes the g5 case proves."""
    linear, alpha = case["colors_linear"], case["opacities"]
    powered = np.float32(1.055) * np.maximum(linear, np.float32(0.0031308)) ** np.float32(1 / 2.4)
    srgb = np.where(linear <= 0.0031308, linear * np.float32(12.92), powered - np.float32(0.055))
    with np.errstate(divide="ignore"):
        logit = np.log((alpha / (1 - alpha)).astype(np.float64))
        logs = np.log(case["singular_values"].astype(np.float64))
    columns = [
        case["mean_vectors"],
        (srgb - np.float32(0.5)) / SH_C0,
        logit[:, None],
        logs,
        case["quaternions"],
    ]
    ours = PlyData.read(BytesIO(ours_of(case)))
    rows = np.ascontiguousarray(np.concatenate(columns, axis=1), np.float32).view(ours["vertex"].data.dtype)[
        :, 0
    ]
    rest = [element for element in ours.elements if element.name != "vertex"]
    file = BytesIO()
    PlyData([PlyElement.describe(rows, "vertex"), *rest], byte_order="<").write(file)
    return file.getvalue()


def ours_of(case: dict[str, Any]) -> bytes:
    file = BytesIO()
    np.savez(file, **case)
    file.seek(0)
    return written(file)


def case_of(tmp_path: Path, count: int = 300, **changed: Any) -> tuple[Path, Path]:
    rng = np.random.default_rng(count)
    case: dict[str, Any] = {
        "mean_vectors": rng.normal((0, 0, 9), 1, (count, 3)).astype(np.float32),
        "singular_values": np.exp(rng.uniform(-14, 1, (count, 3))).astype(np.float32),
        "quaternions": (rng.normal(size=(count, 4)) * 5).astype(np.float32),
        "colors_linear": (rng.random((count, 3)) ** 3).astype(np.float32),
        "opacities": rng.uniform(0, 1, count).astype(np.float32),
        "f_px": np.array(700.0),
        "image_height": np.array(1000),
        "image_width": np.array(750),
    }
    case.update(changed)
    np.savez(tmp_path / "case_inputs.npz", **case)
    (tmp_path / "case.ply").write_bytes(as_the_reference_writes(case))
    return tmp_path / "case_inputs.npz", tmp_path / "case.ply"


def test_the_references_own_case() -> None:
    found = parity(INPUTS, REFERENCE)
    assert (found["header_equal"], found["saturated"]) == (True, 0)
    assert found["vertex_max_abs"] <= 2e-6


EXTREME = np.array([1e-12, 1e-7, 1e-3, 0.5, 0.999, 1 - 1e-6, 1 - 2.0**-24], np.float32)


@pytest.mark.parametrize(
    ("count", "changed"),
    [
        (1, {}),
        (300, {}),
        (7, {"opacities": EXTREME}),
        (
            4,
            {
                "colors_linear": np.array(
                    [[0, 1, 0.0031308], [1e-6, 0.5, 0.2], [1, 1, 1], [0, 0, 0]], np.float32
                )
            },
        ),
    ],
)
def test_other_cases_of_the_format(tmp_path: Path, count: int, changed: dict[str, Any]) -> None:
    found = parity(*case_of(tmp_path, count, **changed))
    assert (found["header_equal"], found["saturated"]) == (True, 0)
    assert found["vertex_max_abs"] <= 2e-6


def test_infinite_logits_of_the_reference_are_counted_and_ours_are_finite(tmp_path: Path) -> None:
    found = parity(*case_of(tmp_path, 4, opacities=np.array([0, 0.5, 1, 0.25], np.float32)))
    assert found["saturated"] == 2
    assert found["vertex_max_abs"] <= 2e-6


def test_a_clamp_to_the_wrong_side_is_an_infinite_difference(tmp_path: Path) -> None:
    inputs, reference = case_of(tmp_path, 4, opacities=np.array([0, 0.5, 1, 0.25], np.float32))
    data = PlyData.read(BytesIO(reference.read_bytes()))
    data["vertex"].data["opacity"][[0, 2]] = [np.inf, -np.inf]
    data.write(reference)
    assert parity(inputs, reference)["vertex_max_abs"] == float("inf")


def test_differences_are_seen(tmp_path: Path) -> None:
    for name, at in (("x", 1e-4), ("rot_3", 1e-3)):
        changed = PlyData.read(BytesIO(REFERENCE.read_bytes()))
        changed["vertex"].data[name][3] += at
        changed.write(tmp_path / "changed.ply")
        assert parity(INPUTS, tmp_path / "changed.ply")["vertex_max_abs"] == pytest.approx(at, rel=0.01)
    whole = REFERENCE.read_bytes()
    for found in (whole.replace(b"char color_space", b"char colour_space"), whole[:-1] + b"\x01"):
        (tmp_path / "changed.ply").write_bytes(found)
        assert not parity(INPUTS, tmp_path / "changed.ply")["header_equal"]


def test_the_timed_file_reads_back_equal() -> None:
    result = CliRunner().invoke(app, ["ply", "--gaussians", "3000", "--repeats", "1", "--json"])
    found = json.loads(result.stdout.splitlines()[-1])
    assert set(found) == {"gaussians", "seconds", "plyfile_seconds"}
    assert found["gaussians"] == 3000
    splat = synthetic(50)
    rows = PlyData.read(BytesIO(write_ply(splat)))["vertex"].data.copy()
    assert_equal(splat, rows)
    rows["scale_1"][7] = np.nextafter(rows["scale_1"][7], np.float32(0))
    with pytest.raises(AssertionError, match="scale_1"):
        assert_equal(splat, rows)
