"""Masks of a photo that is nobody's upload: the stage's own, in the kinds, size and format that were asked for."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from bench.null_engines import NullParser
from tests.core.workshop import Workshop
from tryon.core.depot import Made
from tryon.core.direct.masks import Format, Size, letterbox, masks
from tryon.core.ports import Body, Pixels
from tryon.core.stages.masks import MaskStage
from tryon.core.words import MaskKind, Refused

GARMENTS = (MaskKind.UPPER, MaskKind.LOWER)


def photo(width: int = 240, height: int = 320) -> Pixels:
    return np.full((height, width, 3), 90, np.uint8)


def stage() -> MaskStage:
    return Workshop().stages.mask


def bytes_of(made: Made | Refused) -> bytes:
    assert isinstance(made, Made), made
    return made.encoded.data


def read(made: Made | Refused) -> Pixels:
    """The file as a client reads it: one channel, or three equal ones."""
    with Image.open(BytesIO(bytes_of(made))) as image:
        pixels = np.asarray(image)
    if pixels.ndim == 3:
        assert (pixels[..., :1] == pixels).all()
        pixels = pixels[..., 0]
    assert {0, 255} == {*np.unique(pixels).tolist()}
    return pixels


def test_asked_kinds_come_back_in_the_order_of_the_question() -> None:
    asked = [MaskKind.FACE, MaskKind.UPPER, MaskKind.FACE]
    assert [*masks(stage(), photo(), asked)] == [MaskKind.FACE, MaskKind.UPPER]
    assert {*masks(stage(), photo(), [*MaskKind])} == {*MaskKind}


def test_at_the_photos_size_a_mask_is_the_stages_own_file() -> None:
    ((_, *verdicts),) = stage().work([photo()])
    found = masks(stage(), photo(), [*MaskKind])
    assert [bytes_of(found[kind]) for kind in MaskKind] == [bytes_of(one) for one in verdicts]
    assert read(found[MaskKind.UPPER]).shape == (320, 240)


def test_webp_is_lossless() -> None:
    png = masks(stage(), photo(), GARMENTS)
    webp = masks(stage(), photo(), GARMENTS, form=Format.WEBP)
    for kind in GARMENTS:
        assert bytes_of(webp[kind])[8:16] == b"WEBPVP8L"
        np.testing.assert_array_equal(read(webp[kind]), read(png[kind]))


@pytest.mark.parametrize("form", Format)
@pytest.mark.parametrize("size", [(240, 320), (1080, 1920), (960, 640), (1536, 2048)])
def test_768x1024_is_exactly_that_whatever_the_photo_is(size: tuple[int, int], form: Format) -> None:
    found = masks(stage(), photo(*size), GARMENTS, Size.PORTRAIT, form)
    for kind in GARMENTS:
        assert read(found[kind]).shape == (1024, 768)


def test_of_a_photo_of_3_to_4_a_resized_mask_is_scaled_and_nothing_else() -> None:
    source = read(masks(stage(), photo(384, 512), [MaskKind.UPPER])[MaskKind.UPPER])
    double = read(masks(stage(), photo(384, 512), [MaskKind.UPPER], Size.PORTRAIT)[MaskKind.UPPER])
    np.testing.assert_array_equal(double, source.repeat(2, axis=0).repeat(2, axis=1))


@pytest.mark.parametrize(
    ("shape", "box"),
    [((1024, 768), (0, 0, 768, 1024)), ((100, 100), (0, 128, 768, 896)), ((1920, 1080), (96, 0, 672, 1024))],
)
def test_other_photos_are_fitted_whole_in_the_middle_with_black_around(
    shape: tuple[int, int], box: tuple[int, int, int, int]
) -> None:
    """box: (left, top, right, bottom) of the photo in the answer."""
    left, top, right, bottom = box
    expected = np.zeros((1024, 768), np.uint8)
    expected[top:bottom, left:right] = 255
    np.testing.assert_array_equal(letterbox(np.full(shape, 255, np.uint8), (768, 1024)), expected)


def test_the_smallest_photo_still_has_a_pixel() -> None:
    assert letterbox(np.full((1, 5000), 255, np.uint8), (768, 1024)).sum() == 768 * 255


class Nobody(NullParser):
    def parse(self, batch: Sequence[Pixels]) -> list[Body | Refused]:
        return [Refused("no_person", "No person was found.")] * len(batch)


def test_without_a_person_every_kind_is_refused() -> None:
    parser = MaskStage(stage().materials, Nobody())
    for size in Size:
        found = masks(parser, photo(), GARMENTS, size)
        assert found == dict.fromkeys(GARMENTS, Refused("no_person", "No person was found."))


def test_a_kind_that_cannot_be_made_does_not_take_the_others_down() -> None:
    """A photo that ends above the knees has no lower mask."""

    class Cut(NullParser):
        def parse(self, batch: Sequence[Pixels]) -> list[Body | Refused]:
            (whole,) = super().parse([photo(240, 640)])
            assert isinstance(whole, Body)
            half = batch[0].shape[0]
            points = whole.keypoints.copy()
            points[points[:, 1] >= half, 2] = 0
            return [Body(whole.labels[:half], points)]

    found = masks(MaskStage(stage().materials, Cut()), photo(240, 400), GARMENTS)
    lower = found[MaskKind.LOWER]
    assert isinstance(lower, Refused)
    assert (lower.code, read(found[MaskKind.UPPER]).shape) == ("legs_not_visible", (400, 240))


def test_a_mask_that_vanishes_when_it_is_made_smaller_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its few pixels lie between the ones that are kept."""
    monkeypatch.setattr(
        "tryon.core.direct.masks.letterbox", lambda mask, size: np.zeros((size[1], size[0]), np.uint8)
    )
    found = masks(stage(), photo(), [MaskKind.FACE], Size.PORTRAIT)[MaskKind.FACE]
    assert found == Refused("empty_mask", "the face mask has no pixel left at 768x1024; ask for size source")
