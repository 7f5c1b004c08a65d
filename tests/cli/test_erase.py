"""`erase-user`, `erase-item`, `erase-expired`, `verify-receipt`: nothing is left, and the receipt proves it."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from bench.uploads import write_item, write_user
from tests.cli.conftest import Answer, Fashion
from tests.docs.pages import ROOT, sections
from tests.remains import remains, secrets_of
from tryon.core.records import BlobFacts
from tryon.core.uploads import UploadKind
from tryon.core.words import Refused

USER, ITEM = UploadKind.USER, UploadKind.ITEM
RUNBOOK = ROOT / "docs/runbook.md"
ANN, BOB, BLOUSE = "person-7f3a", "person-b0b1", "blouse-9c2e"
"""Ids that no other file holds by chance."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Fashion:
    """Two people, two tops, one bottom, all made. To be read only."""
    fashion = Fashion(tmp_path_factory.mktemp("erase") / "data")
    uploads = fashion.data / "uploads"
    for number, (name, category) in enumerate([("t1", "tops"), (BLOUSE, "tops"), ("b1", "bottoms")]):
        write_item(uploads, name, [category], number)
    write_user(uploads, ANN, 1)
    write_user(uploads, BOB, 2, width=112, height=144)
    assert fashion("pregenerate").code == 0
    return fashion


@pytest.fixture
def fashion(town: Fashion, tmp_path: Path) -> Fashion:
    shutil.copytree(town.data, tmp_path / "data")
    return Fashion(tmp_path / "data")


def erase(fashion: Fashion, kind: UploadKind, name: str) -> Answer:
    return fashion(f"erase-{kind}", name, "--yes", "--json")


def rejections(fashion: Fashion) -> dict[str, str]:
    return {r["id"]: r["reason"] for r in fashion("plan", "--json").facts["rejected_uploads"]}


def outfits(fashion: Fashion, user: str) -> set[str]:
    pipeline = fashion.pipeline
    return {
        r.name
        for r in pipeline.records.of_user(user)
        if r.stage == "tryon" and isinstance(r.result, BlobFacts)
    }


def places_of(fashion: Fashion, name: str) -> set[str]:
    """Files with the id in them, but for Dagster's old events."""
    places = {line.partition(" in ")[2] for line in remains(fashion.data, {"id": name.encode()})}
    return {place.removesuffix("-wal") for place in places if not place.startswith("dagster/")}


# A person


def test_the_search_finds_what_is_there(town: Fashion) -> None:
    """Or the tests below would prove nothing."""
    found = remains(town.data, secrets_of(town.pipeline, USER, ANN))
    assert f"photo in uploads/users/{ANN}.png" in found
    assert any(line.startswith("digest of photo in fashion.sqlite") for line in found)
    assert any(line.startswith("bytes of person-7f3a tryon t1.tops in blobs/users/") for line in found)


def test_nothing_of_an_erased_person_is_left(fashion: Fashion) -> None:
    Image.new("RGB", (8, 8)).save(fashion.data / "contact_sheet.jpg")
    secrets, before = secrets_of(fashion.pipeline, USER, ANN), outfits(fashion, BOB)
    assert len(secrets) > 40
    assert erase(fashion, USER, ANN).code == 0
    assert remains(fashion.data, secrets) == []
    assert not (fashion.data / "contact_sheet.jpg").exists()
    assert outfits(fashion, BOB) == before
    assert fashion("plan", "--json").facts["to_make"] == 0


def test_the_id_stays_in_tombstone_receipt_and_dagsters_old_events_only(fashion: Fashion) -> None:
    erase(fashion, USER, ANN)
    assert places_of(fashion, ANN) == {"fashion.sqlite", f"receipts/user-{ANN}-1.json"}
    assert not [path for path in fashion.data.rglob(f"*{ANN}*") if "receipts" not in path.parts]
    with sqlite3.connect(fashion.data / "fashion.sqlite") as connection:
        text = [line for line in connection.iterdump() if ANN in line]
    connection.close()
    (tombstone,) = text
    assert tombstone.startswith('INSERT INTO "uploads"')


def test_dagster_forgets_the_partition(fashion: Fashion) -> None:
    from fashion_assets.operate import open_instance

    erase(fashion, USER, ANN)
    with open_instance(fashion.data) as instance:
        assert instance.get_dynamic_partitions("user") == [BOB]


