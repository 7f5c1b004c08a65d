"""What travels with a splat: above all where its focal length comes from, since depth is proportional to it."""

from __future__ import annotations

import math
from io import BytesIO

import pytest
from PIL import Image

from tests.core.test_images import exif_of
from tests.core.workshop import GOWN, USERS, Workshop, uploads
from tryon.core.recipes import Stage
from tryon.core.records import Record
from tryon.core.uploads import UploadKind

ANN, BOB = USERS


def splats(shop: Workshop) -> dict[str, Record]:
    shop.run()
    records = shop.open().records
    return {
        user: record
        for user in USERS
        for record in records.find(list(records.standings(user))).values()
        if record.stage is Stage.SPLAT
    }


def test_the_lens_in_a_users_photo_decides_where_it_is_known() -> None:
    source = uploads(items=[GOWN])
    with Image.open(BytesIO(source.photos[UploadKind.USER, BOB])) as photo:
        file = BytesIO()
        photo.save(file, "PNG", exif=exif_of(1, mm_35=28))
        width, height = photo.size
    source.photos[UploadKind.USER, BOB] = file.getvalue()
    made = splats(Workshop(uploads=source))
    assert made[ANN].facts["f_px_source"] == "default"
    assert made[ANN].facts["f_px"] == 1.2 * max(width, height)
    assert made[BOB].facts["f_px_source"] == "exif"
    assert made[BOB].facts["f_px"] == pytest.approx(28 * math.hypot(width, height) / math.hypot(36, 24))


def test_every_engines_splat_says_who_made_it_and_under_which_licence() -> None:
    facts = splats(Workshop(uploads=uploads(items=[GOWN])))[ANN].facts
    assert (facts["generator"], facts["licence"]) == ("null", "Apache-2.0")
    assert set(facts) >= {"gaussians", "image_size"}
