"""The relief splatter: geometry of the inflation, what the layers show, and its refusals."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tryon.core.errors import InvalidSetting
from tryon.core.ports import Pixels, SplatJob
from tryon.core.quality import judge_splat
from tryon.core.splats import Gaussians
from tryon.core.words import Refused
from tryon.engines.person_view import PersonView
from tryon.engines.relief import Relief
from tryon.engines.relief.limbs import find_arms
from tryon.engines.relief.posture import CAP, LIMB
from tryon.engines.relief.silhouette import inflate

HEIGHT, WIDTH, F_PX = 256, 192, 300.0
Floats = NDArray[np.floating]


def disc(size: int, radius: float) -> Pixels:
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    return np.where(x * x + y * y <= radius * radius, 255, 0).astype(np.uint8)


def person_mask() -> Pixels:
    """A person of head, torso, arms and legs, from row 12 to row 243."""
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.ellipse(mask, (96, 34), (16, 22), 0, 0, 360, 255, -1)
    cv2.rectangle(mask, (70, 56), (122, 130), 255, -1)
    for x in (58, 134):
        cv2.line(mask, (x, 70), (x, 135), 255, 13)
    cv2.line(mask, (60, 66), (132, 66), 255, 13)
    for x in (84, 108):
        cv2.line(mask, (x, 130), (x, 234), 255, 19)
    return mask


def person_image() -> Pixels:
    """Smooth colours, different at every place, on a green backdrop that no part of the person has."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    body = np.stack([x * 255 // WIDTH, np.full_like(x, 40), y * 255 // HEIGHT], axis=2)
    return np.where(person_mask()[..., None] > 0, body, np.array([0, 255, 0])).astype(np.uint8)


class Fixed:
    """A view that is known beforehand, the same for every image."""

    def __init__(self, answer: Pixels | Refused, depth: NDArray[np.float32] | None = None) -> None:
        self.answer, self.depth = answer, depth

    def __call__(self, batch: Sequence[Pixels]) -> list[PersonView | Refused]:
        answer = self.answer
        return [answer if isinstance(answer, Refused) else PersonView(answer, self.depth) for _ in batch]


def splat(f_px: float = F_PX, most: int = 80_000, mask: Pixels | None = None) -> Gaussians:
    relief = Relief(Fixed(person_mask() if mask is None else mask), max_gaussians=most)
    (answer,) = relief.splat([SplatJob(person_image(), f_px)])
    assert isinstance(answer, Gaussians)
    return answer


def refusal(mask: Pixels | Refused, f_px: float = F_PX) -> str:
    (answer,) = Relief(Fixed(mask)).splat([SplatJob(person_image(), f_px)])
    assert isinstance(answer, Refused)
    return answer.code


def layer(g: Gaussians, name: str) -> slice:
    layers = g.facts["layers"]
    assert isinstance(layers, dict)
    starts = {
        "front": 0,
        "back": layers["front"],
        "sides": layers["front"] + layers["back"],
        "end": len(g),
    }
    following = list(starts)[list(starts).index(name) + 1]
    return slice(starts[name], starts[following])


def project(g: Gaussians, f_px: float, degrees: float = 0.0) -> tuple[Floats, Floats]:
    """Pixel coordinates after a turn about the vertical axis through the person's middle."""
    a, middle = np.radians(degrees), np.median(g.positions[:, 2])
    x, y, z = g.positions[:, 0], g.positions[:, 1], g.positions[:, 2] - middle
    x, z = x * np.cos(a) + z * np.sin(a), -x * np.sin(a) + z * np.cos(a) + middle
    return f_px * x / z + WIDTH / 2, f_px * y / z + HEIGHT / 2


def axes(g: Gaussians) -> Floats:
    """Rotation matrices [N, 3, 3] of the quaternions; column k is the k-th axis of the Gaussian."""
    w, x, y, z = g.rotations.T.astype(np.float64)
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return np.stack([np.stack(row, axis=1) for row in rows], axis=1)


@pytest.mark.parametrize("radius", [12, 40, 110, 200])
def test_a_disc_inflates_to_a_hemisphere_within_2_percent_and_a_pixel(radius: int) -> None:
    size = 2 * radius + 21
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    truth = np.sqrt(np.maximum((radius + 0.5) ** 2 - x * x - y * y, 0))
    found = np.sqrt(inflate((disc(size, radius) > 0).astype(np.uint8)))
    inner = x * x + y * y < (0.9 * radius) ** 2
    assert np.abs(found - truth)[inner].max() < 0.02 * radius + 0.6


def test_a_long_limb_gets_a_round_cross_section() -> None:
    limb = np.zeros((300, 60), np.uint8)
    limb[:, 20:40] = 1
    half = LIMB * np.sqrt(inflate(limb)[150])
    assert half.max() == pytest.approx(10.5, rel=0.06)
    assert half[25] == pytest.approx(np.sqrt(10.5**2 - 4.5**2), rel=0.06)


