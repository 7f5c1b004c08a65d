"""Every app of deploy/modal, deployed by `modal deploy FILE` to a peer of Modal's control plane: what Modal is sent."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import modal
import pytest
from modal_proto import api_pb2

from tests.deploy.apps import FILES, NAMES, ROOT, WEB, WEB_ONLY, WORKERS, Sent, deploy_all, load
from tests.peers.modal_deploys import ModalDeploys
from tests.peers.modal_peer import TOKEN_ID, TOKEN_SECRET, listening
from tryon.containers import keys
from tryon.containers.images import packages, passed_on, pins
from tryon.containers.splats import weights
from tryon.core.errors import InvalidSetting
from tryon.core.recipes import Stage
from tryon.profiles.price_list import read_prices
from tryon.profiles.prices import SHIPPED
from tryon.services.opening import PATIENT
from tryon.settings.deployment import Deployment, web_label
from tryon.stores.modal.calls import FILES as DEPLOYED_FROM

ASGI = api_pb2.WEBHOOK_TYPE_ASGI_APP
PINNED = pins(ROOT / "constraints.txt")


@dataclass(frozen=True)
class Wanted:
    """Of an app's worker. memory: MiB. timeout, warm: seconds."""

    app: str
    gpus: tuple[str, ...]
    memory: int
    timeout: int
    warm: int
    volume: str = "fashion-models"
    snapshot: bool = False


WANTED = {
    "crops": Wanted("fashion-crop-api-gpu", ("A10",), 16384, 600, 600),
    "masks": Wanted("cpu-mask-generation-optimized", (), 4096, 600, 300, snapshot=True),
    "tryons": Wanted("fashion-tryon", ("L40S", "A100", "A10"), 16384, 1800, 300),
    "splats": Wanted("sharp-view-synthesis", ("A100",), 16384, 1200, 300, "sharp-model-cache"),
}


@pytest.fixture(scope="module")
def sent() -> Iterator[Mapping[str, Sent]]:
    with listening(ModalDeploys()) as peer:
        assert isinstance(peer, ModalDeploys)
        deploy_all(peer)
        found = {app.name: Sent(peer, app) for app in peer.apps.values()}
        yield {name: found[load(name).app.name] for name in NAMES}


# Every app


@pytest.mark.parametrize("name", NAMES)
def test_it_is_deployed_alone_and_published_whole(sent: Mapping[str, Sent], name: str) -> None:
    app = sent[name].app
    assert ("Worker.*" in app.functions) is (name in WORKERS)
    classes = {function.removesuffix(".*") for function in app.functions if function.endswith(".*")}
    assert app.published == {*classes, *app.functions}


@pytest.mark.parametrize("name", WORKERS)
def test_its_worker_takes_an_order_by_its_id_alone_and_one_at_a_time(
    sent: Mapping[str, Sent], name: str
) -> None:
    worker = sent[name].function("Worker.*")
    (argument,) = worker.method_definitions["make"].function_schema.arguments
    assert (argument.name, worker.max_concurrent_inputs) == ("order_id", 0)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_tried_again_by_modal_or_grows_without_a_bound(
    sent: Mapping[str, Sent], name: str
) -> None:
    for function in sent[name].functions().values():
        assert function.retry_policy.retries == 0
        assert 0 < function.autoscaler_settings.max_containers <= 4
        assert 0 < function.timeout_secs <= function.startup_timeout_secs


@pytest.mark.parametrize("name", WORKERS)
def test_its_worker_has_every_key_and_nothing_else_has_any(sent: Mapping[str, Sent], name: str) -> None:
    found = {function: sent[name].secrets(function) for function in sent[name].functions()}
    assert found.pop("Worker.*") == {"fashion-api-keys": [*keys.NAMES]}
    if name in WEB:
        assert found.pop(WEB[name]) == {"fashion-api-keys": [*keys.NAMES, "FASHION_API_KEYS"]}
    assert set(map(len, found.values())) == {0}


@pytest.mark.parametrize("name", NAMES)
def test_its_containers_know_their_profile_device_and_models(sent: Mapping[str, Sent], name: str) -> None:
    for function in sent[name].functions():
        variables = sent[name].variables(function)
        production = function in ("Worker.*", WEB.get(name)) and name != "splat_api"
        assert variables["FASHION_PROFILE"] == ("production" if production else "workstation")
        assert variables["FASHION_DEVICE"] == ("cuda" if sent[name].gpus(function) else "cpu")
        if name != "lookbook":
            assert variables["FASHION_MODELS"].startswith(tuple(sent[name].volumes(function)))


