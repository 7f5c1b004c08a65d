"""What can be known of deploy/docker without starting it: files, names, pins, who gets which secret."""

from __future__ import annotations

import os
import re
import tomllib
from importlib.metadata import requires
from itertools import chain

import pytest
from packaging.requirements import Requirement

from fashion_assets.postgres import config
from tests.deploy.files import (
    DAGSTER,
    DOCKER,
    ROOT,
    compose,
    copied,
    example,
    exec_form,
    instructions,
    offered,
    read_yaml,
    seconds,
)
from tryon.settings import Settings

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
SERVICES = compose()["services"]
PINNED = re.compile(r"[a-z-]+:\d+\.\d+(\.\d+)?(-[a-z]+)*")
SETTINGS = {
    str(field.validation_alias or f"FASHION_{name.upper()}") for name, field in Settings.model_fields.items()
}
OTHERS = {
    "POSTGRES_PASSWORD": "the image postgres, and compose.yaml",
    "DAGSTER_PORT": "compose.yaml",
    "PIP_OPTIONS": "compose.yaml and the Dockerfile",
    "NEXT_PUBLIC_SUPABASE_URL": "the stores of the production profile",
    "NEXT_PUBLIC_SUPABASE_ANON_KEY": "apps",
    "SUPABASE_SERVICE_ROLE_KEY": "the stores of the production profile",
    "CLOUDINARY_URL": "the stores of the production profile",
    "GOOGLE_CLOUD_PROJECT": "the Firestore client",
    "GOOGLE_APPLICATION_CREDENTIALS": "the Firestore client",
    "MODAL_TOKEN_ID": "the Modal client",
    "MODAL_TOKEN_SECRET": "the Modal client",
    "FASHION_API_KEYS": "the HTTP services",
}
"""Variables that are no settings of the pipeline -> who reads them."""
PRODUCTION = {*OTHERS, "OPENAI_API_KEY", "FASHION_PROFILE", "FASHION_RECEIPT_KEY", "FASHION_ALERT_WEBHOOK"}


def packages(extra: str) -> set[str]:
    """Every distribution that `pip install '.[extra]'` brings, by what the installed ones require."""
    found, waiting = set[str](), [("fashion-assets", extra)]
    while waiting:
        name, of = waiting.pop()
        for text in requires(name) or []:
            need = Requirement(text)
            if need.marker is None or need.marker.evaluate({"extra": of}):
                waiting += [(need.name, e) for e in need.extras or {""} if need.name not in found]
                found.add(need.name)
    return found


# Compose


def test_every_service_comes_back_is_watched_and_ends_in_its_own_time() -> None:
    assert set(SERVICES) == {"postgres", *DAGSTER}
    for name, service in SERVICES.items():
        assert service["restart"] == "unless-stopped", name
        assert service["healthcheck"]["test"][0] == "CMD", name
        assert seconds(service["stop_grace_period"]) >= 60, name
        assert service["logging"]["options"]["max-size"], name


def test_a_run_as_long_as_planned_ends_before_its_container_is_killed() -> None:
    assert seconds(SERVICES["code"]["stop_grace_period"]) > Settings().chunk_seconds


def test_a_service_waits_for_services_that_say_when_they_are_healthy() -> None:
    waits = {name: SERVICES[name].get("depends_on", {}) for name in SERVICES}
    assert waits["code"].keys() == {"postgres"}
    assert waits["daemon"].keys() == waits["webserver"].keys() == {"code"}
    for condition in chain.from_iterable(found.values() for found in waits.values()):
        assert condition == {"condition": "service_healthy"}


def test_only_the_loopback_is_published() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published.keys() == {"webserver"}
    assert all(port.startswith("127.0.0.1:") for port in published["webserver"])


def test_only_the_code_location_gets_the_secrets_and_no_value_of_one_is_written_down() -> None:
    assert [name for name, service in SERVICES.items() if {"env_file", "secrets"} & service.keys()] == [
        "code"
    ]
    for service in SERVICES.values():
        for name, value in service["environment"].items():
            if re.search("PASSWORD|URL|KEY|TOKEN|SECRET", name):
                assert value.startswith("${"), name
    told = {
        name: value for name, value in example().items() if re.search("PASSWORD|KEY|TOKEN|SECRET|URL", name)
    }
    assert {name for name, value in told.items() if value} == set()
    assert len(told) >= 8


def test_our_containers_may_do_little() -> None:
    for name in DAGSTER:
        service = SERVICES[name]
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"]), name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert "user" not in service, "the image's own is not root"


def test_every_mounted_volume_and_secret_is_declared() -> None:
    found = compose()
    mounted = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert mounted == set(found["volumes"])
    assert {name for service in SERVICES.values() for name in service.get("secrets", [])} == set(
        found["secrets"]
    )
    homes = [volume for name in DAGSTER for volume in SERVICES[name]["volumes"]]
    assert set(homes) == {"data:/data"}, "the webserver shows the output that runs wrote"


# Names