def test_half_thickness_stays_under_the_cap() -> None:
    """Of what is cut off by the photo's edge, whose height is not known; it is inflated evenly."""
    g = splat(mask=np.roll(disc(HEIGHT, 90)[:, 32:224], 40, axis=0))
    depth = g.positions[:, 2]
    assert CAP * 1.7 < depth.max() - depth.min() < 2 * CAP * 1.7


def test_front_lands_on_the_silhouette_with_the_pixels_colours() -> None:
    g, mask, image = splat(), person_mask(), person_image()
    front = layer(g, "front")
    u, v = (np.floor(values[front]).astype(int) for values in project(g, F_PX))
    assert np.all(mask[v, u] == 255)
    covered = np.zeros_like(mask)
    covered[v, u] = 255
    assert np.array_equal(covered, mask)
    inner = cv2.erode(mask, np.ones((7, 7), np.uint8))[v, u] > 0
    assert np.allclose(g.colors[front][inner], image[v, u][inner] / 255, atol=1e-3)


def test_no_backdrop_shows_on_the_rim_the_sides_or_the_back() -> None:
    assert splat().colors[:, 1].max() < 0.25


def test_the_back_is_behind_the_front_and_has_the_colours_of_the_sides() -> None:
    """A print on the chest and a face are not seen from behind: there the crown's colour is the head's."""
    image = person_image()
    image[70:120, 84:108] = 255, 255, 0
    image[24:42, 88:104] = 255, 200, 150
    (g,) = Relief(Fixed(person_mask())).splat([SplatJob(image, F_PX)])
    assert isinstance(g, Gaussians)
    front, back = layer(g, "front"), layer(g, "back")
    assert g.positions[back, 2].min() >= np.median(g.positions[front, 2])
    assert g.colors[front, 1].max() == 1.0
    assert g.colors[back, 1].max() < 0.35


def test_a_person_is_deep_where_people_are() -> None:
    """Toes before shins, the face before the neck, a hanging hand before its elbow; the chest deeper than a leg."""
    g = splat()
    u, v = project(g, F_PX)

    def depths(name: str, row: int, column: int) -> Floats:
        part = layer(g, name)
        near = (np.abs(v[part] - row) < 3) & (np.abs(u[part] - column) < 3)
        assert near.any()
        return g.positions[part, 2][near].astype(np.float64)

    toes, shin, face, neck = (
        depths("front", *place).mean() for place in ((240, 84), (215, 84), (34, 96), (48, 96))
    )
    assert toes < shin - 0.03
    assert face < neck - 0.01
    assert depths("front", 132, 58).mean() < depths("front", 95, 58).mean() - 0.01
    chest, leg = (
        depths("back", *place).mean() - depths("front", *place).mean() for place in ((85, 96), (190, 84))
    )
    assert chest > leg + 0.05
    assert 0.15 < chest < 0.4


def test_wide_trousers_are_no_second_torso() -> None:
    """Legs that touch are as wide as the chest."""
    mask = person_mask()
    mask[130:225, 72:120] = 255
    g = splat(mask=mask)
    u, v = project(g, F_PX)

    def depth(row: int) -> float:
        near = (np.abs(v - row) < 3) & (np.abs(u - 96) < 3)
        return float(np.ptp(g.positions[near, 2]))

    assert depth(190) < 0.85 * depth(90)


def test_arms_are_told_from_torso_legs_and_skirt() -> None:
    mask = person_mask()
    cv2.fillPoly(mask, [np.array([[74, 110], [118, 110], [140, 190], [52, 190]])], 255)
    inside = (mask[12:244] > 0).astype(np.uint8)
    arms = find_arms(inside)
    assert arms[90:100, 55:61].all()
    assert arms[90:100, 131:137].all()
    assert not arms[60:170, 80:112].any()
    assert not arms[160:].any()
    assert not arms[:40].any()


def test_every_value_is_legal() -> None:
    g = splat()
    for values in (g.positions, g.scales, g.rotations, g.opacities, g.colors):
        assert values.dtype == np.float32
        assert np.isfinite(values).all()
    assert np.abs(np.linalg.norm(g.rotations, axis=1) - 1).max() < 1e-5
    assert g.scales.min() > 0
    assert 0 < g.opacities.min() <= g.opacities.max() < 1
    assert 0 <= g.colors.min() <= g.colors.max() <= 1


def test_discs_are_thin_along_normals_that_point_out_of_the_body() -> None:
    g = splat()
    assert np.array_equal(g.scales.argmin(axis=1), np.full(len(g), 2))
    normal = axes(g)[:, :, 2]
    assert normal[layer(g, "front"), 2].max() <= 1e-6
    assert normal[layer(g, "back"), 2].min() >= -1e-6
    sides = layer(g, "sides")
    arm = (project(g, F_PX)[0][sides] < 56) & (np.abs(g.positions[sides, 1]) < 0.1)
    assert arm.sum() > 100
    assert normal[sides][arm, 0].max() < 0