@pytest.mark.parametrize("name", WORKERS)
def test_everything_that_the_package_needs_goes_along(sent: Mapping[str, Sent], name: str) -> None:
    shipped = {file.removeprefix("/root/") for file in sent[name].files("Worker.*")}
    there = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "tryon").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {"tryon/engines/weights/body.onnx", "tryon/stores/sqlite/migrations/0001_spine.sql"} < there
    assert there | {f"{name}.py"} == shipped


@pytest.mark.parametrize("name", WORKERS)
def test_every_package_is_at_its_version_of_constraints_txt(sent: Mapping[str, Sent], name: str) -> None:
    (install,) = [line for line in sent[name].commands("Worker.*") if "--constraint" in line]
    words = install.replace("'", "").partition(" install ")[2].split()
    found = dict(word.lower().split("==") for word in words if "==" in word)
    ours = {word: version for word, version in found.items() if word in PINNED}
    assert ours == {word: PINNED[word] for word in ours}
    assert found.get("onnxruntime", found.get("onnxruntime-gpu")) == PINNED["onnxruntime"]
    assert install.endswith("--constraint /constraints.txt")
    assert "FROM python:3.11" in sent[name].commands("Worker.*")[0]


@pytest.mark.parametrize("name", WORKERS)
def test_modal_run_tries_it_out(name: str) -> None:
    assert type(load(name).main) is modal.app.LocalEntrypoint


def test_their_containers_can_load_them_beside_nothing_of_the_project(tmp_path: Path) -> None:
    """There the file lies in /root with `tryon`, which is not installed; constraints.txt is not there."""
    for path in FILES:
        (tmp_path / path.name).write_bytes(path.read_bytes())
    script = f"""
        import importlib.metadata, modal, pathlib, runpy, sys
        modal.is_local = lambda: False
        importlib.metadata.requires = None
        for path in sorted(pathlib.Path({str(tmp_path)!r}).glob("*.py")): print(runpy.run_path(path)["app"].name)
        print([name for name in ("torch", "dagster", "transformers", "supabase") if name in sys.modules])
    """
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "\n".join(line.strip() for line in script.splitlines())],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout.splitlines() == [*(load(name).app.name for name in NAMES), "[]"]


# What the contracts say of each


def test_each_app_is_in_the_contracts() -> None:
    assert {*WORKERS} == {*WANTED}
    assert {*Deployment().apps.values()} == {wanted.app for wanted in WANTED.values()}


@pytest.mark.parametrize("name", WANTED)
def test_resources_are_those_of_the_contracts(sent: Mapping[str, Sent], name: str) -> None:
    worker, wanted = sent[name].function("Worker.*"), WANTED[name]
    assert wanted == Wanted(
        sent[name].app.name,
        tuple(sent[name].gpus("Worker.*")),
        worker.resources.memory_mb,
        worker.timeout_secs,
        worker.autoscaler_settings.scaledown_window,
        sent[name].volumes("Worker.*")["/cache"],
        worker.is_checkpointing_function or worker.checkpointing_enabled,
    )
    assert worker.autoscaler_settings.min_containers == 0
    assert worker.resources.milli_cpu >= 2000


@pytest.mark.parametrize("name", WANTED)
def test_the_price_list_bills_the_machine_that_is_deployed(sent: Mapping[str, Sent], name: str) -> None:
    """Of several GPUs the one that is wanted most. Modal's A100 is the one of 40 GB."""
    machine, worker = getattr(read_prices(SHIPPED).stages, name.removesuffix("s")), WANTED[name]
    cores = sent[name].function("Worker.*").resources.milli_cpu / 1000
    gpu = worker.gpus[0] if worker.gpus else None
    named = {"A100": "A100-40GB"}.get(gpu or "", gpu)
    assert (machine.gpu, machine.cores, machine.memory_gib) == (named, cores, worker.memory / 1024)


@pytest.mark.parametrize("name", sorted({*WEB} - {*WEB_ONLY}))
def test_a_web_function_runs_on_the_same_machine_as_the_worker(sent: Mapping[str, Sent], name: str) -> None:
    worker, web = sent[name].function("Worker.*"), sent[name].function(WEB[name])
    assert (web.resources, web.timeout_secs) == (worker.resources, worker.timeout_secs)
    assert web.autoscaler_settings == worker.autoscaler_settings
    assert web.checkpointing_enabled == worker.checkpointing_enabled
    assert (sent[name].gpus(WEB[name]), sent[name].volumes(WEB[name])) == (
        sent[name].gpus("Worker.*"),
        sent[name].volumes("Worker.*"),
    )