def test_the_workspace_leads_to_the_code_service() -> None:
    (location,) = read_yaml(DOCKER / "workspace.yaml")["load_from"]
    server = location["grpc_server"]
    command = SERVICES["code"]["command"]
    for name in ("daemon", "webserver"):
        environment = SERVICES[name]["environment"]
        assert environment[server["host"]["env"]] in SERVICES
        assert environment[server["host"]["env"]] == "code"
        assert environment[server["port"]["env"]] == command[command.index("-p") + 1]
        words = SERVICES[name]["command"]
        assert words[words.index("-w") + 1] == "/app/deploy/docker/workspace.yaml"


def test_it_is_the_same_location_as_on_one_machine_so_that_its_switches_are_the_same() -> None:
    (local,) = read_yaml(ROOT / "workspace.yaml")["load_from"]
    (served,) = read_yaml(DOCKER / "workspace.yaml")["load_from"]
    assert served["grpc_server"]["location_name"] == local["python_module"]["location_name"]
    assert SERVICES["code"]["command"][-1] == local["python_module"]["module_name"]


def test_dagsters_settings_are_those_of_one_machine_in_postgresql() -> None:
    assert (DOCKER / "dagster.yaml").read_bytes() == config(
        (ROOT / "dagster.yaml").read_bytes(), postgres=True
    )


def test_every_variable_is_somebodys() -> None:
    assert set(example()) | offered() <= SETTINGS | OTHERS.keys()
    assert PRODUCTION | {"DAGSTER_POSTGRES_URL"} == (set(example()) | offered()) - {"FASHION_UI_URL"}
    fixed = [name for found in instructions("ENV") for name in re.findall(r"(\w+)=", " ".join(found.words))]
    own = [name for name in (*fixed, *example()) if name.startswith("FASHION_")]
    assert set(own) <= SETTINGS


def test_what_compose_asks_of_the_environment_is_in_the_example() -> None:
    asked = set(re.findall(r"\$\{(\w+)", (DOCKER / "compose.yaml").read_text()))
    assert asked <= set(example()) | offered()
    assert {"POSTGRES_PASSWORD", "DAGSTER_POSTGRES_URL"} <= asked


# The image


def test_images_are_pinned_and_ours_has_the_projects_version() -> None:
    bases = [found.words[0] for found in instructions("FROM")]
    assert len(bases) == 2
    assert len(set(bases)) == 1, "what is built in one Python runs in the same"
    for image in (*bases, SERVICES["postgres"]["image"]):
        assert PINNED.fullmatch(image), image
    assert {SERVICES[name]["image"] for name in DAGSTER} == {
        f"fashion-assets:{PROJECT['project']['version']}"
    }


def test_everything_copied_exists_and_nothing_else_reaches_the_build() -> None:
    assert [source for source in copied() if not (ROOT / source).exists()] == []
    lines = (DOCKER / "Dockerfile.dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    assert sorted(rule[1:] for rule in rules if rule.startswith("!")) == sorted(copied())
    assert "deploy/docker/.env" in rules
    assert rules.index("deploy/docker/.env") > rules.index("!deploy/docker")


def test_the_image_has_every_room_that_its_code_imports() -> None:
    rooms = {pattern.rstrip("*") for pattern in PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]}
    there = rooms & set(copied())
    imports = re.compile(r"^\s*(?:from|import) (\w+)", re.MULTILINE)
    texts = [path.read_text() for room in there for path in (ROOT / room).rglob("*.py")]
    needed = rooms & {name for text in texts for name in imports.findall(text)}
    assert needed <= there
    assert {"tryon", "fashion_assets"} < there


def test_what_is_installed_is_pinned_and_has_no_torch() -> None:
    runs = [" ".join(found.words) for found in instructions("RUN")]
    installs = [run for run in runs if "pip install" in run]
    assert all("--constraint constraints.txt" in run or "--no-deps" in run for run in installs)
    (extra,) = {name for run in installs for name in re.findall(r"\.\[(\w+)\]", run)}
    found = packages(extra)
    assert {"dagster-postgres", "modal", "supabase"} <= found
    assert not {"torch", "transformers", "pytest"} & found


def test_it_is_nobodys_root_and_its_default_is_the_code_service() -> None:
    assert instructions("USER")[-1].words == ["10001:10001"]
    assert exec_form(instructions("CMD")[-1].words) == SERVICES["code"]["command"]
    (health,) = instructions("HEALTHCHECK")
    assert ["CMD", *exec_form(health.words[1:])] == SERVICES["code"]["healthcheck"]["test"]
    (entry,) = (exec_form(found.words) for found in instructions("ENTRYPOINT"))
    assert os.access(ROOT / entry[0].removeprefix("/app/"), os.X_OK)


@pytest.mark.parametrize("name", ["ENV", "ARG", "COPY"])
def test_no_layer_is_given_a_secret(name: str) -> None:
    text = " ".join(word for found in instructions(name) for word in found.words)
    assert re.findall(r"\w*(?:PASSWORD|TOKEN|SECRET|_KEY|POSTGRES_URL)\w*|\.env\b", text) == []
