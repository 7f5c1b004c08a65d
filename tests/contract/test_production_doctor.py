"""`fashion doctor` and other commands in production: a real round trip to each system, and what is wrong by name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from typer.testing import CliRunner

from fashion_assets.cli import app
from fashion_assets.commands.doctor import cloud as doctor
from fashion_assets.commands.doctor.finding import Finding, examine
from tests.peers.firestore_refusing import refusing
from tests.peers.modal_peer import APPS, ModalPeer
from tests.peers.modal_peer import listening as modal_listening
from tests.peers.openai_peer import Peer as OpenAiPeer
from tests.peers.openai_peer import Reply, listening
from tests.peers.supabase_peer import key_of
from tests.production import Cloud, work_on_modal
from tryon.profiles import stores as storage
from tryon.settings import Settings

RULES = Path("deploy/firestore/firestore.rules").read_text()
OPEN = "service cloud.firestore { match /databases/{d}/documents { match /{x=**} { allow read, write; } } }"
NOBODY = "http://127.0.0.1:9"
"""The discard port of the loopback, where nobody listens."""


@pytest.fixture
def openai(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenAiPeer]:
    with listening() as peer:
        monkeypatch.setenv("OPENAI_BASE_URL", peer.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", peer.key.get_secret_value())
        yield peer


@pytest.fixture(autouse=True)
def ruled(cloud: Cloud, openai: OpenAiPeer, monkeypatch: pytest.MonkeyPatch) -> None:
    cloud.emulator.set_rules(cloud.project, RULES)
    monkeypatch.setattr(doctor, "SECONDS", 2.0)


def finding(name: str) -> Finding:
    settings = Settings()
    return examine(name, doctor.checks(settings)[name], settings)


def told(name: str) -> str:
    """What a failed check says, with its advice."""
    found = finding(name)
    assert not found.ok, found.detail
    return f"{found.detail} -> {found.advice}"


def test_all_is_well_and_no_probe_stays(cloud: Cloud) -> None:
    found = [finding(name) for name in doctor.checks(Settings())]
    assert [f.check for f in found if f.ok] == ["Supabase", "Cloudinary", "Firestore", "OpenAI"], found
    assert cloud.supabase.buckets == {"uploads": {}, "fashion": {}}
    assert cloud.cloudinary.assets == {}
    puts = [asked.path for asked in cloud.supabase.asked if "x-upsert" in asked.headers]
    assert [path.split("/")[4:6] for path in puts] == [["uploads", "doctor"], ["fashion", "doctor"]]


# Modal


@pytest.fixture
def modal(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModalPeer]:
    with modal_listening(ModalPeer()) as peer:
        work_on_modal(peer, monkeypatch)
        yield peer
        assert peer.wrong == []


def test_every_app_is_deployed(modal: ModalPeer) -> None:
    found = finding("Modal")
    assert found.ok, found.detail
    assert all(app in found.detail for app in APPS.values())
    assert modal.calls == {}


def test_an_app_that_is_not_deployed_is_named_with_its_file(modal: ModalPeer) -> None:
    modal.deployed.remove("fashion-tryon")
    assert "no app fashion-tryon" in told("Modal")
    assert "`modal deploy deploy/modal/tryons.py`" in told("Modal")


def test_a_wrong_token_of_modal(modal: ModalPeer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODAL_TOKEN_SECRET", "as-another")
    assert "MODAL_TOKEN" in told("Modal")


def test_engines_in_this_process_need_no_modal(cloud: Cloud) -> None:
    assert "Modal" not in doctor.checks(Settings())


# Supabase


def test_a_missing_bucket(cloud: Cloud) -> None:
    del cloud.supabase.buckets["fashion"]
    assert "no bucket 'fashion'; make it (private)" in told("Supabase")


def test_a_key_of_another_project(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    key = key_of("service_role").get_secret_value()
    monkeypatch.setenv("SUPABASE_SERVICE_ROLE_KEY", f"{key[:-8]}AAAAAAAA")
    assert "check SUPABASE_SERVICE_ROLE_KEY" in told("Supabase")
    monkeypatch.setenv("SUPABASE_SERVICE_ROLE_KEY", key_of("anon").get_secret_value())
    assert "is a public key" in told("Supabase")


def test_a_public_bucket(cloud: Cloud) -> None:
    cloud.supabase.public.add("uploads")
    assert "bucket 'uploads' is public" in told("Supabase")
    assert cloud.supabase.buckets["uploads"] == {}, "the probe is deleted all the same"


def test_a_policy_that_lets_everybody_read(cloud: Cloud) -> None:
    cloud.supabase.open.add("fashion")
    assert "lets everybody read bucket 'fashion'" in told("Supabase")


def test_supabase_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXT_PUBLIC_SUPABASE_URL", NOBODY)
    assert "Supabase Storage cannot be reached" in told("Supabase")


# Cloudinary


def test_a_wrong_secret_of_cloudinary(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    url = cloud.environment["CLOUDINARY_URL"]
    monkeypatch.setenv("CLOUDINARY_URL", url.replace("the_Secret", "another"))
    assert "CLOUDINARY_URL" in told("Cloudinary")
    monkeypatch.setenv("CLOUDINARY_URL", "https://example.com")
    assert "not of the form" in told("Cloudinary")


def test_cloudinary_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUDINARY_URL", f"cloudinary://1:secret@cloud?upload_prefix={NOBODY}")
    assert "Cloudinary cannot be reached" in told("Cloudinary")


# Firestore


def test_rules_that_let_everybody_read(cloud: Cloud) -> None:
    cloud.emulator.set_rules(cloud.project, f"rules_version = '2';{OPEN}")
    assert "anybody may read" in told("Firestore")
    assert "deploy/firestore" in told("Firestore")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (grpc.StatusCode.PERMISSION_DENIED, "roles/datastore.user"),
        (grpc.StatusCode.UNAUTHENTICATED, "GOOGLE_APPLICATION_CREDENTIALS"),
        (grpc.StatusCode.NOT_FOUND, "create it in native mode"),
        (grpc.StatusCode.UNAVAILABLE, "check the network"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_firestore_refuses(code: grpc.StatusCode, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with refusing(code) as peer:
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", peer.host)
        assert said in told("Firestore")


def test_a_missing_index(monkeypatch: pytest.MonkeyPatch) -> None:
    """The emulator needs none."""
    from google.api_core.exceptions import FailedPrecondition

    from tryon.stores.firestore.calls import Calls

    asked = list[Any]()

    def run(self: Calls, query: Any) -> Any:
        asked.append(query)
        raise FailedPrecondition("The query requires an index")  # type: ignore[no-untyped-call]

    monkeypatch.setattr(Calls, "run", run)
    assert "deploy deploy/firestore/firestore.indexes.json" in told("Firestore")
    assert asked


# OpenAI


def test_a_wrong_key_of_openai(openai: OpenAiPeer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-wrong-but-long-enough")
    said = told("OpenAI")
    assert "OPENAI_API_KEY is wrong" in said
    assert "sk-" not in said


def test_a_model_that_the_account_has_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHION_OPENAI_MODEL", "gpt-9")
    assert "check FASHION_OPENAI_MODEL" in told("OpenAI")


def test_openai_is_away_or_busy(openai: OpenAiPeer, monkeypatch: pytest.MonkeyPatch) -> None:
    openai.plan(Reply(429, {"error": {"code": "insufficient_quota"}}))
    assert "quota is used up" in told("OpenAI")
    openai.plan(Reply(503, {}))
    assert "answered 503" in told("OpenAI")
    monkeypatch.setenv("OPENAI_BASE_URL", f"{NOBODY}/v1")
    assert "cannot be reached" in told("OpenAI")


def test_nothing_is_asked_of_a_service_that_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHION_ANALYZER", "declared")
    monkeypatch.delenv("OPENAI_API_KEY")
    assert "OpenAI" not in doctor.checks(Settings())
    monkeypatch.setenv("FASHION_PROFILE", "sample")
    assert doctor.checks(Settings()) == {}


# Commands


def fashion(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.output


@pytest.mark.usefixtures("cloud")
def test_the_command_tells_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for port, engine in (
        ("DETECTOR", "packshot"), ("BODY_PARSER", "studio-parser"), ("DRESSER", "warp"), ("SPLATTER", "relief"),
    ):  # fmt: skip
        monkeypatch.setenv(f"FASHION_{port}", engine)
    code, said = fashion("doctor", "--json")
    checks = {check["check"]: check for check in json.loads(said)["checks"]}
    assert {"Supabase", "Cloudinary", "Firestore", "OpenAI", "uploads"} <= checks.keys()
    assert [name for name, check in checks.items() if not check["ok"]] == []
    assert (code, checks["uploads"]["detail"]) == (0, "0 accepted, none rejected")
    assert not {"database", "stored files", "splat", "OpenAI key"} & checks.keys()
    storage.open_stores(Settings()).close()


@pytest.mark.parametrize(
    ("arguments", "instead"),
    [
        (["backup", "elsewhere"], "schedule backups of Firestore"),
        (["restore", "elsewhere", "--no-receipts"], "schedule backups of Firestore"),
        (["demo"], "leave FASHION_PROFILE out"),
        (["add-user", "ann", "PHOTO", "--consent-version", "1"], "users/ID/photo.jpg"),
        (["add-item", "tee", "PHOTO", "-c", "tops"], "items/ID/item.json"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_what_works_on_folders_says_what_to_do_instead(
    arguments: list[str], instead: str, tmp_path: Path
) -> None:
    (tmp_path / "photo.png").write_bytes(b"photo")
    given = [str(tmp_path / "photo.png") if word == "PHOTO" else word for word in arguments]
    code, said = fashion(*given)
    assert code == 2
    assert instead in " ".join(said.split())
    assert not (tmp_path / "data").exists()