@pytest.mark.parametrize("name", sorted({*WEB} - {*WEB_ONLY}))
def test_a_container_answers_others_while_its_model_works(sent: Mapping[str, Sent], name: str) -> None:
    """More at a time than may wait for the engine, so that who is too late is told so."""
    web = sent[name].function(WEB[name])
    assert (web.max_concurrent_inputs, web.target_concurrent_inputs) == (20, 4)
    waiting = sent[name].variables(WEB[name]).get("FASHION_WAITING", PATIENT)
    assert web.max_concurrent_inputs > int(waiting) + 1


def test_as_many_try_ons_wait_in_a_container_as_modal_wants_to_send_it(sent: Mapping[str, Sent]) -> None:
    """Beside the one that is worked on: nobody is told to come again while containers may still start."""
    web = sent["tryons"].function(WEB["tryons"])
    waiting = sent["tryons"].variables(WEB["tryons"])["FASHION_WAITING"]
    assert int(waiting) + 1 == web.target_concurrent_inputs


def test_the_splat_api_is_the_contracts(sent: Mapping[str, Sent]) -> None:
    found, app = sent["splat_api"].function("fastapi_app"), sent["splat_api"]
    assert (app.app.name, app.gpus("fastapi_app")) == ("sharp-api", ["A100"])
    assert app.volumes("fastapi_app") == {"/cache": "sharp-model-cache"}
    assert (found.max_concurrent_inputs, found.autoscaler_settings.scaledown_window) == (10, 300)
    assert app.variables("fastapi_app")["FASHION_WAITING"] == "9"
    assert (found.webhook_config.type, found.webhook_config.requested_suffix) == (ASGI, "")
    (install,) = [line for line in app.commands("fastapi_app") if "--constraint" in line]
    assert "sharp @ git+https://github.com/apple/ml-sharp@" in install


def test_the_lookbook_needs_no_gpu_and_no_models(sent: Mapping[str, Sent]) -> None:
    found, app = sent["lookbook"].function("fastapi_app"), sent["lookbook"]
    assert (app.gpus("fastapi_app"), app.volumes("fastapi_app")) == ([], {})
    assert found.webhook_config.type == ASGI
    assert found.max_concurrent_inputs == 100


def test_a_web_function_has_the_keys_that_its_service_needs(sent: Mapping[str, Sent]) -> None:
    every = [*keys.NAMES, "FASHION_API_KEYS"]
    found = {name: sent[name].secrets(WEB[name])["fashion-api-keys"] for name in WEB}
    assert found == dict.fromkeys(WEB, every) | {"splat_api": ["FASHION_API_KEYS"]}


def test_the_addresses_that_clients_know_are_kept(sent: Mapping[str, Sent]) -> None:
    """By Modal's rule WORKSPACE--APP-FUNCTION.modal.run; a class says its own."""
    crops = sent["crops"].function("fastapi_app_v2")
    assert (crops.webhook_config.type, crops.webhook_config.requested_suffix) == (ASGI, "")
    assert web_label(crops.app_name, "fastapi_app_v2") == "fashion-crop-api-gpu-fastapi-app-v2"
    masks = sent["masks"].function("Web.*").method_definitions["main"].webhook_config
    assert (masks.type, masks.requested_suffix) == (ASGI, "cpu-mask-generation-optimized-main")


def test_crops_have_two_cores(sent: Mapping[str, Sent]) -> None:
    assert sent["crops"].function("Worker.*").resources.milli_cpu == 2000


@pytest.mark.parametrize("function", ["predict", "predict_and_save_ply"])
def test_splats_are_made_for_outside_callers_by_name(sent: Mapping[str, Sent], function: str) -> None:
    found = sent["splats"].function(function)
    assert [argument.name for argument in found.function_schema.arguments] == ["image_bytes", "f_px"]
    assert found.function_schema.arguments[1].has_default
    assert found.max_concurrent_inputs == 10
    assert found.autoscaler_settings.scaledown_window == 300
    assert sent["splats"].gpus(function) == ["A100"]


def test_splats_bring_apples_package_at_its_commit(sent: Mapping[str, Sent]) -> None:
    (install,) = [line for line in sent["splats"].commands("Worker.*") if "--constraint" in line]
    assert "sharp @ git+https://github.com/apple/ml-sharp@1eaa046834b81852261262b41b0919f5c1efdd2e" in install


