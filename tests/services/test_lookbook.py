"""The lookbook's API: what is shown, what is said where nothing can be shown, and which bytes are sent."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from tests.core.workshop import Workshop, add
from tests.fakes import MemoryBlobs
from tests.services.lookbooks import (
    ANN,
    BEN,
    BOTTOM,
    DAGSTER,
    DRESS,
    LOOK,
    RUN,
    TOP,
    Book,
    fresh,
    made,
    opened,
)
from tryon.core.errors import PackageMissing
from tryon.core.ply import read_ply
from tryon.core.ports import DressJob
from tryon.core.provenance import read_mark
from tryon.core.uploads import UploadKind
from tryon.core.words import Refused

OUTFIT = f"/users/{ANN}/outfits/{LOOK}"
NOT_GENERATED = {
    "error": {
        "code": "pregeneration_required",
        "message": "This outfit has not been generated yet. Run `fashion pregenerate`.",
        "user": ANN,
        "outfit": LOOK,
    }
}


@pytest.fixture(scope="module")
def shop() -> Workshop:
    """To be read only."""
    return made()


@pytest.fixture(scope="module")
def book(shop: Workshop) -> Iterator[Book]:
    """To be read only."""
    with opened(shop) as book:
        yield book


# What is shown


def test_people_page_by_page(book: Book) -> None:
    first = book.json("/users?limit=1")
    assert ([one["id"] for one in first["people"]], first["outfits"], first["next"]) == ([ANN], 9, ANN)
    second = book.json(f"/users?limit=1&after={first['next']}")
    assert ([one["id"] for one in second["people"]], second["next"]) == ([BEN], "")


def test_outfits_page_by_page(book: Book) -> None:
    seen, after = [], ""
    while True:
        page = book.json(f"/users/{ANN}/outfits?limit=2&after={after}")
        seen += page["outfits"]
        if not (after := page["next"]):
            break
    assert len({card["outfit"] for card in seen}) == len(seen) == page["total"] == 9
    for card in seen:
        assert card["state"] == "published"
        assert book.get(card["image"]["url"]).headers["etag"] == f'"{card["image"]["sha256"]}"'


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("garment=t0000", 3), ("garment=d0000.dress", 1), ("engine=null-dresser", 9), ("engine=other", 0),
        ("since=2026-01-01", 9), ("until=2026-01-01", 0),
    ],
)  # fmt: skip
def test_outfits_by_garment_engine_and_day(book: Book, query: str, count: int) -> None:
    assert len(book.json(f"/users/{ANN}/outfits?{query}")["outfits"]) == count


def test_an_outfit_leads_to_everything_about_it(book: Book) -> None:
    found = book.json(OUTFIT)
    assert (found["user"], found["outfit"], found["garments"]) == (ANN, LOOK, [TOP, BOTTOM])
    assert found["provenance"]["run"] == {"id": RUN, "url": f"{DAGSTER}/runs/{RUN}"}
    assert found["provenance"]["digital_source"].endswith("/compositeSynthetic")
    assert [one["id"] for one in found["provenance"]["uploads"]] == [ANN, "t0000", "b0001"]
    assert found["provenance"]["commercial_use"] is True
    assert found["recipe"]["engines"] == {"null-dresser": "1"}
    crops = [step["url"] for step in found["provenance"]["lineage"] if step["url"]]
    addresses = [found["image"]["url"], found["splat"]["url"], found["person"], *crops]
    assert len(addresses) == 5
    assert [book.get(one).status_code for one in addresses] == [200] * 5


def test_the_matrix(book: Book) -> None:
    found = book.json(f"/users/{ANN}/coverage")
    assert (found["tops"], found["bottoms"]) == (
        ["t0000.tops", "t0001.tops"],
        ["b0000.bottoms", "b0001.bottoms"],
    )
    assert [cell["outfit"] for cell in found["pairs"][1]] == [f"t0001.tops+{one}" for one in found["bottoms"]]
    assert found["counts"] == {"wanted": 9, "published": 9, "refused": 0, "stale": 0, "missing": 0}


def test_the_work(book: Book) -> None:
    found = book.json("/progress")
    assert (found["running"], found["outfits"], found["published"]) == (False, 18, 18)
    assert [stage["stage"] for stage in found["stages"]] == ["crop", "mask", "tryon", "splat"]
    assert found["events"][0]["event"] == "finished"


def test_health(book: Book) -> None:
    assert book.json("/health") == {"status": "healthy"}


# Bytes


def test_the_image_is_the_published_one(book: Book) -> None:
    answer = book.get(f"{OUTFIT}/image")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
    digest = sha256(answer.content).hexdigest()
    assert answer.headers["etag"] == f'"{digest}"'
    assert answer.headers["cache-control"] == "private, no-cache"
    assert book.json(OUTFIT)["image"]["sha256"] == digest
    assert read_mark(answer.content) is not None


def test_who_has_the_image_is_not_sent_it_again(book: Book) -> None:
    tag = book.get(f"{OUTFIT}/image").headers["etag"]
    for asked in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        answer = book.get(f"{OUTFIT}/image", if_none_match=asked)
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    assert book.get(f"{OUTFIT}/image", if_none_match='"other"').status_code == 200


def test_the_person_has_no_metadata_left(book: Book) -> None:
    answer = book.get(f"/users/{ANN}/person")
    with (
        Image.open(BytesIO(answer.content)) as image,
        Image.open(BytesIO(book.get(f"{OUTFIT}/image").content)) as worn,
    ):
        assert (image.format, image.size) == ("WEBP", worn.size)
        assert not image.getexif()
        assert "exif" not in image.info
    assert book.get(f"/users/{ANN}/person", if_none_match=answer.headers["etag"]).status_code == 304


def test_the_splat_is_a_ply(book: Book) -> None:
    answer = book.get(f"{OUTFIT}/splat")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert len(read_ply(answer.content)) == book.json(OUTFIT)["splat"]["gaussians"]


def test_a_part_of_a_file(book: Book) -> None:
    whole = book.get(f"{OUTFIT}/splat")
    size, tag = len(whole.content), whole.headers["etag"]
    for asked, part in [
        ("bytes=0-3", slice(0, 4)),
        ("bytes=5-", slice(5, None)),
        ("bytes=-7", slice(-7, None)),
    ]:
        answer = book.get(f"{OUTFIT}/splat", range=asked, if_range=tag)
        assert (answer.status_code, answer.content) == (206, whole.content[part])
    assert book.get(f"{OUTFIT}/splat", range="bytes=0-3").headers["content-range"] == f"bytes 0-3/{size}"
    for asked in ("bytes=0-1,3-4", "lines=1-2", "bytes=-", "bytes=x-"):
        assert book.get(f"{OUTFIT}/splat", range=asked).content == whole.content
    assert book.get(f"{OUTFIT}/splat", range="bytes=0-3", if_range='"other"').content == whole.content
    for asked in (f"bytes={size}-", "bytes=-0", "bytes=5-4"):
        assert book.get(f"{OUTFIT}/splat", range=asked).status_code == 416


def test_a_splat_as_sog_is_converted_once(shop: Workshop) -> None:
    asked = []

    def convert(ply: bytes, count: int) -> bytes:
        asked.append(count)
        return b"sog of " + str(len(ply)).encode()

    with opened(shop, convert) as book:
        answers = [book.get(f"{OUTFIT}/splat?format=sog") for _ in range(2)]
        ply = book.get(f"{OUTFIT}/splat")
        assert [answer.content for answer in answers] == [f"sog of {len(ply.content)}".encode()] * 2
        assert answers[0].headers["etag"] != ply.headers["etag"]
        assert asked == [len(read_ply(ply.content))]
        assert book.error(f"{OUTFIT}/splat?format=obj", 400)["code"] == "bad_request"


def test_without_the_converter_there_is_no_sog(shop: Workshop) -> None:
    def missing(ply: bytes, count: int) -> bytes:
        raise PackageMissing("SOG files need splat-transform; run `npm install`")

    with opened(shop, missing) as book:
        assert "npm install" in book.error(f"{OUTFIT}/splat?format=sog", 503)["message"]
        assert book.get(f"{OUTFIT}/splat").status_code == 200


# What is not shown


def test_what_is_not_generated_asks_for_pregeneration() -> None:
    shop = Workshop()
    shop.open().reconcile()
    with opened(shop) as book:
        for path in (OUTFIT, f"{OUTFIT}/image"):
            answer = book.get(path)
            assert (answer.status_code, answer.json()) == (404, NOT_GENERATED)
        assert book.error(f"{OUTFIT}/splat", 404)["code"] == "pregeneration_required"
        assert book.error(f"{OUTFIT}/crops/{TOP}", 404)["code"] == "pregeneration_required"
        card = book.json(f"/users/{ANN}/outfits?garment={TOP}&limit=1")["outfits"][0]
        assert (card["state"], card["image"]) == ("missing", None)
    assert shop.passes.total() == 0


def test_a_refused_outfit_says_why() -> None:
    def refusing(job: DressJob) -> Refused | None:
        return Refused("odd", "the sleeves are odd") if job.category.value == "tops" else None

    shop = Workshop(answer=refusing)
    shop.run()
    with opened(shop) as book:
        for path in (f"/users/{ANN}/outfits/{TOP}", f"/users/{ANN}/outfits/{TOP}/image"):
            assert book.error(path, 409) == {
                "code": "refused", "message": "the sleeves are odd", "reason": "odd", "user": ANN, "outfit": TOP,
            }  # fmt: skip
        assert book.get(f"/users/{ANN}/outfits/{BOTTOM}/image").status_code == 200


def test_a_changed_photo_asks_for_pregeneration(shop: Workshop) -> None:
    changed = fresh(shop)
    with opened(changed) as book:
        assert book.get(f"{OUTFIT}/image").status_code == 200
        add(changed.uploads, "t0000", photo_of="t0001")
        changed.open().reconcile()
        assert book.get(f"{OUTFIT}/image").json() == NOT_GENERATED
        assert book.get(f"/users/{ANN}/outfits/{BOTTOM}/image").status_code == 200


def test_the_erased_are_gone_with_the_next_request(shop: Workshop) -> None:
    changed = fresh(shop)
    with opened(changed) as book:
        tag = book.get(f"{OUTFIT}/image").headers["etag"]
        changed.bury(ANN)
        for path in (
            *(OUTFIT, f"{OUTFIT}/image", f"{OUTFIT}/splat", f"/users/{ANN}/person", f"/users/{ANN}/coverage"),
            *(f"/users/{ANN}/outfits", f"/users/{ANN}/logs", f"/users/{ANN}/logs/stream"),
        ):
            assert book.error(path, 404)["code"] == "unknown_upload"
        # Not even to who has it.
        assert book.get(f"{OUTFIT}/image", if_none_match=tag).status_code == 404
        assert book.get(f"/users/{BEN}/outfits/{LOOK}/image").status_code == 200


def test_the_suspended_are_not_shown(shop: Workshop) -> None:
    changed = fresh(shop)
    with opened(changed) as book:
        changed.records.suspend([(UploadKind.ITEM, "t0000")], "2026-11-21T12:00:00Z")
        assert book.error(f"{OUTFIT}/image", 404)["code"] == "unknown_outfit"


def test_damaged_files_are_errors_and_never_another_picture(shop: Workshop) -> None:
    damaged = fresh(shop)
    assert isinstance(damaged.blobs, MemoryBlobs)
    damaged.blobs.files = {path: data[:-1] + b"!" for path, data in damaged.blobs.files.items()}
    with opened(damaged) as book:
        for path in (f"{OUTFIT}/image", f"{OUTFIT}/splat", f"{OUTFIT}/crops/{TOP}"):
            assert book.error(path, 500)["code"] == "blob_corrupted"
        damaged.blobs.files = {}
        assert book.error(f"{OUTFIT}/image", 500)["code"] == "blob_missing"


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (f"/users/{ANN}/outfits/t9999.tops", 404, "unknown_outfit"),
        (f"/users/{ANN}/outfits/{BOTTOM}+{TOP}", 404, "unknown_outfit"),
        (f"/users/{ANN}/outfits/%00", 404, "unknown_outfit"),
        (f"/users/{ANN}/outfits/T.tops/image", 404, "unknown_outfit"),
        (f"/users/{ANN}/outfits/{TOP}/splat", 404, "unknown_outfit"),
        (f"{OUTFIT}/crops/{DRESS}", 404, "unknown_outfit"),
        (f"/users/nobody/outfits/{LOOK}", 404, "unknown_upload"),
        (f"/users/Ann/outfits/{LOOK}", 400, "invalid_id"),
        ("/users/..%2fann/coverage", 404, "not_found"),
        ("/users/a%0Ab/person", 400, "invalid_id"),
        (f"/users/{ANN}/outfits?after=x", 400, "bad_request"),
        (f"/users/{ANN}/outfits?since=yesterday", 400, "bad_request"),
        (f"/users/{ANN}/outfits?limit=0", 400, "bad_request"),
        (f"/users/{ANN}/coverage?after=x", 400, "bad_request"),
        (f"/users/{ANN}/logs?after=-1", 400, "bad_request"),
        ("/users?limit=many", 400, "bad_request"),
    ],
)
def test_what_cannot_be_answered(book: Book, path: str, status: int, code: str) -> None:
    assert book.error(path, status)["code"] == code


def test_no_picture_of_the_project_can_take_the_place_of_an_image() -> None:
    """There is no placeholder in the repository."""
    pictures = [
        path for kind in ("webp", "png", "jpg", "gif") for path in Path("tryon/services").rglob(f"*.{kind}")
    ]
    assert pictures == []


def test_the_schema_names_every_operation(book: Book) -> None:
    paths = book.json("/openapi.json")["paths"]
    names = {operation["operationId"] for path in paths.values() for operation in path.values()}
    assert names == {
        *(
            "health",
            "list_users",
            "get_coverage",
            "list_outfits",
            "get_outfit",
            "get_image",
            "get_splat",
            "get_crop",
        ),
        *("get_person_photo", "get_progress", "get_logs", "stream_logs"),
    }
    assert all("4XX" in operation["responses"] for path in paths.values() for operation in path.values())
