"""A partition's picture shows what is published and wanted now, and nothing in the place of anything else."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageFont

from tests.core.workshop import BOTTOMS, GOWN, TOPS, Workshop, add, make_all
from tests.fakes import MemoryBlobs
from tryon.core import rollout
from tryon.core.contact_sheet import Cell, Layout, paint, shorten
from tryon.core.errors import (
    BlobCorrupted,
    BlobMissing,
    InvalidId,
    PregenerationRequired,
    SplatRejected,
    UnknownUpload,
)
from tryon.core.pictures import MOST, OF_PAIRS, Picture, Place, draw, find_picture
from tryon.core.ports import DressJob
from tryon.core.provenance import DigitalSource, read_mark
from tryon.core.splat_view import BACKDROP, MAX_SIDE, view
from tryon.core.splats import Gaussians
from tryon.core.words import Order, Refused

USER = "u0000"
TWO_PIECE = Place("outfit_tryons", USER, BOTTOMS[1])
EVERYWHERE = [
    Place("product_crops", None, TOPS[0]),
    Place("user_masks", USER, None),
    *(Place(asset, USER, BOTTOMS[1]) for asset in OF_PAIRS),
]


@pytest.fixture(scope="module")
def made() -> Workshop:
    """To be read only."""
    workshop = Workshop()
    workshop.run()
    return workshop


def names(workshop: Workshop, place: Place) -> list[str]:
    return [record.name for record in find_picture(workshop.open(), place).records]


# What is shown


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        (Place("product_crops", None, TOPS[0]), ["t0000.tops"]),
        (Place("user_masks", USER, None), ["upper", "lower", "overall", "full_body", "face"]),
        (Place("garment_tryons", USER, GOWN), ["d0000.dress"]),
        (TWO_PIECE, ["t0000.tops+b0001.bottoms", "t0001.tops+b0001.bottoms"]),
        (Place("outfit_splats", USER, BOTTOMS[1]), ["t0000.tops+b0001.bottoms", "t0001.tops+b0001.bottoms"]),
    ],
)
def test_the_products_of_the_partition_in_the_order_of_the_matrix(
    made: Workshop, place: Place, shown: list[str]
) -> None:
    assert names(made, place) == shown


@pytest.mark.parametrize("place", EVERYWHERE, ids=lambda place: place.asset)
def test_every_asset_is_drawn(made: Workshop, place: Place) -> None:
    pipeline = made.open()
    picture = find_picture(pipeline, place)
    with Image.open(BytesIO(draw(pipeline, picture).data)) as image:
        assert image.format == "WEBP"
        colours = np.unique(np.asarray(image).reshape(-1, 3), axis=0)
    assert len(colours) > 10


@pytest.mark.parametrize("place", EVERYWHERE, ids=lambda place: place.asset)
def test_only_what_was_generated_is_marked_so(made: Workshop, place: Place) -> None:
    pipeline = made.open()
    mark = read_mark(draw(pipeline, find_picture(pipeline, place)).data)
    expected = DigitalSource.COMPOSITE_SYNTHETIC if place.asset in OF_PAIRS else None
    assert (mark.source if mark else None) == expected


def test_nothing_was_made_yet() -> None:
    workshop = Workshop()
    workshop.open().reconcile()
    for place in EVERYWHERE:
        with pytest.raises(PregenerationRequired, match=f"{place.asset}.*pre-generation is required"):
            find_picture(workshop.open(), place)


def test_a_pair_that_owns_nothing_has_no_picture(made: Workshop) -> None:
    with pytest.raises(PregenerationRequired):
        find_picture(made.open(), Place("outfit_tryons", USER, TOPS[0]))


# What is not shown


def test_a_refused_outfit_is_left_out() -> None:
    calls: list[DressJob] = []

    def answer(job: DressJob) -> Refused | None:
        calls.append(job)
        return Refused("no_pose", "The arms cannot be seen.") if len(calls) == 1 else None

    workshop = Workshop(answer=answer)
    workshop.run()
    with pytest.raises(PregenerationRequired):
        find_picture(workshop.open(), Place("garment_tryons", USER, TOPS[0]))
    assert names(workshop, Place("garment_tryons", USER, TOPS[1])) == ["t0001.tops"]


def test_a_stale_one_is_left_out() -> None:
    """b0001 has a new photo: whatever shows the old one has no picture until it is made again."""
    workshop = Workshop()
    workshop.run()
    add(workshop.uploads, BOTTOMS[1], photo_of=BOTTOMS[0])
    workshop.open().reconcile()
    for place in EVERYWHERE[2:]:
        with pytest.raises(PregenerationRequired):
            find_picture(workshop.open(), place)
    assert names(workshop, Place("outfit_tryons", USER, BOTTOMS[0]))
    workshop.run()
    assert len(names(workshop, TWO_PIECE)) == 2


def test_a_new_release_is_shown_when_it_is_complete() -> None:
    """What is made for it meanwhile is not shown yet, and what was shown stays."""
    workshop = Workshop()
    workshop.run()
    workshop.order = Order.TUCKED
    pipeline = workshop.open()
    before = find_picture(pipeline, TWO_PIECE)
    rollout.confirm(pipeline, rollout.prepare(pipeline))
    pipeline.make_two_piece([(USER, item.id) for item in pipeline.records.items()], "run")
    assert find_picture(pipeline, TWO_PIECE) == before
    make_all(pipeline)
    rollout.switch(pipeline)
    assert find_picture(pipeline, TWO_PIECE) != before


def test_an_erased_user_has_no_picture() -> None:
    workshop = Workshop()
    workshop.run()
    workshop.bury(USER)
    for place in EVERYWHERE[1:]:
        with pytest.raises(UnknownUpload):
            find_picture(workshop.open(), place)


def test_outfits_of_an_erased_item_are_left_out() -> None:
    workshop = Workshop()
    workshop.run()
    workshop.bury(TOPS[0])
    assert names(workshop, TWO_PIECE) == ["t0001.tops+b0001.bottoms"]
    with pytest.raises(UnknownUpload):
        find_picture(workshop.open(), EVERYWHERE[0])


def test_a_suspended_user_has_no_picture_until_the_photo_is_back() -> None:
    workshop = Workshop()
    workshop.run()
    photo = {key: value for key, value in workshop.uploads.photos.items() if key[1] == USER}
    for key in photo:
        del workshop.uploads.photos[key]
    workshop.open().reconcile()
    with pytest.raises(UnknownUpload, match="suspended"):
        find_picture(workshop.open(), TWO_PIECE)
    workshop.uploads.photos.update(photo)
    workshop.open().reconcile()
    assert names(workshop, TWO_PIECE)


def test_damaged_bytes_are_never_drawn(made: Workshop) -> None:
    flipped = MemoryBlobs(flip_bit=True)
    assert isinstance(made.blobs, MemoryBlobs)
    flipped.files.update(made.blobs.files)
    for blobs, error in ((flipped, BlobCorrupted), (MemoryBlobs(), BlobMissing)):
        pipeline = Workshop(made.uploads, blobs, made.records).open()
        with pytest.raises(error):
            draw(pipeline, find_picture(pipeline, TWO_PIECE))


# The address, the tag and the sheet


def test_an_address_has_ids_only() -> None:
    assert TWO_PIECE.path == "/pictures/users/u0000/items/b0001/outfit_tryons.webp"
    assert Place("user_masks", USER, None).path == "/pictures/users/u0000/user_masks.webp"
    assert Place("product_crops", None, "t0000").path == "/pictures/items/t0000/product_crops.webp"
    with pytest.raises(InvalidId):
        Place("user_masks", "../u0000", None)


def test_the_tag_changes_with_what_is_shown_and_tells_no_digest(made: Workshop) -> None:
    picture = find_picture(made.open(), TWO_PIECE)
    assert find_picture(made.open(), TWO_PIECE).tag == picture.tag
    assert Picture(picture.records[:1]).tag != picture.tag
    assert picture.tag not in str(picture.records)


def test_a_large_pair_costs_no_more_than_a_sheet(made: Workshop) -> None:
    pipeline = made.open()
    records = find_picture(pipeline, TWO_PIECE).records
    full, more = (draw(pipeline, Picture(records[:1] * n)).data for n in (MOST, 10 * MOST))
    with Image.open(BytesIO(full)) as one, Image.open(BytesIO(more)) as other:
        assert one.width == other.width
        assert other.height == one.height + 14  # The line that says "15 of 150".


def test_an_empty_cell_says_so_and_stands_in_for_nothing() -> None:
    white = np.full((30, 20, 3), 255, np.uint8)
    empty, filled = (np.asarray(paint([[Cell("a", image)]], 1, Layout(40, 60))) for image in (None, white))
    assert (filled == 255).all(axis=2).sum() >= 40 * 60
    assert not (empty == 255).all(axis=2).any()


def test_a_long_name_ends_before_its_neighbour() -> None:
    font = ImageFont.load_default(11)
    assert shorten("tee.tops", font, 135) == "tee.tops"
    cut = shorten("a" * 63 + ".tops", font, 135)
    assert cut.endswith("a...")
    assert font.getlength(cut) <= 135


# The view of a splat


def splat(z: tuple[float, ...], opacity: float = 0.9) -> Gaussians:
    """A square of 40 x 40 Gaussians at each depth, one behind the other: the first red, the second blue."""
    y, x = (axis.ravel() / 40 for axis in np.mgrid[0:40, 0:40])
    places = [np.column_stack([x * depth, y * depth, np.full(1600, depth)]) for depth in z]
    colours = np.repeat(np.array([[1, 0, 0], [0, 0, 1]], np.float32)[: len(z)], 1600, axis=0)
    count = 1600 * len(z)
    return Gaussians(
        np.concatenate(places).astype(np.float32),
        np.full((count, 3), 0.01, np.float32),
        np.tile(np.array([1, 0, 0, 0], np.float32), (count, 1)),
        np.full(count, opacity, np.float32),
        colours,
    )


@pytest.mark.parametrize(("depths", "colour"), [((1.0, 2.0), (255, 0, 0)), ((2.0, 1.0), (0, 0, 255))])
def test_the_nearest_gaussian_is_seen(depths: tuple[float, ...], colour: tuple[int, ...]) -> None:
    picture = view(splat(depths))
    seen = np.unique(picture.reshape(-1, 3), axis=0)
    assert {tuple(map(int, row)) for row in seen} <= {colour, (BACKDROP,) * 3}
    assert (picture == colour).all(axis=2).mean() > 0.9
    assert max(picture.shape) <= MAX_SIDE


def test_what_is_behind_the_camera_or_transparent_is_not_seen() -> None:
    for unseen in (splat((-1.0,)), splat((1.0,), opacity=0.01)):
        with pytest.raises(SplatRejected, match="in front of the camera"):
            view(unseen)