@pytest.mark.parametrize("stage", list(Stage))
def test_an_error_names_the_file_that_deploys_a_stages_app(stage: Stage) -> None:
    path = ROOT / DEPLOYED_FROM[stage]
    assert load(path.stem).app.name == Deployment().apps[stage]


# Settings


def test_gpus_containers_and_names_are_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    chosen = {
        "SPLAT_GPU": "H100, A100-80GB",
        "SPLAT_APP": "splats-of-mine",
        "MIN_CONTAINERS": "1",
        "MAX_CONTAINERS": "9",
        "WARM_SECONDS": "60",
        "SPLAT_CHECKPOINT": "mine.pt",
        "PRICES": str(tmp_path / "my-prices.toml"),
    }
    (tmp_path / "my-prices.toml").touch()
    for name, value in chosen.items():
        monkeypatch.setenv(f"FASHION_{name}", value)
    with listening(ModalDeploys()) as peer:
        assert isinstance(peer, ModalDeploys)
        monkeypatch.setenv("MODAL_SERVER_URL", peer.address)
        client = modal.Client.from_credentials(TOKEN_ID, TOKEN_SECRET)
        load("splats").app.deploy(client=client)
        client.close()
        (app,) = peer.apps.values()
    found = Sent(peer, app)
    worker = found.function("Worker.*").autoscaler_settings
    assert found.app.name == "splats-of-mine"
    assert found.gpus("Worker.*") == found.gpus("predict") == ["H100", "A100-80GB"]
    assert found.variables("Worker.*")["FASHION_PRICES"] == "/prices.toml"
    assert "/prices.toml" in found.files("Worker.*")
    assert found.variables("predict")["SHARP_CHECKPOINT"] == "/cache/mine.pt"
    assert (worker.min_containers, worker.max_containers, worker.scaledown_window) == (1, 9, 60)


def test_other_weights_for_splats_are_a_file_on_the_volume_or_an_address_with_its_digest() -> None:
    assert weights(None) == {}
    assert weights("mine.pt") == {"SHARP_CHECKPOINT": "/cache/mine.pt"}
    address = f"https://host/mine.pt#sha256={'ab' * 32}"
    assert weights(address) == {"SHARP_CHECKPOINT": address}
    with pytest.raises(
        InvalidSetting, match=r"^FASHION_SPLAT_CHECKPOINT='https://host/mine[.]pt': an address"
    ):
        weights("https://host/mine.pt")


def test_settings_that_decide_results_go_along_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A worker with other steps than the pipeline's would make another product."""
    own = {
        "DEVICE": "cpu",
        "DATA": "/home/me",
        "RECEIPT_KEY": "secret",
        "COMPUTE": "modal",
        "BUDGET_DAY": "5",
    }
    for name, value in {"STEPS": "20", "PRICES": str(tmp_path), **own}.items():
        monkeypatch.setenv(f"FASHION_{name}", value)
    address = "https://eu.api.openai.com/v1"
    monkeypatch.setenv("OPENAI_BASE_URL", address)
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    assert passed_on() == {"FASHION_STEPS": "20", "OPENAI_BASE_URL": address}


# Packages

TOPS = {
    "PIL": "pillow",
    "cv2": "opencv-python-headless",
    "google": "google-cloud-firestore",
    "storage3": "supabase",
}
WITH = {
    "h2": "supabase",
    "urllib3": "cloudinary",
    "safetensors": "diffusers",
    "starlette": "fastapi",
    "anyio": "fastapi",
    "markupsafe": "jinja2",
}
"""Packages that come with another one."""
NOT_THERE = {"modal", "grpclib"}
"""Modal's own in every container."""


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_whatever_the_package_imports_is_installed(device: str) -> None:
    installed = {one.partition("==")[0] for one in packages(PINNED, "cuda" if device == "cuda" else "cpu")}
    neural = {"torch", "transformers", "diffusers", "accelerate", "safetensors"}
    names = {TOPS.get(name, WITH.get(name, name)).replace("_", "-") for name in imports() - NOT_THERE}
    names -= {"diffusers", *neural} if device == "cpu" else set()
    gpu = {"onnxruntime-gpu"} if device == "cuda" else {"onnxruntime"}
    assert names - {"onnxruntime"} | gpu <= installed
    assert (neural & installed == set()) is (device == "cpu")


def imports() -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "tryon").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names) - {"tryon"}
