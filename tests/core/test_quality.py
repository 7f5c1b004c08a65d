"""The publish gate: every sabotage is refused with its own code, and right assets pass."""

from __future__ import annotations

import dataclasses
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tryon.core.ports import Pixels
from tryon.core.quality import judge_crop, judge_mask, judge_splat, judge_tryon
from tryon.core.splats import Gaussians
from tryon.core.words import MaskKind, Refused

WIDTH, HEIGHT = 192, 256
SIZE = (WIDTH, HEIGHT)
BACKDROP, SKIN, HAIR = (150, 175, 190), (200, 150, 120), (70, 45, 30)


def code(verdict: Refused | None) -> str | None:
    return None if verdict is None else verdict.code


def labels() -> Pixels:
    """ATR-18: hair, face and neck, shirt, arms, trousers, shoes."""
    found = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.rectangle(found, (82, 20), (110, 62), 11, -1)
    cv2.rectangle(found, (80, 14), (112, 26), 2, -1)
    cv2.rectangle(found, (66, 60), (126, 132), 4, -1)
    cv2.rectangle(found, (52, 64), (65, 136), 15, -1)
    cv2.rectangle(found, (127, 64), (140, 136), 14, -1)
    cv2.rectangle(found, (70, 133), (94, 226), 6, -1)
    cv2.rectangle(found, (98, 133), (122, 226), 6, -1)
    cv2.rectangle(found, (68, 227), (94, 240), 9, -1)
    cv2.rectangle(found, (98, 227), (124, 240), 10, -1)
    return found


def shade(color: tuple[int, int, int], seed: int = 0) -> Pixels:
    """[H, W, 3] of one colour with soft folds and fine grain, as cloth and skin have."""
    rng = np.random.default_rng(seed)
    folds = 1 + 0.12 * np.sin(np.arange(WIDTH) / 7.0)[None] * np.ones((HEIGHT, 1))
    return np.clip(folds[..., None] * color + rng.normal(0, 2, (HEIGHT, WIDTH, 3)), 0, 255).astype(np.uint8)


def photo() -> Pixels:
    map_ = labels()
    image = np.asarray(shade(BACKDROP, 1))
    for members, color in (((11, 14, 15), SKIN), ((2,), HAIR), ((4,), (90, 140, 80)), ((6,), (60, 62, 70))):
        np.copyto(image, shade(color, members[0]), where=np.isin(map_, members)[..., None])
    return image


def mask(kind: MaskKind) -> Pixels:
    members = {
        MaskKind.UPPER: (4, 14, 15),
        MaskKind.LOWER: (6,),
        MaskKind.OVERALL: (4, 6, 14, 15),
        MaskKind.FULL_BODY: tuple(range(1, 18)),
        MaskKind.FACE: (11,),
    }[kind]
    area = np.isin(labels(), members).astype(np.uint8) * 255
    if kind is MaskKind.FACE:
        area[50:] = 0
    elif kind is not MaskKind.FULL_BODY:
        area = np.asarray(cv2.dilate(area, np.ones((5, 5), np.uint8)), np.uint8)
        area[np.isin(labels(), (2, 9, 10))] = 0
    return np.asarray(area, np.uint8)


def shifted(array: Pixels, dx: int, dy: int) -> Pixels:
    return np.roll(array, (dy, dx), axis=(0, 1))


