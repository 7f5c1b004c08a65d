"""Splats of pictures that are nobody's look: focal length, sampling, numbers as text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from tryon.core.camera import Camera
from tryon.core.direct.splats import (
    BYTES_LISTED,
    MOST_LISTED,
    Scene,
    as_json,
    as_lists,
    check_listed,
    listing,
    splat,
    thinned,
)
from tryon.core.errors import InvalidSetting, OutOfMemory
from tryon.core.images import Photo
from tryon.core.ports import Pixels, SplatJob, Splatter
from tryon.core.splats import Gaussians
from tryon.core.words import EngineCard, Refused

WIDTH, HEIGHT = 320, 240
PICTURE: Pixels = np.full((HEIGHT, WIDTH, 3), (180, 90, 40), np.uint8)


def wall(count: int = 4800, depth: float = 2.0, scale: float = 0.01) -> Gaussians:
    """Opaque and evenly spread over what a camera of the default lens sees."""
    side = int(np.ceil(np.sqrt(count)))
    x, y = np.meshgrid(np.linspace(-0.4, 0.4, side), np.linspace(-0.3, 0.3, side))
    points = np.stack([x.ravel() * depth, y.ravel() * depth, np.full(side**2, depth)], axis=1)[:count]
    ones = np.ones(count, np.float32)
    return Gaussians(
        points.astype(np.float32),
        np.full((count, 3), scale, np.float32),
        np.tile(np.array([1, 0, 0, 0], np.float32), (count, 1)),
        ones,
        np.tile(PICTURE[0, 0].astype(np.float32) / 255, (count, 1)),
        {"frame": "OpenCV"},
    )


class Answering:
    """Answers everything alike, and keeps what it was asked."""

    card = EngineCard("answering", "1", "some licence", True, True)

    def __init__(self, answer: Gaussians | Refused | Exception) -> None:
        self._answer = answer
        self.jobs: list[SplatJob] = []
        self.released = 0

    def splat(self, batch: Sequence[SplatJob]) -> list[Gaussians | Refused]:
        self.jobs += batch
        if isinstance(self._answer, Exception):
            raise self._answer
        return [self._answer] * len(batch)

    def release(self) -> None:
        self.released += 1


class OfScenes(Answering):
    def scene(self) -> Splatter:
        return self


def photo(camera: Camera | None = None) -> Photo:
    return Photo(PICTURE, "JPEG", camera or Camera())


def made(answer: Gaussians | None = None) -> Scene:
    found = splat(Answering(answer or wall()), photo())
    assert isinstance(found, Scene), found
    return found


# Focal length


@pytest.mark.parametrize(
    ("camera", "given", "f_px", "source"),
    [
        (Camera(focal_mm_35=36.0), 500.0, 500.0, "given"),
        (Camera(focal_mm_35=43.266615), None, 400.0, "exif"),
        (Camera(), None, 384.0, "default"),
    ],
)
def test_the_focal_length_is_given_or_read_or_assumed(
    camera: Camera, given: float | None, f_px: float, source: str
) -> None:
    splatter = OfScenes(wall())
    found = splat(splatter, photo(camera), given)
    assert isinstance(found, Scene)
    (job,) = splatter.jobs
    assert [found.focal.f_px, job.f_px] == pytest.approx([f_px, f_px])
    assert {found.focal.source, job.f_px_source} == {source}


def test_a_focal_length_that_no_lens_has_is_refused_before_the_engine_is_asked() -> None:
    splatter = Answering(wall())
    with pytest.raises(InvalidSetting, match=r"f_px 3\.0 is not a focal length for a 320x240 picture"):
        splat(splatter, photo(), 3.0)
    assert splatter.jobs == []


# Verdicts, and the GPU's memory


def test_a_splat_of_a_person_is_judged_and_a_scene_may_be_deeper() -> None:
    far = wall(scale=3.0)
    refused = splat(Answering(far), photo())
    assert isinstance(refused, Refused)
    assert refused.code == "splat_scale"
    assert isinstance(splat(OfScenes(far), photo()), Scene)


def test_what_the_engine_refuses_stays_refused() -> None:
    nobody = Refused("no_person", "Nobody is in it.")
    assert splat(Answering(nobody), photo()) == nobody


def test_memory_is_given_back_after_each_picture_and_after_a_failure() -> None:
    well, badly = Answering(wall()), Answering(OutOfMemory("full"))
    splat(well, photo())
    with pytest.raises(OutOfMemory):
        splat(badly, photo())
    assert (well.released, badly.released) == (1, 1)


# Numbers


def test_metadata_says_what_is_there_and_what_was_left_out() -> None:
    facts = listing(made(), 1200, 1.23456).metadata
    assert facts == {
        "generator": "answering",
        "licence": "some licence",
        "frame": "OpenCV",
        "count": 1200,
        "total": 4800,
        "sampled": True,
        "image_size": [WIDTH, HEIGHT],
        "f_px": 384.0,
        "f_px_source": "default",
        "bounding_box": [[-0.8, -0.6, 2.0], [0.8, pytest.approx(0.6, abs=0.02), 2.0]],
        "seconds": 1.235,
    }


def test_a_sample_is_even_and_keeps_both_ends() -> None:
    every = wall(10_000)
    few = thinned(every, 101)
    rows = [int(np.flatnonzero((every.positions == point).all(axis=1))[0]) for point in few.positions]
    assert (rows[0], rows[-1], len(rows)) == (0, 9999, 101)
    assert set(np.diff(rows)) <= {99, 100, 101}


def test_a_short_splat_is_listed_whole() -> None:
    found = listing(made(), MOST_LISTED, 1.0)
    assert (found.metadata["count"], found.metadata["sampled"]) == (4800, False)


def test_text_and_lists_are_the_same_numbers_to_seven_digits() -> None:
    generator = np.random.default_rng(1)
    rough = wall(2500)
    noisy = Gaussians(
        rough.positions,
        (rough.scales * generator.uniform(1e-4, 1, rough.scales.shape)).astype(np.float32),
        rough.rotations,
        generator.uniform(0, 1, 2500).astype(np.float32),
        rough.colors,
    )
    found = listing(Scene(noisy, made().focal, (WIDTH, HEIGHT), {}), MOST_LISTED, 0.5)
    text = json.loads(b"".join(as_json(found)))
    assert text == as_lists(found)
    np.testing.assert_allclose(text["scales"], noisy.scales, rtol=6e-7)
    np.testing.assert_allclose(np.ravel(text["opacities"]), noisy.opacities, rtol=6e-7, atol=0)
    shapes = {name: np.shape(text[name]) for name in text if name != "metadata"}
    assert shapes == {
        "positions": (2500, 3),
        "scales": (2500, 3),
        "rotations": (2500, 4),
        "opacities": (2500, 1),
        "colors": (2500, 3),
    }


def test_text_comes_in_pieces_that_are_quickly_made() -> None:
    pieces = list(as_json(listing(made(wall(20_000)), MOST_LISTED, 0.5)))
    assert max(map(len, pieces)) < 60_000
    assert len(pieces) > 100


@pytest.mark.parametrize("asked", [1, MOST_LISTED])
def test_as_many_may_be_listed(asked: int) -> None:
    assert check_listed(asked) == asked


def test_larger_lists_are_refused_with_their_size() -> None:
    with pytest.raises(InvalidSetting, match=r"max_gaussians 1179648 would be about 201 MB .* 1 to 50000"):
        check_listed(1_179_648)
    for wrong in (0, -5):
        with pytest.raises(InvalidSetting, match=rf"max_gaussians {wrong}; ask for 1 to 50000"):
            check_listed(wrong)


def test_the_size_that_is_told_is_about_right() -> None:
    generator = np.random.default_rng(2)
    count = 5000
    quaternions = generator.normal(size=(count, 4))
    rough = Gaussians(
        generator.normal(size=(count, 3)).astype(np.float32),
        generator.uniform(1e-4, 1e-2, (count, 3)).astype(np.float32),
        (quaternions / np.linalg.norm(quaternions, axis=1, keepdims=True)).astype(np.float32),
        generator.uniform(0, 1, count).astype(np.float32),
        generator.uniform(0, 1, (count, 3)).astype(np.float32),
    )
    text = b"".join(as_json(listing(Scene(rough, made().focal, (WIDTH, HEIGHT), {}), count, 1.0)))
    assert len(text) / count == pytest.approx(BYTES_LISTED, rel=0.1)


def test_exif_travels_with_the_photo() -> None:
    """The one decoder reads it; nothing else has to."""
    from tryon.core.images import decode

    image, exif = Image.fromarray(PICTURE), Image.Exif()
    exif.get_ifd(0x8769)[0xA405] = 43
    data = BytesIO()
    image.save(data, "JPEG", exif=exif)
    found = splat(OfScenes(wall()), decode(data.getvalue()))
    assert isinstance(found, Scene)
    assert found.focal.source == "exif"
