"""`fashion check`: what each service is asked, and what counts as a failure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeVar

import pytest

from fashion_assets.commands.check.asking import Door, Wrong
from tests.cli.conftest import Answer, Fashion
from tests.cli.service_peers import KEY, Crops, Masks, Service, Splats, TryOns, picture
from tests.peers.faulty import Fault
from tests.peers.serving import free_port, serving

S = TypeVar("S", bound=Service)
Start = Callable[[S], S]
SERVICES: dict[str, type[Service]] = {"crop": Crops, "masks": Masks, "tryon": TryOns, "splats": Splats}
PHOTO = "https://photos.test/look.jpg"


@pytest.fixture
def start() -> Iterator[Start[Any]]:
    with ExitStack() as stack:
        yield lambda service: stack.enter_context(serving(service))


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Answer]:
    monkeypatch.delenv("FASHION_API_KEY", raising=False)
    monkeypatch.setattr("fashion_assets.commands.check.asking.FIRST_WAIT", 0.01)

    def run(name: str, service: Service, *options: object) -> Answer:
        return Fashion(tmp_path)("check", name, service.address, *options)

    return run


def forms(answer: Answer) -> dict[str, Any]:
    return {form["form"]: form for form in answer.facts["forms"]}


def failures(answer: Answer, form: str) -> list[str]:
    assert answer.code == 1
    found: list[str] = forms(answer)[form]["failures"]
    return found


# What is asked


@pytest.mark.parametrize("name", SERVICES)
def test_the_quick_form_asks_for_health_alone(name: str, start: Start[Service], ask: Any) -> None:
    service = start(SERVICES[name]())
    answer = ask(name, service, "--quick", "--json")
    assert (answer.code, list(forms(answer))) == (0, ["health"])
    assert [asked.method for asked in service.asked] == ["GET"]


def test_crops_of_one_two_and_three_items_and_of_64_images(start: Start[Crops], ask: Any) -> None:
    service = start(Crops())
    answer = ask("crop", service, "--lend", free_port(), "--json")
    assert (answer.code, list(forms(answer))) == (0, ["health", "1 item", "2 items", "3 items", "64 images"])
    assert [len(body["categories"]) for body in service.bodies[:3]] == [1, 2, 3]
    assert forms(answer)["64 images"] | {"said": None} == forms(answer)["64 images"] | {
        "said": None,
        "pictures": 64,
        "failed": 0,
    }
    assert len(service.bodies) == len(service.fetched) == 67
    assert all(photo.startswith(b"\xff\xd8") for photo in service.fetched)


def test_own_photos_are_named_with_what_they_show(start: Start[Crops], ask: Any) -> None:
    service = start(Crops())
    ask("crop", service, "--photo", f"{PHOTO} shoes bags", "--photo", PHOTO, "--many", 0)
    assert [(body["imageUrl"], body["categories"]) for body in service.bodies] == [
        (PHOTO, ["shoes", "bags"]),
        (PHOTO, ["tops", "bottoms"]),
        (PHOTO, ["shoes", "bags"]),
    ]


def test_masks_of_one_person_of_every_kind_and_of_64(start: Start[Masks], ask: Any) -> None:
    service = start(Masks())
    answer = ask("masks", service, "--lend", free_port(), "--many", 70, "--json")
    assert answer.code == 0
    one, every, *batches = service.bodies
    assert set(one) == {"user_image_url"}
    assert every | {"user_image_url": ""} == {
        "user_image_url": "",
        "kinds": ["upper", "lower", "overall", "full_body", "face"],
        "size": "768x1024",
        "format": "webp",
    }
    assert [len(batch["user_image_urls"]) for batch in batches] == [64, 6]
    assert forms(answer)["70 images"]["pictures"] == 70


def test_a_try_on_of_each_type_and_64(start: Start[TryOns], ask: Any) -> None:
    service = start(TryOns())
    answer = ask("tryon", service, "--json")
    assert (answer.code, forms(answer)["64 images"]["pictures"]) == (0, 64)
    assert forms(answer)["1 image, overall"]["said"] == ["768x1024"]
    asked = [body.body for body in service.asked if body.method == "POST"]
    types = [next(kind for kind in ("upper", "lower", "overall") if kind.encode() in body) for body in asked]
    assert types == ["upper", "lower", "overall", *["upper"] * 64]


def test_splats_as_json_as_ply_and_in_batches(start: Start[Splats], ask: Any) -> None:
    service = start(Splats())
    answer = ask("splats", service, "--many", 10, "--json")
    assert answer.code == 0
    paths = [asked.path for asked in service.asked]
    assert paths == ["/health", "/predict", "/predict/ply", "/predict/batch", "/predict/batch"]
    assert forms(answer)["10 images"]["said"] == ["8 photos: 5 Gaussians", "2 photos: 5 Gaussians"]
    assert forms(answer)["10 images"]["pictures"] == 10


def test_one_picture_of_a_batch_of_splats_fails_alone(start: Start[Splats], ask: Any) -> None:
    service = start(Splats())
    wrong = {"detail": "no person was found"}
    service.change = lambda facts: (
        {"results": [wrong, *facts["results"][1:]]} if "results" in facts else facts
    )
    assert failures(ask("splats", service, "--many", 3, "--json"), "3 images") == ["no person was found"]


def test_own_files_are_sent(start: Start[TryOns], ask: Any, tmp_path: Path) -> None:
    service = start(TryOns())
    (tmp_path / "me.png").write_bytes(picture(100, 140))
    ask("tryon", service, "--person", tmp_path / "me.png", "--many", 0)
    assert all(picture(100, 140) in asked.body for asked in service.asked if asked.method == "POST")


def test_an_own_garment_is_sent_as_one_kind_alone(start: Start[TryOns], ask: Any, tmp_path: Path) -> None:
    """A shirt is no pair of trousers: a right service would refuse it."""
    service = start(TryOns())
    (tmp_path / "shirt.png").write_bytes(picture(100, 140))
    answer = ask("tryon", service, "--cloth", tmp_path / "shirt.png", "--many", 2, "--json")
    assert (answer.code, list(forms(answer))) == (0, ["health", "1 image, upper", "2 images"])
    answer = ask(
        "tryon", service, "--cloth", tmp_path / "shirt.png", "--cloth-type", "lower", "--many", 2, "--json"
    )
    assert (answer.code, list(forms(answer))) == (0, ["health", "1 image, lower", "2 images"])
    bodies = [asked.body for asked in service.asked if asked.method == "POST"]
    assert all(picture(100, 140) in body for body in bodies)
    assert [b"upper" in body for body in bodies] == [True] * 3 + [False] * 3


def test_a_cloth_type_without_a_garment_is_bad_use(start: Start[TryOns], ask: Any) -> None:
    answer = ask("tryon", start(TryOns()), "--cloth-type", "lower")
    assert (answer.code, "--cloth FILE" in answer.err) == (2, True)


# Keys


def test_a_key_is_taken_from_the_environment_and_shown_nowhere(
    start: Start[TryOns], ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = start(TryOns(KEY))
    assert "FASHION_API_KEY or --key" in failures(ask("tryon", service, "--json"), "health")[0]
    monkeypatch.setenv("FASHION_API_KEY", KEY)
    answer = ask("tryon", service, "--many", 0)
    assert answer.code == 0
    assert KEY not in answer.out + answer.err
    assert ask("tryon", service, "--key", "another-key-of-some-length", "--quick").code == 1


# Busy


def test_a_busy_service_is_waited_for_and_counted(start: Start[TryOns], ask: Any) -> None:
    service = start(TryOns())
    service.plan(*[Fault("busy", 503, path="try-on")] * 2, Fault("busy", 429, after=0, path="try-on"))
    answer = ask("tryon", service, "--many", 0, "--json")
    assert (answer.code, forms(answer)["1 image, upper"]["busy"]) == (0, 3)


def test_patience_ends(start: Start[TryOns]) -> None:
    service = start(TryOns())
    service.plan(*[Fault("busy", 503, after=20)] * 9)
    slept: list[float] = []
    door = Door(service.address, patience=50, sleep=slept.append)
    with door.client, pytest.raises(Wrong, match=r"^503: GPU is busy"):
        door.get("/health")
    assert slept == [20, 20]


def test_a_full_gpu_is_not_asked_again(start: Start[TryOns], ask: Any) -> None:
    service = start(TryOns())
    service.said = "GPU out of memory. Image may be too large. Error: ..."
    service.plan(Fault("busy", 503, path="try-on"))
    answer = ask("tryon", service, "--many", 0, "--json")
    assert failures(answer, "1 image, upper")[0].startswith("503: GPU out of memory")
    assert [form["failed"] for form in answer.facts["forms"]] == [0, 1, 0, 0]


# What counts as a failure


def test_a_service_that_is_not_healthy_is_asked_for_nothing_else(start: Start[Crops], ask: Any) -> None:
    service = start(Crops())
    service.change = lambda facts: facts | {"cropper_available": False}
    answer = ask("crop", service, "--photo", PHOTO, "--json")
    assert failures(answer, "health") == ["cropper_available is false; GET /debug says why"]
    assert len(service.asked) == 1


def test_an_address_where_nothing_listens(ask: Any, tmp_path: Path) -> None:
    answer = Fashion(tmp_path)("check", "tryon", f"http://127.0.0.1:{free_port()}", "--json")
    assert "cannot be reached" in failures(answer, "health")[0]


def test_an_original_address_is_no_crop(start: Start[Crops], ask: Any) -> None:
    service = start(Crops())
    service.change = lambda facts: {"croppedImageUrl": PHOTO} if "status" not in facts else facts
    answer = ask("crop", service, "--photo", f"{PHOTO} tops", "--many", 5, "--json")
    assert failures(answer, "5 images") == ["5 x no crop of tops in the photo"]


def test_one_photo_of_a_batch_fails_alone(start: Start[Masks], ask: Any) -> None:
    service = start(Masks())
    error = {"status": "error", "error": {"code": "no_person", "message": "nobody is in the photo"}}
    service.change = lambda facts: (
        {"results": [error, *facts["results"][1:]]} if "results" in facts else facts
    )
    answer = ask("masks", service, "--photo", PHOTO, "--many", 8, "--json")
    assert failures(answer, "8 images") == ["nobody is in the photo"]
    assert forms(answer)["8 images"]["pictures"] == 8


def test_a_missing_kind_of_mask(start: Start[Masks], ask: Any) -> None:
    service = start(Masks())
    service.change = lambda facts: (
        facts | {"masks": {"upper": "https://masks.test/u.png"}} if "masks" in facts else facts
    )
    answer = ask("masks", service, "--photo", PHOTO, "--many", 0, "--json")
    assert failures(answer, "1 image") == ["there is no mask lower"]


def test_a_try_on_that_is_too_large_or_no_picture(start: Start[TryOns], ask: Any) -> None:
    service = start(TryOns())
    service.size = (800, 1024)
    answer = ask("tryon", service, "--many", 0, "--json")
    assert "more than 768x1024" in failures(answer, "1 image, upper")[0]
    service.change = lambda facts: facts | {"imageBase64": "data:image/png;base64,AAAA"}
    answer = ask("tryon", service, "--many", 0, "--json")
    assert "imageBase64 is no picture" in failures(answer, "1 image, upper")[0]


def test_lists_of_a_splat_that_do_not_fit(start: Start[Splats], ask: Any) -> None:
    service = start(Splats())
    service.change = lambda facts: facts | {"scales": [[1.0, 1.0, 1.0]]} if "scales" in facts else facts
    answer = ask("splats", service, "--many", 0, "--json")
    assert failures(answer, "1 image, JSON") == ["the lists have different lengths: [1, 5]"]


@pytest.mark.parametrize("name", ["crop", "masks"])
def test_a_service_that_may_not_fetch_the_lent_photos_is_told_how(
    name: str, start: Start[Service], ask: Any
) -> None:
    service, port = start(SERVICES[name]()), free_port()
    service.said = "the address names another port than 80 and 443"
    service.plan(*[Fault("busy", 400, method="POST")] * 20)
    options = ("--lend", port, "--many", 2)
    answer = ask(name, service, *options, "--json")
    advice = f"start the service with FASHION_FETCH_ALLOWED=127.0.0.1:{port}, or name photos with --photo"
    assert (answer.code, answer.facts["advice"].startswith(advice)) == (1, True)
    table = ask(name, service, *options).out
    assert advice in " ".join(table.split())


def test_other_failures_carry_no_advice_about_addresses(start: Start[Masks], ask: Any) -> None:
    service = start(Masks())
    service.plan(Fault("busy", 422, path="batch"))
    answer = ask("masks", service, "--lend", free_port(), "--many", 2, "--json")
    assert (answer.code, answer.facts["advice"]) == (1, None)


# What people see, and bad use


def test_the_table_has_times_and_failures(start: Start[Masks], ask: Any) -> None:
    service = start(Masks())
    service.plan(Fault("busy", 502, path="batch"))
    answer = ask("masks", service, "--photo", PHOTO, "--many", 3)
    assert answer.code == 1
    for text in ("form", "slowest", "every kind, 768x1024, webp", "3 images", "fail 502"):
        assert text in answer.out


def test_a_service_elsewhere_is_not_asked_to_fetch_from_this_machine(tmp_path: Path) -> None:
    answer = Fashion(tmp_path)("check", "masks", "https://masks.example.com")
    assert (answer.code, "--photo https://" in answer.err) == (2, True)


@pytest.mark.parametrize(
    ("url", "photo", "said"),
    [
        ("localhost:8001", PHOTO, "no address of a service"),
        ("http://127.0.0.1:1", "look.jpg", "no address; a service fetches"),
        ("http://127.0.0.1:1", f"{PHOTO} hats", "'hats' is no category"),
        ("http://127.0.0.1:1", "", "no address; a service fetches"),
    ],
)
def test_bad_use(tmp_path: Path, url: str, photo: str, said: str) -> None:
    answer = Fashion(tmp_path)("check", "crop", url, "--photo", photo)
    assert (answer.code, said in answer.err) == (2, True)