def cloth(kind: str) -> Pixels:
    """[H, W, 3] of a garment's cloth."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    pairs: dict[str, tuple[tuple[int, int, int], tuple[int, int, int], Any]] = {
        "red": ((190, 40, 45), (190, 40, 45), x < 0),
        "black": ((22, 22, 24), (22, 22, 24), x < 0),
        "white": ((238, 236, 230), (238, 236, 230), x < 0),
        "stripes": ((240, 236, 224), (40, 58, 98), (y // 8) % 2 == 0),
        "plaid": ((150, 45, 50), (228, 190, 120), ((x // 10) % 2 == 0) ^ ((y // 10) % 2 == 0)),
        "beige": ((200, 180, 140), (200, 180, 140), x < 0),
    }
    first, second, where = pairs[kind]
    return np.where(where[..., None], shade(first, 5), shade(second, 6)).astype(np.uint8)


def crop(kind: str, cut_out: bool = True) -> Pixels:
    """[100, 90, 4]: the garment on a white backdrop, with or without alpha."""
    alpha = np.zeros((100, 90), np.uint8)
    cv2.rectangle(alpha, (10, 8), (79, 92), 255, -1)
    rgb = np.where(alpha[..., None] > 0, cloth(kind)[:100, :90], 250)
    return np.dstack([rgb, alpha if cut_out else np.full_like(alpha, 255)]).astype(np.uint8)


def dress(kind: str, brightness: float = 1.0, region: Pixels | None = None) -> Pixels:
    """A right try-on: the cloth over the old shirt and a little wider, with a contact shadow below it."""
    area = mask(MaskKind.UPPER) if region is None else region
    worn = (cv2.dilate((labels() == 4).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0) & (area > 0)
    if region is not None:
        worn = area > 0
    shadow = shifted(worn.astype(np.uint8), 0, 3) > 0
    result = np.where((shadow & (area > 0))[..., None], photo() * 0.7, photo())
    return np.where(worn[..., None], np.clip(cloth(kind) * brightness, 0, 255), result).astype(np.uint8)


GARMENTS = ["red", "black", "white", "stripes", "plaid", "beige"]


@pytest.mark.parametrize("cut_out", [True, False])
@pytest.mark.parametrize("kind", GARMENTS)
def test_a_garment_passes_plain_or_patterned(kind: str, cut_out: bool) -> None:
    assert judge_crop(crop(kind, cut_out), SIZE) is None


def test_a_perfectly_plain_garment_passes_when_it_was_cut_out() -> None:
    plain = crop("red")
    plain[..., :3] = (190, 40, 45)
    assert judge_crop(plain, SIZE) is None


def test_a_transparent_crop_is_refused_with_its_coverage() -> None:
    empty = crop("red")
    empty[..., 3] = 0
    empty[:2, :45, 3] = 255
    refused = judge_crop(empty, SIZE)
    assert refused is not None
    assert refused.code == "crop_transparent"
    assert "1.0%" in refused.message
    assert "5%" in refused.message


def test_a_crop_of_bare_backdrop_is_refused() -> None:
    backdrop = np.full((100, 90, 4), 250, np.uint8)
    backdrop[::3, ::2, 0] = 248
    backdrop[..., 3] = 255
    assert code(judge_crop(backdrop, SIZE)) == "crop_blank"


@pytest.mark.parametrize("shape", [(63, 90, 4), (90, 63, 4), (257, 90, 4), (90, 193, 4)])
def test_a_crop_too_small_or_larger_than_its_photo_is_refused(shape: tuple[int, int, int]) -> None:
    assert code(judge_crop(np.full(shape, 255, np.uint8), SIZE)) == "crop_size"


@pytest.mark.parametrize("kind", list(MaskKind))
def test_right_masks_pass(kind: MaskKind) -> None:
    assert judge_mask(mask(kind), SIZE, kind, labels()) is None


@pytest.mark.parametrize("kind", list(MaskKind))
@pytest.mark.parametrize(("dx", "dy"), [(25, 0), (-25, 0), (0, 30), (0, -30)])
def test_a_shifted_mask_is_refused(kind: MaskKind, dx: int, dy: int) -> None:
    refused = judge_mask(shifted(mask(kind), dx, dy), SIZE, kind, labels())
    assert code(refused) in {"mask_misses_clothes", "mask_off_target", "mask_covers_protected"}


def test_a_mask_of_the_wrong_kind_is_refused() -> None:
    refused = judge_mask(mask(MaskKind.LOWER), SIZE, MaskKind.UPPER, labels())
    assert code(refused) == "mask_misses_clothes"


def test_a_mask_that_is_not_strict_is_refused() -> None:
    grey = mask(MaskKind.UPPER)
    grey[100, 100] = 254
    assert code(judge_mask(grey, SIZE, MaskKind.UPPER, labels())) == "mask_not_strict"


def test_a_mask_of_another_size_or_dtype_is_refused() -> None:
    upper = mask(MaskKind.UPPER)
    assert code(judge_mask(upper[:-1], SIZE, MaskKind.UPPER, labels())) == "mask_size"
    assert code(judge_mask(upper, SIZE, MaskKind.UPPER, labels()[:, :-1])) == "mask_size"
    floats: Any = upper.astype(np.float32)
    assert code(judge_mask(floats, SIZE, MaskKind.UPPER, labels())) == "mask_dtype"
    assert code(judge_mask(upper[..., None], SIZE, MaskKind.UPPER, labels())) == "mask_shape"


def test_an_empty_or_full_mask_is_refused() -> None:
    for value in (0, 255):
        bad = np.full((HEIGHT, WIDTH), value, np.uint8)
        assert code(judge_mask(bad, SIZE, MaskKind.UPPER, labels())) == "mask_area"


def test_a_mask_over_the_face_is_refused_but_one_over_the_neck_passes() -> None:
    upper = mask(MaskKind.UPPER)
    upper[48:62, 84:108] = 255
    assert judge_mask(upper, SIZE, MaskKind.UPPER, labels()) is None
    upper[26:48, 84:108] = 255
    assert code(judge_mask(upper, SIZE, MaskKind.UPPER, labels())) == "mask_covers_protected"


def test_a_deep_neckline_does_not_move_the_chin() -> None:
    """The label of the neck reaches down to the chest; the mask covers all of it below the chin."""
    worn = labels().copy()
    rows = np.flatnonzero((worn == 11).any(axis=1))
    top, chin = int(rows[0]), int(rows[-1])
    worn[chin : chin + 2 * (chin - top), 93:99] = 11
    upper = mask(MaskKind.UPPER)
    upper[chin + 1 : chin + 2 * (chin - top), 84:108] = 255
    assert judge_mask(upper, SIZE, MaskKind.UPPER, worn) is None
    upper[top:chin, 84:108] = 255
    assert code(judge_mask(upper, SIZE, MaskKind.UPPER, worn)) == "mask_covers_protected"


def test_a_label_map_without_a_body_is_refused() -> None:
    empty = np.zeros_like(labels())
    assert code(judge_mask(mask(MaskKind.LOWER), SIZE, MaskKind.LOWER, empty)) == "mask_nothing_to_cover"


@pytest.mark.parametrize("brightness", [0.75, 1.0, 1.15])
@pytest.mark.parametrize("kind", GARMENTS)
def test_right_tryons_pass_in_any_light(kind: str, brightness: float) -> None:
    result = dress(kind, brightness)
    for cut_out in (True, False):
        assert judge_tryon(photo(), result, mask(MaskKind.UPPER), crop(kind, cut_out)) is None


@pytest.mark.parametrize(
    ("worn", "asked"), [("red", "white"), ("stripes", "plaid"), ("plaid", "black"), ("beige", "red")]
)
def test_the_wrong_garment_is_refused(worn: str, asked: str) -> None:
    refused = judge_tryon(photo(), dress(worn), mask(MaskKind.UPPER), crop(asked))
    assert code(refused) == "tryon_wrong_garment"


def printed(picture: Pixels, row: int, column: int, side: int) -> Pixels:
    """With a red square in the middle of the garment."""
    red = picture.copy()
    red[row - side // 2 : row + side // 2, column - side // 2 : column + side // 2, :3] = (200, 30, 40)
    return red


@pytest.mark.parametrize("side", [8, 26, 32, 36, 48])
@pytest.mark.parametrize("ground", ["white", "black"])
def test_a_print_on_a_garment_of_the_backdrops_colour_passes(ground: str, side: int) -> None:
    """Without a cut-out only the print differs from the backdrop, and it is little of all that was repainted."""
    region = np.asarray(cv2.dilate(mask(MaskKind.UPPER), np.ones((31, 31), np.uint8)), np.uint8)
    repainted = np.where(region[..., None] > 0, np.maximum(dress(ground), 10) - 10, photo()).astype(np.uint8)
    shop = crop(ground, cut_out=False)
    shop[..., :3] = np.median(shop[20:80, 20:70, :3], axis=(0, 1))
    assert judge_tryon(photo(), printed(repainted, 96, 96, side), region, printed(shop, 50, 45, side)) is None
    if side > 30:
        blank = judge_tryon(photo(), repainted, region, printed(shop, 50, 45, side))
        assert code(blank) == "tryon_wrong_garment"


def test_an_unchanged_photo_is_refused() -> None:
    refused = judge_tryon(photo(), photo(), mask(MaskKind.UPPER), crop("red"))
    assert code(refused) == "tryon_unchanged"


def test_a_faint_veil_over_the_old_garment_is_unchanged() -> None:
    region = mask(MaskKind.UPPER)
    veil = np.where(region[..., None] > 0, np.clip(photo().astype(int) + 5, 0, 255), photo())
    assert code(judge_tryon(photo(), veil.astype(np.uint8), region, crop("red"))) == "tryon_unchanged"


def test_a_blank_image_and_a_grey_fill_are_refused() -> None:
    region = mask(MaskKind.UPPER)
    assert code(judge_tryon(photo(), np.zeros_like(photo()), region, crop("red"))) == "tryon_blank"
    filled = np.where(region[..., None] > 0, 128, photo()).astype(np.uint8)
    assert code(judge_tryon(photo(), filled, region, crop("red"))) == "tryon_blank"


def test_a_change_outside_the_region_is_refused_and_counted() -> None:
    result = dress("red")
    result[30, 90] ^= 0x10
    refused = judge_tryon(photo(), result, mask(MaskKind.UPPER), crop("red"))
    assert refused is not None
    assert refused.code == "tryon_outside_changed"
    assert refused.message.startswith("1 pixels changed by up to 16 levels")


def test_a_garment_drawn_through_a_shifted_mask_is_refused() -> None:
    region = mask(MaskKind.UPPER)
    result = dress("red", region=shifted(region, 12, 8))
    assert code(judge_tryon(photo(), result, region, crop("red"))) == "tryon_outside_changed"


def test_two_pixels_of_soft_edge_and_two_levels_of_rounding_are_tolerated() -> None:
    region = mask(MaskKind.UPPER)
    wider = cv2.dilate(region, np.ones((5, 5), np.uint8))
    result = np.where((wider > region)[..., None], 200, dress("red")).astype(np.uint8)
    result[wider == 0] = np.minimum(photo()[wider == 0], 253) + 2
    assert judge_tryon(photo(), result, region, crop("red")) is None


def test_arrays_that_do_not_fit_together_are_refused() -> None:
    person, result, region, garment = photo(), dress("red"), mask(MaskKind.UPPER), crop("red")
    floats: Any = result.astype(np.float32)
    assert code(judge_tryon(person, floats, region, garment)) == "tryon_dtype"
    assert code(judge_tryon(person, result[..., 0], region, garment)) == "tryon_shape"
    assert code(judge_tryon(person, result, region, garment[..., :3])) == "tryon_shape"
    assert code(judge_tryon(person, result[:-8], region, garment)) == "tryon_size"
    assert code(judge_tryon(person, result, region[:, 8:], garment)) == "tryon_size"
    assert code(judge_tryon(person, result, region // 2, garment)) == "tryon_not_strict"
    assert code(judge_tryon(person, result, region * 0, garment)) == "tryon_no_region"
    assert code(judge_tryon(person, result, region, garment * np.uint8(0))) == "tryon_no_garment"


F_PX = 300.0


def splat() -> Gaussians:
    """One Gaussian per 2 x 2 pixels of the person, 2 m away, and a dark layer 0.2 m behind it."""
    v, u = np.nonzero(labels()[::2, ::2])
    u, v = 2 * u + 1, 2 * v + 1
    front = np.column_stack([(u - WIDTH / 2) * 2 / F_PX, (v - HEIGHT / 2) * 2 / F_PX, np.full(len(u), 2.0)])
    count = 2 * len(u)
    return Gaussians(
        positions=np.concatenate([front, front * 1.1]).astype(np.float32),
        scales=np.full((count, 3), 0.006, np.float32),
        rotations=np.tile(np.array([1, 0, 0, 0], np.float32), (count, 1)),
        opacities=np.full(count, 0.97, np.float32),
        colors=np.concatenate([photo()[v, u] / 255, np.zeros((len(u), 3))]).astype(np.float32),
    )


def damaged(name: str, index: int, value: float) -> Gaussians:
    good = splat()
    array = getattr(good, name).copy()
    array[index] = value
    return dataclasses.replace(good, **{name: array})


def test_a_right_splat_passes() -> None:
    assert judge_splat(splat(), photo(), F_PX) is None


@pytest.mark.parametrize("name", ["positions", "scales", "rotations", "opacities", "colors"])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_values_that_are_not_finite_are_refused(name: str, value: float) -> None:
    refused = judge_splat(damaged(name, 7, value), photo(), F_PX)
    assert refused is not None
    assert refused.code == "splat_not_finite"
    assert name in refused.message


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("scales", 0.0, "splat_scale"),
        ("scales", -0.1, "splat_scale"),
        ("scales", 1.5, "splat_scale"),
        ("rotations", 0.6, "splat_rotation"),
        ("rotations", 0.0, "splat_rotation"),
        ("opacities", 1.2, "splat_range"),
        ("opacities", -0.2, "splat_range"),
        ("colors", 1.2, "splat_range"),
    ],
)
def test_values_out_of_range_are_refused(name: str, value: float, expected: str) -> None:
    assert code(judge_splat(damaged(name, 3, value), photo(), F_PX)) == expected


def test_the_splat_of_another_look_is_refused() -> None:
    refused = judge_splat(splat(), dress("plaid"), F_PX)
    assert code(refused) == "splat_wrong_image"


def test_a_splat_behind_the_camera_or_beside_the_picture_is_refused() -> None:
    good = splat()
    for offset in ([0, 0, -5], [1.5, 0, 0]):
        moved = dataclasses.replace(good, positions=good.positions + np.array(offset, np.float32))
        assert code(judge_splat(moved, photo(), F_PX)) == "splat_out_of_view"


def test_a_splat_made_with_another_focal_length_is_refused() -> None:
    assert judge_splat(splat(), photo(), 2.5 * F_PX) is not None
    assert code(judge_splat(splat(), photo(), float("nan"))) == "splat_focal"


def test_wrong_counts_shapes_and_dtypes_are_refused() -> None:
    good = splat()
    few = dataclasses.replace(
        good, **{f.name: getattr(good, f.name)[:10] for f in dataclasses.fields(good) if f.name != "facts"}
    )
    assert code(judge_splat(few, photo(), F_PX)) == "splat_count"
    assert (
        code(judge_splat(dataclasses.replace(good, colors=good.colors[1:]), photo(), F_PX)) == "splat_shape"
    )
    wide: Any = good.scales.astype(np.float64)
    assert code(judge_splat(dataclasses.replace(good, scales=wide), photo(), F_PX)) == "splat_dtype"


def test_a_splat_too_transparent_to_see_is_refused() -> None:
    good = splat()
    ghost = dataclasses.replace(good, opacities=good.opacities * np.float32(0.01))
    assert code(judge_splat(ghost, photo(), F_PX)) == "splat_wrong_image"


DTYPES = st.sampled_from(["uint8", "uint8", "uint8", "bool", "int32", "float32", "float64"])


def arrays(rank: int, channels: int | None = None) -> st.SearchStrategy[Any]:
    side = st.integers(0, 70)
    last = st.just(channels) if channels else side
    shape = st.tuples(*([side] * (rank - 1)), last)
    other = hnp.array_shapes(min_dims=1, max_dims=4, max_side=5)
    return st.builds(
        lambda d, s, seed: np.random.default_rng(seed).choice([0, 1, 128, 255], size=s).astype(d),
        DTYPES,
        st.one_of(shape, shape, other),
        st.integers(0, 9),
    )


@settings(max_examples=60, deadline=None)
@given(arrays(3, 4), st.tuples(st.integers(0, 80), st.integers(0, 80)))
def test_judge_crop_never_raises(rgba: Any, size: tuple[int, int]) -> None:
    assert isinstance(judge_crop(rgba, size), Refused | None)


@settings(max_examples=60, deadline=None)
@given(arrays(2), arrays(2), st.sampled_from(MaskKind), st.booleans())
def test_judge_mask_never_raises(area: Any, map_: Any, kind: MaskKind, fits: bool) -> None:
    size = (area.shape[-1], area.shape[0]) if fits else SIZE
    assert isinstance(
        judge_mask(area, size, kind, np.resize(map_, area.shape) if fits else map_), Refused | None
    )


@settings(max_examples=60, deadline=None)
@given(arrays(3, 3), arrays(2), arrays(3, 4), st.booleans(), st.integers(0, 255))
def test_judge_tryon_never_raises(person: Any, region: Any, garment: Any, fits: bool, change: int) -> None:
    result = person ^ np.uint8(change) if person.dtype == np.uint8 else person
    if fits:
        region = np.where(np.resize(region, person.shape[:2]) > 1, 255, 0).astype(np.uint8)
    assert isinstance(judge_tryon(person, result, region, garment), Refused | None)


@settings(max_examples=60, deadline=None)
@given(
    hnp.arrays(np.float32, (600, 3), elements=st.floats(width=32), fill=st.floats(width=32)),
    st.floats(),
    arrays(3, 3),
    st.sampled_from(["positions", "scales", "colors"]),
)
def test_judge_splat_never_raises(values: Any, f_px: float, image: Any, name: str) -> None:
    good = splat()
    first = {f.name: getattr(good, f.name)[:600] for f in dataclasses.fields(good) if f.name != "facts"}
    bad = dataclasses.replace(good, **{**first, name: values})
    assert isinstance(judge_splat(bad, image, f_px), Refused | None)
    assert isinstance(judge_splat(good, image, f_px), Refused | None)


@pytest.mark.parametrize("value", [None, 3, "mask", [[1, 2]]])
def test_things_that_are_no_arrays_are_refused(value: Any) -> None:
    assert code(judge_crop(value, SIZE)) == "crop_dtype"
    assert code(judge_mask(value, SIZE, MaskKind.UPPER, labels())) == "mask_dtype"
    assert code(judge_tryon(photo(), value, mask(MaskKind.UPPER), crop("red"))) == "tryon_dtype"
    assert code(judge_splat(dataclasses.replace(splat(), colors=value), photo(), F_PX)) == "splat_dtype"