@pytest.mark.parametrize("degrees", [-20, 0, 20])
def test_no_holes_open_inside_a_small_orbit(degrees: int) -> None:
    cell = 2
    hit = np.zeros((HEIGHT // cell, WIDTH // cell), np.uint8)
    u, v = project(splat(), F_PX, degrees)
    hit[(v // cell).astype(int), (u // cell).astype(int)] = 1
    torso = hit[32:64, 38:58]
    assert torso.mean() > 0.99


@pytest.mark.parametrize("most", [1000, 5000, 20_000])
def test_the_limit_is_kept_and_used(most: int) -> None:
    count = len(splat(most=most))
    assert 0.85 * most < count <= most


def test_a_small_picture_is_not_upsampled() -> None:
    assert splat(most=1_000_000).facts["stride_px"] == 1.0


def test_same_input_same_bytes() -> None:
    one, two = splat(), splat()
    assert one.positions.tobytes() == two.positions.tobytes()
    assert one.colors.tobytes() == two.colors.tobytes()


def test_distance_scales_with_the_focal_length_and_size_does_not() -> None:
    near, far = splat(300.0), splat(600.0)
    front = layer(near, "front")
    assert far.facts["distance_m"] == pytest.approx(2 * float(str(near.facts["distance_m"])))
    assert np.ptp(far.positions[:, 2]) == pytest.approx(np.ptp(near.positions[:, 2]), rel=1e-3)
    assert np.ptp(near.positions[front, 1]) == pytest.approx(1.70, rel=0.06)


def test_facts_say_what_was_assumed() -> None:
    facts = splat().facts
    assert facts["generator"] == "relief"
    assert facts["geometry"] == "inflated silhouette, not reconstructed"
    assert facts["back"] == "synthetic"
    assert facts["assumed_height_m"] == 1.7
    assert (facts["f_px"], facts["f_px_source"]) == (F_PX, "given")
    assert facts["image_size"] == [WIDTH, HEIGHT]
    assert facts["whole_figure"] is True


def test_specks_of_the_parser_are_dropped() -> None:
    mask = person_mask()
    mask[5:8, 5:8] = 255
    assert len(splat(mask=mask)) == len(splat())


def test_the_result_passes_its_own_verdict() -> None:
    assert judge_splat(splat(), person_image(), F_PX) is None


def test_one_answer_per_entry_and_a_refused_silhouette_stays_refused() -> None:
    refused = Refused("no_person", "Nobody is in this photo.")
    job = SplatJob(person_image(), F_PX)
    assert Relief(Fixed(refused)).splat([job, job]) == [refused, refused]
    assert Relief(Fixed(refused)).splat([]) == []


def test_the_front_lies_where_the_parser_sees_it() -> None:
    """A person who leans: each row lies 0.2 pixels further back than the one above it, from any plane."""
    depth = np.repeat(np.arange(HEIGHT, dtype=np.float32)[:, None] * 0.2 + 40.0, WIDTH, axis=1)
    job, upright = SplatJob(person_image(), F_PX), splat()
    (leaning,) = Relief(Fixed(person_mask(), depth)).splat([job])
    assert isinstance(leaning, Gaussians)
    front = layer(leaning, "front")
    rows, z = leaning.positions[front, 1] / leaning.positions[front, 2], leaning.positions[front, 2]
    metres = float(np.polyfit(rows * F_PX, z, 1)[0])
    assert metres == pytest.approx(0.2 * 1.70 / 232, rel=0.15)
    assert z.mean() == pytest.approx(upright.positions[layer(upright, "front"), 2].mean(), abs=0.02)
    assert "depths a net estimates" in str(leaning.facts["geometry"])
    back = layer(leaning, "back")
    assert leaning.positions[back, 2].mean() > z.mean()


def test_silhouettes_that_cannot_be_inflated_are_refused() -> None:
    tiny, full = np.zeros((HEIGHT, WIDTH), np.uint8), np.full((HEIGHT, WIDTH), 255, np.uint8)
    assert refusal(tiny) == "no_silhouette"
    tiny[100:110, 90:100] = 255
    assert refusal(tiny) == "silhouette_too_small"
    assert refusal(full) == "silhouette_fills_picture"
    cross = np.zeros_like(tiny)
    cross[:, 90:100] = cross[120:130] = 255
    assert refusal(cross) == "silhouette_fills_picture"


@pytest.mark.parametrize("f_px", [0.0, -3.0, float("nan"), float("inf")])
def test_a_focal_length_that_cannot_be_is_refused(f_px: float) -> None:
    assert refusal(person_mask(), f_px) == "bad_focal_length"


def test_a_limit_too_small_to_show_a_person_is_an_invalid_setting() -> None:
    with pytest.raises(InvalidSetting, match="at least 1000"):
        Relief(Fixed(person_mask()), max_gaussians=10)
