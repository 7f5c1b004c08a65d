"""The crop and the mask service over the sample engines and a data folder, as `fashion serve` opens them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

from tests.peers.faulty import Reply
from tests.peers.serving import serving
from tests.peers.site import Site
from tests.services.sampled import UPLOADS, wait_for
from tests.services.serving import served
from tryon.core.auditing.audit import audit
from tryon.core.events import utc_now
from tryon.core.images import decode, decode_mask
from tryon.core.pipeline import Pipeline
from tryon.core.words import MaskKind
from tryon.services.opening import House, Service, open_service
from tryon.settings import Settings
from tryon.wiring import build

CLOTH = "items/tee-sun.jpg"


@dataclass(frozen=True)
class Place:
    house: House
    site: Site
    data: Path

    @contextmanager
    def open(self, service: Service) -> Iterator[httpx.Client]:
        app = open_service(service, self.house)
        with served(app) as address, httpx.Client(base_url=address, timeout=60) as client:
            yield client

    def photo(self, name: str) -> str:
        self.site.pages[f"/{name}"] = Reply(200, (UPLOADS / name).read_bytes())
        return f"{self.site.address}/{name}"

    @property
    def pipeline(self) -> Pipeline:
        return self.house.pipeline

    @property
    def kept(self) -> list[str]:
        root = self.data / "blobs"
        return sorted(path.relative_to(root).parent.as_posix() for path in root.rglob("*.png"))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with serving(Site()) as site:
        settings = Settings(data=tmp_path, fetch_allowed=(site.place,))
        yield Place(
            House(settings, lambda: build(settings, lambda event: None), lambda line: None), site, tmp_path
        )


def test_garments_of_a_product_photo(place: Place) -> None:
    """A photo of a top and a bottom: both, or the one that is asked for."""
    url = place.photo("items/set-mint.jpg")
    with place.open(Service.CROP) as crops:
        both = crops.post("/crop", json={"imageUrl": url, "categories": ["bottoms", "tops"]})
        one = crops.post("/crop", json={"imageUrl": url, "categories": ["tops"]})
        found = [crops.get(crop).content for crop in both.json()["croppedImageUrls"]]
    assert both.headers["x-crop-categories"] == "bottoms,tops"
    assert one.json() == {"croppedImageUrl": both.json()["croppedImageUrls"][1]}
    height, width = decode((UPLOADS / "items/set-mint.jpg").read_bytes()).pixels.shape[:2]
    for data in found:
        with Image.open(BytesIO(data)) as image:
            assert image.mode == "RGBA"
            assert image.width < width
            assert image.height < height
    assert place.kept == ["guests/crops"] * 2


def test_masks_of_a_person_are_those_of_the_stage(place: Place) -> None:
    url = place.photo("users/u1.jpg")
    pixels = decode((UPLOADS / "users/u1.jpg").read_bytes()).pixels
    with place.open(Service.MASKS) as masks:
        answer = masks.post("/", json={"user_image_url": url, "kinds": [*MaskKind]})
        found = {kind: masks.get(mask).content for kind, mask in answer.json()["masks"].items()}
    ((_, *made),) = place.pipeline.stages.mask.work([pixels])
    assert [found[kind] for kind in MaskKind] == [
        one.encoded.data for one in made if not hasattr(one, "code")
    ]
    upper, lower = (decode_mask(found[kind]) > 0 for kind in (MaskKind.UPPER, MaskKind.LOWER))
    assert upper.shape == pixels.shape[:2]
    # They overlap by their dilation alone, and the upper one lies higher.
    assert np.argwhere(upper).mean(axis=0)[0] < np.argwhere(lower).mean(axis=0)[0]
    assert (upper & lower).sum() < 0.1 * lower.sum()


def test_a_photo_of_no_person_has_no_masks(place: Place) -> None:
    with place.open(Service.MASKS) as masks:
        answer = masks.post("/", json={"user_image_url": place.photo("items/tee-sun.jpg")})
    assert (answer.status_code, answer.json()["status"]) == (422, "error")
    assert place.kept == []


def test_what_was_kept_is_audited_and_the_steps_are_in_the_log(place: Place) -> None:
    url = place.photo("users/u2.jpg")
    with place.open(Service.MASKS) as masks:
        assert masks.post("/", json={"user_image_url": url}, headers={"X-User-Id": "u2"}).status_code == 200
    steps = [(event.component, event.step, event.event) for _, event in place.pipeline.log.read(user="u2")]
    assert steps == [("service.masks", "masks", "started"), ("service.masks", "masks", "finished")]
    devices = [event.message for _, event in place.pipeline.log.read() if event.step == "load"]
    assert devices == ["load started", "Using device: cpu"]
    young = audit(place.pipeline, utc_now(), repair=True)
    assert (young.guests, young.deleted, young.wrong) == (2, 0, 0)
    old = audit(place.pipeline, utc_now() + timedelta(days=31), repair=True)
    assert (old.deleted, place.kept) == (2, [])


def test_a_mask_of_the_mask_service_is_taken_by_try_on(place: Place) -> None:
    """From the store that both have: its address is of the loopback, from where nothing is fetched."""
    url, person = place.photo("users/u1.jpg"), (UPLOADS / "users/u1.jpg").read_bytes()
    files = {"person_image": ("me.jpg", person), "cloth_image": ("c.jpg", (UPLOADS / CLOTH).read_bytes())}
    with place.open(Service.MASKS) as masks, place.open(Service.TRYON) as tryon:
        made = masks.post("/", json={"user_image_url": url}).json()["masks"]
        wait_for(tryon)
        answers = [
            tryon.post("/api/try-on", files=files, data=data) for data in ({"mask_url": made["upper"]}, {})
        ]
    assert [answer.status_code for answer in answers] == [200, 200], answers[0].text
    assert answers[0].json() == answers[1].json()
