"""Services in containers: keys are asked for, models are there before the first request, and what is missing is told
by the service itself."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from importlib.metadata import version
from pathlib import Path
from types import ModuleType, SimpleNamespace

import httpx
import modal
import pytest

from tests.deploy.apps import WEB, load
from tests.deploy.conftest import RESOLUTION
from tests.peers.connections import watched
from tests.peers.serving import serving
from tests.peers.site import Site
from tests.production import NOWHERE
from tests.services.sampled import PERSON, SHIRT, wait_for
from tests.services.serving import served
from tryon import VERSION
from tryon.containers import web
from tryon.core.errors import CallFailed, DownloadFailed
from tryon.engines.sharp import Sharp
from tryon.profiles.stores import open_stores
from tryon.services.opening import Service
from tryon.stores.outbox import Outbox

KEY = "a-key-of-some-length"
NAMES = {
    "crops": "crop",
    "lookbook": "lookbook",
    "masks": "masks",
    "splat_api": "splats",
    "tryons": "tryon",
}
"""Of the services, by app."""


@pytest.fixture
def container(container: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    container.setenv("FASHION_API_KEYS", KEY)
    # What asks nobody: a key of OpenAI's is no business of these tests.
    container.setenv("FASHION_ANALYZER", "declared")
    return container


def asgi(module: ModuleType, name: str) -> object:
    """What the web function of an app file gives Modal."""
    function = module.Web().main if name == "masks" else module.service
    if name == "lookbook":
        # It has no volume, which is what Modal warns of.
        return function.local()
    with pytest.warns(UserWarning, match="executing locally"):
        return function.local()


def test_every_web_function_has_a_service() -> None:
    assert {*NAMES} == {*WEB}
    assert {*NAMES.values()} <= {*Service}


@pytest.mark.parametrize("name", ["crops", "masks"])
def test_its_models_are_there_before_the_first_request_and_it_wants_a_key(
    container: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    app = web.serve(NAMES[name], lambda: None)
    assert "Using device: cpu" in capsys.readouterr().out
    path = {"crops": "/crop", "masks": "/"}[name]
    with serving(Site()) as site, served(app) as address:
        status = httpx.get(f"{address}/").json()
        assert status["status"] == "online"
        assert True in status.values()
        url = f"{site.address}/photo.png"
        body = {"imageUrl": url, "user_image_url": url, "categories": ["tops"]}
        assert httpx.post(f"{address}{path}", json=body).status_code == 401
        assert site.asked == []
        answer = httpx.post(f"{address}{path}", json=body, headers={"X-API-Key": KEY})
        # The peer is on the loopback, where nothing is fetched from.
        assert (answer.status_code, "port" in answer.text) == (400, True)


def test_splats_and_try_ons_are_asked_over_http_with_a_key(container: pytest.MonkeyPatch) -> None:
    container.setattr("tryon.engines.sharp.Sharp", partial(Sharp, resolution=RESOLUTION))
    container.setenv("FASHION_WIDTH", "384")
    container.setenv("FASHION_HEIGHT", "512")
    mine = {"X-API-Key": KEY}
    with served(web.serve("splats", lambda: None)) as address, httpx.Client(base_url=address) as client:
        assert wait_for(client).json() == {"status": "healthy", "device": "cpu"}
        file = {"file": PERSON}
        assert client.post("/predict/ply", files=file).status_code == 401
        answer = client.post("/predict/ply", files=file, headers=mine, timeout=60)
        assert (answer.status_code, answer.content[:4]) == (200, b"ply\n")
    with served(web.serve("tryon", lambda: None)) as address, httpx.Client(base_url=address) as client:
        wait_for(client)
        pair = {"person_image": PERSON, "cloth_image": SHIRT}
        assert client.post("/api/try-on", files=pair).status_code == 401
        few = {"num_inference_steps": "2"}
        answer = client.post("/api/try-on", files=pair, data=few, headers=mine, timeout=60)
        # Networks with random weights paint what a quality verdict refuses, or what it does not.
        assert answer.status_code in (200, 422), answer.text


def test_a_photo_goes_through_the_nets_of_the_container(container: pytest.MonkeyPatch) -> None:
    """They have random weights: what they see is a box, or nothing, and either is an answer."""
    with serving(Site()) as site:
        container.setenv("FASHION_FETCH_ALLOWED", site.place)
        with served(web.serve("crop", lambda: None)) as address:
            body = {"imageUrl": f"{site.address}/photo.png", "categories": ["tops"]}
            answer = httpx.post(f"{address}/crop", json=body, headers={"X-API-Key": KEY}, timeout=60)
        assert answer.status_code == 200, answer.text
        found = answer.json()["croppedImageUrl"]
        assert (found == body["imageUrl"]) is (answer.headers.get("x-crop-result") == "none")


def test_without_keys_no_container_starts(container: pytest.MonkeyPatch) -> None:
    container.delenv("FASHION_API_KEYS")
    with pytest.raises(CallFailed, match="FASHION_API_KEYS"):
        web.serve("masks", lambda: None)


def test_a_missing_gpu_is_the_reason_of_503(
    container: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A container that stops would start again and again, and be paid for."""
    container.setenv("FASHION_DEVICE", "cuda")
    app = web.serve("crop", lambda: None)
    assert "the engine cannot start: FASHION_DEVICE=cuda, but torch sees no GPU" in capsys.readouterr().out
    with served(app) as address:
        assert httpx.get(f"{address}/health").status_code == 200
        body = {"imageUrl": "https://example.com/a.jpg", "categories": ["tops"]}
        answer = httpx.post(f"{address}/crop", json=body, headers={"X-API-Key": KEY})
        assert (answer.status_code, "torch sees no GPU" in answer.text) == (503, True)
        found = httpx.get(f"{address}/debug", headers={"X-API-Key": KEY}).json()
        assert (found["cropper_instance"], "torch sees no GPU" in str(found["error"])) == (False, True)
        assert httpx.get(f"{address}/").json()["cropper_available"] is False


def test_a_model_that_cannot_be_downloaded_is_told_by_the_service(
    container: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def prepare(stage: object, commit: object, ports: object) -> None:
        raise DownloadFailed("dwpose: the hub does not answer")

    container.setattr(web, "prepare", prepare)
    web.serve("masks", lambda: None)
    assert "the engine cannot start: dwpose: the hub does not answer" in capsys.readouterr().out


def test_in_production_nothing_is_connected_to_before_the_first_request(
    container: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A snapshot of a container must hold no connection. gRPC's own sockets, Firestore's, are not seen here."""
    for name, value in {**NOWHERE, "FASHION_WORKER": "1"}.items():
        container.setenv(name, value)
    with watched() as connections:
        loaded = web.load("masks", lambda: None)
    assert connections.seen == []
    settings = loaded.house.settings
    with closing(Outbox(settings.data / "outbox.sqlite")) as outbox:
        assert outbox.count() == 0
    open_stores(settings).close()


@pytest.mark.parametrize("name", WEB)
def test_the_app_file_gives_modal_that_service(container: pytest.MonkeyPatch, name: str) -> None:
    asked: list[str] = []

    def load_service(service: str, commit: object) -> SimpleNamespace:
        asked.append(service)
        return SimpleNamespace(open=lambda: f"the {service} service")

    container.setattr(web, "load", load_service)
    module = load(name)
    assert isinstance(module.app, modal.App)
    assert (asgi(module, name), asked) == (f"the {NAMES[name]} service", [NAMES[name]])


def test_the_version_is_known_where_no_package_is_installed() -> None:
    assert version("fashion-assets") == VERSION