def test_halves_that_killed_writers_left_are_erased_too(fashion: Fashion) -> None:
    halves = [f"uploads/users/.{ANN}.png.part", f"blobs/users/{ANN}/tmp1.part", f"export/.{ANN}.tmp2.part"]
    for half in halves:
        (fashion.data / half).write_bytes(b"half of a secret photo")
    erase(fashion, USER, ANN)
    assert remains(fashion.data, {"half": b"half of a secret photo"}) == []


def test_what_engines_cost_is_not_forgotten(fashion: Fashion) -> None:
    before = fashion.pipeline.records.history()
    erase(fashion, USER, ANN)
    assert fashion.pipeline.records.history() == before


def test_the_erasure_is_logged_without_the_id(fashion: Fashion) -> None:
    number = erase(fashion, USER, ANN).facts["receipt"]["number"]
    events = [e for _, e in fashion.pipeline.log.read(limit=10**6) if e.component == "erase"]
    assert [e.event.value for e in events] == ["started", "finished"]
    assert {(e.user_id, e.data["receipt"]) for e in events} == {(None, number)}


def test_a_later_export_removes_the_pictures_of_an_erased_person(fashion: Fashion, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert fashion("export", out).code == 0
    (out / BOB / "note.txt").write_text("not ours")
    assert (out / ANN / "manifest.json").is_file()
    erase(fashion, USER, ANN)
    erase(fashion, USER, BOB)
    fashion("export", out)
    assert [path.relative_to(out).as_posix() for path in sorted(out.rglob("*"))] == [BOB, f"{BOB}/note.txt"]


# An item


def test_an_item_takes_the_outfits_of_others_along(fashion: Fashion) -> None:
    secrets = secrets_of(fashion.pipeline, ITEM, BLOUSE)
    assert any(label.startswith(f"bytes of {BOB} tryon") for label in secrets)
    assert BLOUSE in (fashion.data / "export" / f"{BOB}.json").read_text()
    assert erase(fashion, ITEM, BLOUSE).code == 0
    assert remains(fashion.data, secrets) == []
    for user in (ANN, BOB):
        assert outfits(fashion, user) == {"t1.tops", "b1.bottoms", "t1.tops+b1.bottoms"}
        document = json.loads((fashion.data / "export" / f"{user}.json").read_text())
        assert [top["id"] for top in document["tops"]] == ["t1.tops"]
    plan = fashion("plan", "--json").facts
    assert (plan["outfits"], plan["to_make"], plan["runs"]) == (6, 0, 0)


def test_the_id_of_an_item_leaves_the_log_too(fashion: Fashion) -> None:
    erase(fashion, ITEM, BLOUSE)
    assert places_of(fashion, BLOUSE) == {"fashion.sqlite", f"receipts/item-{BLOUSE}-4.json"}
    assert not any(BLOUSE in event.step for _, event in fashion.pipeline.log.read(limit=10**6))


# Asking


def test_without_a_terminal_nothing_is_erased_unasked(fashion: Fashion) -> None:
    answer = fashion("erase-user", ANN)
    assert (answer.code, "--yes" in answer.err) == (2, True)
    assert fashion("status", "--json").facts["consents"].keys() == {ANN, BOB}


@pytest.mark.parametrize(("said", "left"), [("n\n", {ANN, BOB}), ("y\n", {BOB})])
def test_on_a_terminal_it_asks(
    fashion: Fashion, monkeypatch: pytest.MonkeyPatch, said: str, left: set[str]
) -> None:
    from fashion_assets.commands import erasing

    heard: list[str] = []

    def confirm(text: str, abort: bool, err: bool) -> None:
        heard.append(text)
        if said == "n\n":
            import typer

            raise typer.Abort

    monkeypatch.setattr(erasing, "is_terminal", lambda: True)
    monkeypatch.setattr("typer.confirm", confirm)
    answer = fashion("erase-user", ANN)
    assert (answer.code, len(heard)) == (0 if said == "y\n" else 1, 1)
    assert "records" in answer.err
    assert fashion("status", "--json").facts["consents"].keys() == left


@pytest.mark.parametrize("name", ["nobody", "../t1", "Ann Smith"])
def test_an_id_that_was_never_seen_is_bad_use(fashion: Fashion, name: str) -> None:
    answer = erase(fashion, USER, name)
    assert answer.code == 2
    assert answer.facts["error"]["code"] in ("unknown_upload", "invalid_id")


def test_an_upload_that_was_never_accepted_can_be_erased(fashion: Fashion) -> None:
    write_user(fashion.data / "uploads", "person-c0de", 9)
    sidecar = fashion.data / "uploads" / "users" / "person-c0de.json"
    sidecar.write_text("{}")
    assert "person-c0de" in rejections(fashion)
    answer = erase(fashion, USER, "person-c0de")
    assert (answer.code, answer.facts["receipt"]["counts"]["uploads"]) == (0, 2)
    assert not sidecar.exists()
    assert rejections(fashion) == {}


# Again


def test_erasing_again_verifies_and_shows_the_same_receipt(fashion: Fashion) -> None:
    first = erase(fashion, USER, ANN).facts
    stored = Path(first["file"])
    stored.unlink()
    again = erase(fashion, USER, ANN)
    assert (again.code, again.facts) == (0, first)
    assert json.loads(stored.read_text()) == first["receipt"]


def test_what_turned_up_later_is_erased_by_the_same_command(fashion: Fashion) -> None:
    """As a run that was killed between its blob and its record leaves it."""
    erase(fashion, USER, ANN)
    late = fashion.data / "blobs" / "users" / ANN / f"{'ab' * 32}.webp"
    late.parent.mkdir()
    late.write_bytes(b"late")
    answer = fashion("erase-expired", "--json")
    assert (answer.code, [r["id"] for r in answer.facts["swept"]]) == (0, [ANN])
    assert not late.parent.exists()


def test_an_upload_after_the_erasure_is_a_new_one(fashion: Fashion) -> None:
    first = erase(fashion, USER, ANN).facts["receipt"]
    write_user(fashion.data / "uploads", ANN, 1)
    assert fashion("pregenerate", "--json").code == 0
    assert outfits(fashion, ANN) == outfits(fashion, BOB)
    assert fashion("erase-expired", "--json").facts == {"erased": [], "swept": [], "incomplete": {}}
    second = erase(fashion, USER, ANN).facts["receipt"]
    assert second["ordinal"] > first["ordinal"]
    assert len(list((fashion.data / "receipts").iterdir())) == 2


# Receipts


def test_a_receipt_tells_what_was_erased_and_verifies(fashion: Fashion) -> None:
    facts = erase(fashion, USER, ANN).facts
    receipt = facts["receipt"]
    assert (receipt["kind"], receipt["id"], receipt["ordinal"], receipt["verified"]) == ("user", ANN, 1, True)
    assert receipt["buried_at"] < receipt["erased_at"]
    assert receipt["counts"]["uploads"] == 2
    assert receipt["counts"]["records"] == 6 + 5 + 2
    answer = fashion("verify-receipt", facts["file"], "--json")
    assert (answer.code, answer.facts["verdict"]) == (0, "valid")
    for path in (Path(facts["file"]), fashion.data / "receipt.key"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["id", "erased_at", "counts", "signature", "number"])
def test_an_altered_receipt_is_told(fashion: Fashion, tmp_path: Path, name: str) -> None:
    receipt = erase(fashion, USER, ANN).facts["receipt"]
    altered = tmp_path / "receipt.json"
    altered.write_text(json.dumps({**receipt, name: "é"}))
    answer = fashion("verify-receipt", altered, "--json")
    assert (answer.code, answer.facts["verdict"]) == (1, "altered")


def test_a_receipt_of_another_key_is_told(fashion: Fashion, monkeypatch: pytest.MonkeyPatch) -> None:
    file = erase(fashion, USER, ANN).facts["file"]
    monkeypatch.setenv("FASHION_RECEIPT_KEY", "another key of the team")
    answer = fashion("verify-receipt", file, "--json")
    assert (answer.code, answer.facts["verdict"]) == (1, "other_key")


def test_a_key_of_the_team_signs_and_is_never_shown(
    fashion: Fashion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FASHION_RECEIPT_KEY", "the key of the team, secret")
    answer = erase(fashion, USER, ANN)
    assert fashion("verify-receipt", answer.facts["file"]).code == 0
    assert not (fashion.data / "receipt.key").exists()
    assert remains(fashion.data, {"key": b"the key of the team"}) == []
    monkeypatch.setenv("FASHION_RECEIPT_KEY", "short")
    short = erase(fashion, USER, BOB)
    assert (short.code, short.facts["error"]["code"], "short'" in short.out) == (2, "invalid_setting", False)
    monkeypatch.delenv("FASHION_RECEIPT_KEY")
    assert outfits(fashion, BOB)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"signature": NaN}', "\xff"])
def test_what_is_no_receipt_is_bad_use(fashion: Fashion, tmp_path: Path, text: str) -> None:
    erase(fashion, USER, ANN)
    (tmp_path / "file").write_bytes(text.encode("latin-1"))
    assert fashion("verify-receipt", tmp_path / "file").code == 2


def test_without_a_key_nothing_can_be_verified(town: Fashion, tmp_path: Path) -> None:
    (tmp_path / "receipt.json").write_text('{"signature": "x"}')
    answer = town("verify-receipt", tmp_path / "receipt.json")
    assert (answer.code, "receipt.key" in answer.err) == (2, True)


# Retention


def old_consent(fashion: Fashion, user: str) -> None:
    text = json.dumps({"consent": {"version": "2019-01", "at": "2020-01-01T10:00:00+01:00"}})
    (fashion.data / "uploads" / "users" / f"{user}.json").write_text(text)


def test_a_consent_that_ran_out_stops_everything_and_is_erased(
    fashion: Fashion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FASHION_RETENTION_DAYS", "1000")
    old_consent(fashion, ANN)
    assert "older than 1000 days" in rejections(fashion)[ANN]
    assert fashion("why", ANN, "t1.tops").code == 2
    secrets = {"id": ANN.encode()}
    answer = fashion("erase-expired", "--json")
    assert (answer.code, [r["id"] for r in answer.facts["erased"]]) == (0, [ANN])
    assert not (fashion.data / "uploads" / "users" / f"{ANN}.png").exists()
    assert "export" not in str(remains(fashion.data, secrets))
    assert outfits(fashion, BOB)


def test_without_a_limit_an_old_consent_stays(fashion: Fashion) -> None:
    old_consent(fashion, ANN)
    assert fashion("erase-expired", "--json").facts["erased"] == []
    assert fashion("status", "--json").facts["consents"][ANN]["version"] == "2019-01"


def test_an_expired_photo_that_was_never_registered_goes_too(
    fashion: Fashion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FASHION_RETENTION_DAYS", "1000")
    write_user(fashion.data / "uploads", "person-c0de", 9)
    old_consent(fashion, "person-c0de")
    assert [r["id"] for r in fashion("erase-expired", "--json").facts["erased"]] == ["person-c0de"]


def test_an_upload_that_was_taken_away_long_ago_is_erased(fashion: Fashion) -> None:
    (fashion.data / "uploads" / "users" / f"{ANN}.json").unlink()
    (fashion.data / "uploads" / "users" / f"{BOB}.json").rename(fashion.data / "bob.json")
    assert rejections(fashion).keys() == {ANN, BOB}
    assert fashion("erase-expired", "--json").facts["erased"] == []
    with sqlite3.connect(fashion.data / "fashion.sqlite") as connection:
        connection.execute("UPDATE uploads SET suspended_at = '2026-01-01T00:00:00Z' WHERE id = ?", (ANN,))
    connection.close()
    assert [r["id"] for r in fashion("erase-expired", "--json").facts["erased"]] == [ANN]
    assert outfits(fashion, BOB)


# While a run is under way, in another process


def test_a_run_under_way_brings_nothing_back(fashion: Fashion, tmp_path: Path) -> None:
    write_item(fashion.data / "uploads", "t9", ["tops"], 9)
    secrets = secrets_of(fashion.pipeline, USER, ANN)
    run, gate = slow_run(fashion, tmp_path)
    try:
        assert erase(fashion, USER, ANN).code == 0
        assert remains(fashion.data, secrets) == []
        gate.touch()
        out, _ = run.communicate(timeout=120)
    finally:
        run.kill()
        run.wait()
    facts = json.loads(out)
    assert (run.returncode, len(facts["failed"])) == (1, 1), facts["failed"]
    (reason,) = facts["failed"].values()
    assert "erased or taken away" in reason
    assert remains(fashion.data, secrets) == []
    assert places_of(fashion, ANN) == {"fashion.sqlite", f"receipts/user-{ANN}-1.json"}
    assert outfits(fashion, BOB) >= {"t9.tops", "t9.tops+b1.bottoms"}
    assert fashion.pipeline.log.count(USER, ANN) == 0
    assert fashion("pregenerate").code == 0


def slow_run(fashion: Fashion, folder: Path) -> tuple[subprocess.Popen[str], Path]:
    """`fashion pregenerate` that has begun to dress, and waits in its engine until the gate is there."""
    began, gate = folder / "began", folder / "gate"
    run = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.cli.slow_fashion",
            "--data",
            str(fashion.data),
            "pregenerate",
            "--json",
        ],
        env={**os.environ, "SLOW_BEGAN": str(began), "SLOW_GATE": str(gate)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    while not began.exists():
        assert run.poll() is None, "the run ended before it dressed anybody"
        time.sleep(0.02)
    return run, gate


@pytest.mark.parametrize("place", ["FileBlobs.delete", "SqliteRecords.unpublish", "SqliteRecords.erased"])
def test_killed_the_same_command_finishes(fashion: Fashion, place: str) -> None:
    """A real process that dies just before this call."""
    secrets = secrets_of(fashion.pipeline, USER, ANN)
    command = [sys.executable, "-m", "tests.cli.dying_fashion", "--data", str(fashion.data)]
    died = subprocess.run(
        [*command, "erase-user", ANN, "--yes"], env={**os.environ, "DIE_AT": place}, capture_output=True
    )
    assert died.returncode == 9, died.stderr
    assert [ref.id for ref in fashion.pipeline.records.erasing()] == [ANN]
    assert not (fashion.data / "receipts").exists()
    receipt = erase(fashion, USER, ANN).facts["receipt"]
    assert remains(fashion.data, secrets) == []
    assert (receipt["counts"]["uploads"], receipt["counts"]["records"]) == (2, 13)


def test_refusals_go_with_their_user(fashion: Fashion) -> None:
    write_user(fashion.data / "uploads", "person-t1ny", 5, width=40, height=56)
    assert fashion("pregenerate").code == 0
    assert all(isinstance(r.result, Refused) for r in fashion.pipeline.records.of_user("person-t1ny"))
    counts = erase(fashion, USER, "person-t1ny").facts["receipt"]["counts"]
    assert (counts["records"] > 0, counts["blobs"]) == (True, 0)
    assert list(fashion.pipeline.records.of_user("person-t1ny")) == []


# The runbook


def test_the_commands_of_the_runbook(fashion: Fashion) -> None:
    """Each command of its section, as it is written there but for ids and folder."""
    section = sections(RUNBOOK)["Erase a person or an item"]
    written = [
        span for span in re.findall(r"`(fashion [^`\n]+)`", section) if span not in ("fashion export",)
    ]
    here = {
        "u1": ANN,
        "tee-sun": BLOUSE,
        "data/receipts/user-u1-1.json": f"{fashion.data}/receipts/user-{ANN}-1.json",
    }
    ran = []
    for command in written:
        words = [here.get(word, word) for word in command.split()[1:]]
        yes = ["--yes"] if words[0] in ("erase-user", "erase-item") else []
        if words[0] not in ("plan", "doctor", "restore"):
            assert fashion(*words, *yes).code == 0, command
            ran.append(words[0])
    assert ran == ["erase-user", "erase-item", "verify-receipt", "erase-expired"]


def test_everybody_at_once_is_asked_about(fashion: Fashion, monkeypatch: pytest.MonkeyPatch) -> None:
    """So does a disk look that is not mounted."""
    monkeypatch.setattr("tryon.core.erasure.retention.FEW", 0)
    for user in (ANN, BOB):
        (fashion.data / "uploads" / "users" / f"{user}.json").unlink()
    fashion("status")
    with sqlite3.connect(fashion.data / "fashion.sqlite") as connection:
        connection.execute("UPDATE uploads SET suspended_at = '2026-01-01T00:00:00Z' WHERE kind = 'user'")
    connection.close()
    answer = fashion("erase-expired", "--json")
    assert (answer.code, answer.facts["erased"]) == (1, [])
    assert "--all" in answer.facts["incomplete"]["users"]
    sure = fashion("erase-expired", "--all", "--json")
    assert (sure.code, {r["id"] for r in sure.facts["erased"]}) == (0, {ANN, BOB})
