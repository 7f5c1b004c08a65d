"""Splat files: equal to ml-sharp's where it matters, readable by others, and refused by name when broken."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from plyfile import PlyData, PlyElement  # type: ignore[import-untyped]

from tryon.core.errors import InvalidSetting, SplatRejected
from tryon.core.ply import linear_from_srgb, read_ply, srgb_from_linear, write_ply
from tryon.core.splats import Gaussians

PARITY = Path(__file__).parent.parent / "data" / "parity" / "splats"
REFERENCE = (PARITY / "g5.ply").read_bytes()


def splat(count: int = 4, seed: int = 0) -> Gaussians:
    rng = np.random.default_rng(seed)
    rotations = rng.normal(size=(count, 4))
    return Gaussians(
        positions=(rng.normal(size=(count, 3)) + np.array([0, 0, 9])).astype(np.float32),
        scales=rng.uniform(0.001, 0.1, (count, 3)).astype(np.float32),
        rotations=(rotations / np.linalg.norm(rotations, axis=1, keepdims=True)).astype(np.float32),
        opacities=rng.uniform(0.01, 0.99, count).astype(np.float32),
        colors=rng.uniform(0, 1, (count, 3)).astype(np.float32),
    )


def reference_splat() -> tuple[Gaussians, float, tuple[int, int]]:
    case = np.load(PARITY / "g5_inputs.npz")
    gaussians = Gaussians(
        positions=case["mean_vectors"],
        scales=case["singular_values"],
        rotations=case["quaternions"],
        opacities=case["opacities"],
        colors=srgb_from_linear(case["colors_linear"]),
    )
    return gaussians, float(case["f_px"]), (int(case["image_width"]), int(case["image_height"]))


def elements_of(data: bytes) -> dict[str, Any]:
    """As an independent reader sees the file."""
    return {element.name: element.data for element in PlyData.read(BytesIO(data)).elements}


def rebuilt(
    drop: tuple[str, ...] = (), extra: dict[str, Any] | None = None, vertex: Any = None, text: bool = False
) -> bytes:
    """g5.ply, rewritten by plyfile with elements left out, replaced or added."""
    rows = {**elements_of(REFERENCE), **(extra or {})}
    if vertex is not None:
        rows["vertex"] = vertex
    kept = [PlyElement.describe(data, name) for name, data in rows.items() if name not in drop]
    file = BytesIO()
    PlyData(kept, text=text, byte_order="<").write(file)
    return file.getvalue()


def column(name: str, values: list[float], kind: str = "<f4") -> Any:
    return np.array(values, kind).view([(name, kind)])


def code_of(data: bytes) -> str:
    with pytest.raises(SplatRejected) as caught:
        read_ply(data)
    return caught.value.code


class TestParity:
    def test_header_and_metadata_equal_the_reference_and_vertices_are_within_2e_6(self) -> None:
        gaussians, f_px, size = reference_splat()
        ours = write_ply(gaussians, "sharp", f_px, size)
        header = REFERENCE.index(b"end_header\n")
        assert ours[:header] == REFERENCE[:header]
        assert len(ours) == len(REFERENCE)
        expected, found = elements_of(REFERENCE), elements_of(ours)
        for name in expected["vertex"].dtype.names:
            np.testing.assert_allclose(found["vertex"][name], expected["vertex"][name], rtol=0, atol=2e-6)
        for name in set(expected) - {"vertex"}:
            assert found[name].tobytes() == expected[name].tobytes(), name

    def test_reading_equals_the_reference_reader(self) -> None:
        expected = np.load(PARITY / "g5_loaded.npz")
        found = read_ply(REFERENCE, unit_rotations=False)
        for ours, theirs in (
            (found.positions, "mean_vectors"),
            (found.scales, "singular_values"),
            (found.rotations, "quaternions"),
            (found.opacities, "opacities"),
            (linear_from_srgb(found.colors), "colors_linear"),
        ):
            np.testing.assert_allclose(ours, expected[theirs], rtol=0, atol=2e-6)
        assert found.facts["f_px"] == float(expected["focal_length_px"])
        assert found.facts["image_size"] == [int(expected["width"]), int(expected["height"])]
        assert found.facts["camera"] == "file"

    def test_rotations_are_unit_unless_asked_otherwise(self) -> None:
        stored = read_ply(REFERENCE, unit_rotations=False).rotations
        unit = read_ply(REFERENCE).rotations
        np.testing.assert_allclose(np.linalg.norm(unit, axis=1), 1, atol=1e-6)
        np.testing.assert_allclose(unit, stored / np.linalg.norm(stored, axis=1, keepdims=True), atol=1e-6)


class TestWriting:
    def test_the_default_file_has_the_vertex_element_only_and_says_srgb(self) -> None:
        data = write_ply(splat())
        assert list(elements_of(data)) == ["vertex"]
        assert PlyData.read(BytesIO(data)).comments == ["color_space sRGB"]
        assert len(data) == data.index(b"end_header\n") + len(b"end_header\n") + 4 * 14 * 4

    def test_saturated_opacity_and_zero_scale_stay_finite(self) -> None:
        edge = replace(splat(2), opacities=np.array([0, 1], np.float32), scales=np.zeros((2, 3), np.float32))
        vertex = elements_of(write_ply(edge))["vertex"]
        for name in vertex.dtype.names:
            assert np.isfinite(vertex[name]).all(), name
        back = read_ply(write_ply(edge))
        np.testing.assert_allclose(back.opacities, [0, 1], atol=1e-7)
        np.testing.assert_allclose(back.scales, 0, atol=1e-30)

    def test_the_largest_float32_below_one_is_not_clamped(self) -> None:
        below = np.nextafter(np.float32(1), np.float32(0))
        vertex = elements_of(write_ply(replace(splat(1), opacities=np.array([below]))))["vertex"]
        assert vertex["opacity"][0] == pytest.approx(np.log(float(below) / (1 - float(below))), abs=2e-6)

    def test_sharps_full_size_of_1_179_648_splats_is_written_and_read(self) -> None:
        large = splat(2 * 768 * 768)
        data = write_ply(large)
        assert data.startswith(b"ply\n")
        assert len(data) > 66_000_000
        np.testing.assert_array_equal(read_ply(data).positions, large.positions)

    @pytest.mark.parametrize(
        ("field", "value", "code"),
        [
            ("positions", np.zeros((3, 3), np.float32), "bad_shape"),
            ("opacities", np.zeros((4, 1), np.float32), "bad_shape"),
            ("positions", np.full((4, 3), np.nan, np.float32), "not_finite"),
            ("colors", np.full((4, 3), np.inf, np.float32), "not_finite"),
            ("opacities", np.full(4, 1.5, np.float32), "out_of_range"),
            ("scales", np.full((4, 3), -0.1, np.float32), "out_of_range"),
        ],
    )
    def test_arrays_that_break_their_promise_are_refused(self, field: str, value: Any, code: str) -> None:
        good = splat(4)
        arrays = {
            name: getattr(good, name) for name in ("positions", "scales", "rotations", "opacities", "colors")
        }
        if field == "positions" and code == "bad_shape":
            arrays["scales"] = good.scales[:2]
        with pytest.raises(SplatRejected) as caught:
            write_ply(Gaussians(**{**arrays, field: value}))
        assert caught.value.code == code

    def test_nothing_to_write_is_refused(self) -> None:
        with pytest.raises(SplatRejected, match="no Gaussians"):
            write_ply(splat(0))

    def test_the_sharp_layout_needs_a_camera_and_everything_in_front_of_it(self) -> None:
        with pytest.raises(InvalidSetting, match="f_px and image_size"):
            write_ply(splat(), "sharp")
        with pytest.raises(InvalidSetting, match="f_px and image_size"):
            write_ply(splat(), "sharp", float("nan"), (4, 4))
        with pytest.raises(SplatRejected, match="z > 0"):
            write_ply(replace(splat(), positions=np.zeros((4, 3), np.float32)), "sharp", 900.0, (600, 800))


class TestColourSpaceAndCamera:
    def test_color_space_0_is_srgb_and_1_is_linear(self) -> None:
        srgb = read_ply(REFERENCE).colors
        linear = read_ply(rebuilt(extra={"color_space": column("color_space", [1], "|u1")})).colors
        np.testing.assert_allclose(linear, srgb_from_linear(srgb), atol=1e-6)

    def test_an_absent_color_space_is_linear_like_the_reference(self) -> None:
        found = read_ply(rebuilt(drop=("color_space",)))
        np.testing.assert_allclose(found.colors, srgb_from_linear(read_ply(REFERENCE).colors), atol=1e-6)
        assert found.facts["color_space"] == "linear"

    def test_our_vertex_only_file_is_srgb(self) -> None:
        found = read_ply(write_ply(splat()))
        np.testing.assert_allclose(found.colors, splat().colors, atol=1e-6)
        assert found.facts["color_space"] == "srgb"

    def test_the_transfer_curve_has_its_known_points(self) -> None:
        np.testing.assert_allclose(
            srgb_from_linear([0, 0.0031308, 0.214041, 1]), [0, 0.04045, 0.5, 1], atol=1e-5
        )
        grey = np.linspace(0, 1, 256)
        np.testing.assert_allclose(linear_from_srgb(srgb_from_linear(grey)), grey, atol=1e-6)

    def test_older_files_keep_the_image_size_inside_the_intrinsic(self) -> None:
        older = {"intrinsic": column("intrinsic", [700, 700, 300, 400])}
        found = read_ply(rebuilt(drop=("image_size",), extra=older))
        assert (found.facts["f_px"], found.facts["image_size"]) == (700.0, [300, 400])

    def test_older_12_value_extrinsics_are_accepted(self) -> None:
        older = {"extrinsic": column("extrinsic", np.eye(4)[:3].ravel().tolist())}
        assert len(read_ply(rebuilt(extra=older))) == 5

    def test_without_an_intrinsic_the_reference_camera_is_assumed(self) -> None:
        found = read_ply(rebuilt(drop=("intrinsic",)))
        assert found.facts["f_px"] == 512.0
        assert found.facts["image_size"] == [640, 480]
        assert found.facts["camera"] == "assumed"

    def test_normals_and_higher_harmonics_of_plain_3dgs_files_are_ignored(self) -> None:
        plain = elements_of(REFERENCE)["vertex"]
        names = plain.dtype.names
        wide = np.zeros(5, [(name, "<f4") for name in ("nx", "ny", "nz", *names, "f_rest_0")])
        for name in names:
            wide[name] = plain[name]
        np.testing.assert_array_equal(read_ply(rebuilt(vertex=wide)).positions, read_ply(REFERENCE).positions)

    @pytest.mark.parametrize(
        "extra",
        [
            {"color_space": column("color_space", [7], "|u1")},
            {"color_space": column("color_space", [0, 0], "|u1")},
            {"intrinsic": column("intrinsic", [1, 2])},
            {"intrinsic": column("intrinsic", [0] * 9)},
            {"intrinsic": column("intrinsic", [np.nan] * 9)},
            {"intrinsic": column("intrinsic", [1.0] * 40)},
            {"image_size": column("image_size", [0, 5], "<u4")},
            {"image_size": column("image_size", [5], "<u4")},
        ],
    )
    def test_impossible_metadata_is_refused(self, extra: dict[str, Any]) -> None:
        assert code_of(rebuilt(extra=extra)) == "bad_metadata"


class TestMalformed:
    def test_not_a_ply(self) -> None:
        assert code_of(b"") == code_of(b"\x89PNG\r\n\x1a\n") == code_of(b"plywood\n") == "not_ply"

    def test_ascii_and_big_endian_are_named(self) -> None:
        assert code_of(rebuilt(text=True)) == "unsupported_format"
        assert code_of(REFERENCE.replace(b"little", b"big")) == "unsupported_format"

    @pytest.mark.parametrize("size", [10, 300, 900, len(REFERENCE) - 1])
    def test_cut_off(self, size: int) -> None:
        assert code_of(REFERENCE[:size]) == "truncated"

    def test_more_bytes_than_declared(self) -> None:
        assert code_of(REFERENCE + b"\0") == "trailing_bytes"

    @pytest.mark.parametrize("count", [b"6", b"999999999999999"])
    def test_an_absurd_count_is_refused_before_memory_is_asked_for(self, count: bytes) -> None:
        assert code_of(REFERENCE.replace(b"vertex 5", b"vertex " + count)) == "truncated"

    @pytest.mark.parametrize("count", [b"-5", b"5.0", b"9999999999999999999999", b"five", b"5 5"])
    def test_a_count_that_is_no_count(self, count: bytes) -> None:
        assert code_of(REFERENCE.replace(b"vertex 5", b"vertex " + count)) == "malformed_header"

    @pytest.mark.parametrize("name", ["x", "f_dc_2", "opacity", "scale_1", "rot_3"])
    def test_a_missing_property_is_named(self, name: str) -> None:
        with pytest.raises(SplatRejected, match=f"no property {name}") as caught:
            read_ply(REFERENCE.replace(f"property float {name}\n".encode(), b"property float other\n"))
        assert caught.value.code == "missing_property"

    def test_a_property_of_another_type_or_twice(self) -> None:
        assert code_of(REFERENCE.replace(b"float opacity", b"uint opacity")) == "wrong_type"
        assert code_of(REFERENCE.replace(b"float opacity", b"list uchar int opacity")) == "wrong_type"
        assert code_of(REFERENCE.replace(b"float opacity", b"quad opacity")) == "malformed_header"
        assert code_of(REFERENCE.replace(b"float opacity", b"float x")) == "malformed_header"

    def test_no_vertices(self) -> None:
        assert code_of(rebuilt(drop=("vertex",))) == "empty"

    @pytest.mark.parametrize(
        ("name", "value"),
        [("x", np.nan), ("f_dc_0", np.inf), ("opacity", np.nan), ("scale_0", 1e4), ("rot_1", np.inf)],
    )
    def test_values_that_are_not_finite(self, name: str, value: float) -> None:
        vertex = elements_of(REFERENCE)["vertex"].copy()
        vertex[name][2] = value
        assert code_of(rebuilt(vertex=vertex)) == "not_finite"

    def test_the_infinite_logits_of_the_reference_writer_are_read(self) -> None:
        vertex = elements_of(REFERENCE)["vertex"].copy()
        vertex["opacity"][:2] = [-np.inf, np.inf]
        assert read_ply(rebuilt(vertex=vertex)).opacities[:2].tolist() == [0, 1]

    def test_a_rotation_of_zeros_has_no_direction(self) -> None:
        vertex = elements_of(REFERENCE)["vertex"].copy()
        for index in range(4):
            vertex[f"rot_{index}"][1] = 0
        assert code_of(rebuilt(vertex=vertex)) == "out_of_range"

    @pytest.mark.parametrize("noise", [b"\x01\x00\x80\x7f", b"\xff\xff\xbf\xff", b"\xff\xff\x7f\x7f"])
    def test_no_float_anywhere_in_the_file_can_warn(self, noise: bytes) -> None:
        """Signalling NaNs, which warn at a mere cast, and the largest float."""
        for at in range(REFERENCE.index(b"end_header\n") + 11, len(REFERENCE) - 3):
            with suppress(SplatRejected):
                read_ply(REFERENCE[:at] + noise + REFERENCE[at + 4 :])

    @given(st.integers(0, len(REFERENCE) - 1), st.binary(min_size=1, max_size=6))
    @example(918, b"\x80\x7f")  # a signalling NaN among the scales
    @settings(max_examples=300, deadline=None)
    def test_damaged_bytes_give_gaussians_or_a_rejection(self, at: int, noise: bytes) -> None:
        try:
            found = read_ply(REFERENCE[:at] + noise + REFERENCE[at + len(noise) :])
        except SplatRejected:
            return
        assert np.isfinite(found.positions).all()


def floats(shape: tuple[int, ...], low: float, high: float) -> st.SearchStrategy[Any]:
    return hnp.arrays(np.float32, shape, elements=st.floats(low, high, width=32))


@st.composite
def splats(draw: st.DrawFn) -> Gaussians:
    count = draw(st.integers(1, 6))
    rotations = draw(floats((count, 4), -1, 1))
    rotations[:, 0] += np.where(np.abs(rotations).sum(axis=1) < 0.5, 1, 0).astype(np.float32)
    rotations /= np.linalg.norm(rotations, axis=1, keepdims=True)
    return Gaussians(
        positions=draw(floats((count, 3), -1000, 1000)),
        scales=draw(floats((count, 3), 2**-20, 100)),
        rotations=rotations,
        opacities=draw(floats((count,), 0, 1)),
        colors=draw(floats((count, 3), 0, 1)),
    )


@given(splats())
@settings(max_examples=80, deadline=None)
def test_any_splat_survives_writing_and_reading(gaussians: Gaussians) -> None:
    back = read_ply(write_ply(gaussians))
    np.testing.assert_array_equal(back.positions, gaussians.positions)
    np.testing.assert_allclose(back.scales, gaussians.scales, rtol=2e-6)
    np.testing.assert_allclose(back.rotations, gaussians.rotations, atol=1e-6)
    np.testing.assert_allclose(back.opacities, gaussians.opacities, atol=1e-6)
    np.testing.assert_allclose(back.colors, gaussians.colors, atol=1e-6)
