"""`backup` and `restore`: everything that cannot be made again, at one moment, and nobody who was erased."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.uploads import write_item, write_user
from tests.cli.conftest import LOOK, Answer, Fashion
from tests.contract.verdicts import record, upload
from tryon.core.uploads import UploadKind, UploadRef
from tryon.stores.backup import make
from tryon.stores.sqlite.database import Database
from tryon.stores.sqlite.records import SqliteRecords


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "kept"


def restored(fashion: Fashion, kept: Path, *options: object) -> Answer:
    return fashion("restore", kept, *(options or ["--no-receipts"]), "--json")


def lose(fashion: Fashion) -> None:
    shutil.rmtree(fashion.data)


def shown(fashion: Fashion) -> Any:
    """What people see, without what depends on the moment of looking."""
    status = fashion("status", "--json").facts
    why = fashion("why", "u1", LOOK, "--json").facts
    return status["users"], status["totals"], status["refusals"], why


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def manifest(kept: Path) -> Any:
    return json.loads((kept / "manifest.json").read_text())


def stored(kept: Path, name: str) -> Path:
    """Where the backup keeps a file of the data folder."""
    digest: str = manifest(kept)["files"][name][0]
    return kept / "files" / digest[:2] / digest


# There and back


def test_a_lost_data_folder_comes_back(fashion: Fashion, kept: Path) -> None:
    # The addresses in the documents are those of this copy.
    fashion("pregenerate")
    before, documents = shown(fashion), files(fashion.data / "export")
    made = fashion("backup", kept, "--json")
    assert (made.code, made.facts["users"], made.facts["items"]) == (0, 2, 2)
    lose(fashion)
    answer = restored(fashion, kept)
    assert (answer.code, answer.facts["withheld"]) == (0, [])
    assert shown(fashion) == before
    assert files(fashion.data / "export") == documents
    again = fashion("pregenerate", "--json")
    assert (again.code, again.facts["engine_calls"], again.facts["runs"]) == (0, 0, [])


def test_dagsters_partitions_are_added_again(fashion: Fashion, kept: Path) -> None:
    """Its storage is not in the backup: results do not need it."""
    from fashion_assets.operate import open_instance

    def partitions() -> list[list[str]]:
        with open_instance(fashion.data) as instance:
            return [list(instance.get_dynamic_partitions(name)) for name in ("user", "item")]

    before = partitions()
    assert set(before[0]) == {"u1", "tiny"}
    fashion("backup", kept)
    lose(fashion)
    restored(fashion, kept)
    fashion("pregenerate")
    assert partitions() == before


def test_what_is_in_it(fashion: Fashion, kept: Path) -> None:
    (fashion.data / "receipts").mkdir()
    (fashion.data / "receipts" / "user-old-1.json").write_text(
        '{"kind": "user", "id": "old", "ordinal": 99, "erased_at": "x"}'
    )
    (fashion.data / "blobs" / "items" / "t1" / "tmp1.part").write_bytes(b"of a killed writer")
    (fashion.data / "blobs" / "items" / "t1" / "orphan.png").write_bytes(b"named by no record")
    (fashion.data / "uploads" / "users" / ".u9.png.part").write_bytes(b"unfinished")
    fashion("backup", kept)
    names = set(manifest(kept)["files"])
    assert {name.partition("/")[0] for name in names} == {
        "blobs",
        "export",
        "fashion.sqlite",
        "receipts",
        "uploads",
    }
    living = {
        f"{top}/{name}"
        for top in ("uploads", "blobs", "export", "receipts")
        for name in files(fashion.data / top)
    }
    assert living - names == {
        "blobs/items/t1/tmp1.part", "blobs/items/t1/orphan.png", "uploads/users/.u9.png.part"
    }  # fmt: skip
    facts = manifest(kept)
    assert (facts["format"], facts["counts"]["files"]) == (1, len(names))
    assert facts["taken_at"].endswith("Z")


def test_it_is_private(fashion: Fashion, kept: Path) -> None:
    fashion("backup", kept)
    lose(fashion)
    restored(fashion, kept)
    for folder in (kept, fashion.data):
        modes = {stat.S_IMODE(path.stat().st_mode) for path in [folder, *folder.rglob("*")] if path.is_dir()}
        assert modes == {0o700}
    kept_modes = {stat.S_IMODE(path.stat().st_mode) for path in kept.rglob("*") if path.is_file()}
    assert kept_modes == {0o600}


# The same folder again


def test_only_what_is_new_is_copied_again(fashion: Fashion, kept: Path) -> None:
    first = fashion("backup", kept, "--json").facts
    assert first["kept"] == 0
    write_item(fashion.data / "uploads", "t2", ["tops"], 3)
    fashion("pregenerate")
    second = fashion("backup", kept, "--json").facts
    assert second["kept"] > 10
    assert second["copied"] < first["copied"]
    assert second["blobs"] > first["blobs"]
    # The earlier database, and the document that t2 changed.
    assert second["removed"] >= 1
    lose(fashion)
    assert restored(fashion, kept).code == 0


def test_what_no_record_names_any_more_leaves_the_folder(fashion: Fashion, kept: Path) -> None:
    """Else somebody who was erased would stay in it."""
    fashion("backup", kept)
    digest = manifest(kept)["files"]["uploads/users/u1.png"][0]
    blobs = [name for name in manifest(kept)["files"] if name.startswith("blobs/users/u1/")]
    assert blobs
    database = Database(fashion.data / "fashion.sqlite")
    with database.transaction() as connection:
        connection.execute("DELETE FROM products WHERE user = 'u1'")
    ordinal = next(user.ordinal for user in SqliteRecords(database).users() if user.id == "u1")
    SqliteRecords(database).bury(UploadRef(UploadKind.USER, "u1", ordinal), "2026-11-20T12:00:00Z")
    database.close()
    for path in [*(fashion.data / "uploads" / "users").glob("u1.*"), fashion.data / "export" / "u1.json"]:
        path.unlink()
    shutil.rmtree(fashion.data / "blobs" / "users" / "u1")
    gone = {stored(kept, name) for name in (*blobs, "uploads/users/u1.png")}
    assert fashion("backup", kept).code == 0
    assert [path for path in gone if path.exists()] == []
    assert digest not in json.dumps(manifest(kept))


def test_a_file_that_went_bad_in_the_backup_is_copied_again(fashion: Fashion, kept: Path) -> None:
    fashion("backup", kept)
    photo = stored(kept, "uploads/users/u1.png")
    flip(photo)
    answer = fashion("backup", kept, "--json").facts
    assert answer["copied"] >= 1
    assert photo.read_bytes() == (fashion.data / "uploads" / "users" / "u1.png").read_bytes()


def test_a_folder_with_anything_else_in_it_is_left_alone(fashion: Fashion, kept: Path) -> None:
    kept.mkdir()
    (kept / "thesis.txt").write_text("mine")
    answer = fashion("backup", kept)
    assert (answer.code, "thesis.txt" in answer.err) == (2, True)
    assert files(kept) == {"thesis.txt": b"mine"}


@pytest.mark.parametrize("place", ["data/backup", "data", "."])
def test_a_backup_beside_what_it_should_outlive_is_refused(
    fashion: Fashion, tmp_path: Path, place: str
) -> None:
    answer = fashion("backup", tmp_path / place)
    assert (answer.code, "another disk" in answer.err) == (2, True)


# Interrupted, or disturbed


def killed(fashion: Fashion, kept: Path, where: str) -> None:
    """`fashion backup` in a process that dies at a function of the backup."""
    code = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from tryon.stores.backup import folder, make\n"
        "def die(*arguments, **options): os.kill(os.getpid(), signal.SIGKILL)\n"
        f"{where} = die\n"
        "make.make_backup(Path(sys.argv[1]), Path(sys.argv[2]), lambda: '2026-11-20T12:00:00Z')\n"
    )
    done = subprocess.run([sys.executable, "-c", code, fashion.data, kept], check=False)
    assert done.returncode == -signal.SIGKILL


@pytest.mark.parametrize("where", ["make._copy_folder", "folder.write_whole", "folder.BackupFolder._prune"])
def test_a_killed_backup_leaves_the_earlier_one(fashion: Fashion, kept: Path, where: str) -> None:
    before = shown(fashion)
    fashion("backup", kept)
    write_user(fashion.data / "uploads", "u2", 7)
    fashion("plan")
    killed(fashion, kept, where)
    copy = kept.with_name("copy")
    shutil.copytree(kept, copy)
    after = shown(fashion)
    lose(fashion)
    assert restored(fashion, kept).code == 0
    # Once the new manifest is in place, the new backup counts.
    assert shown(fashion) == (after if where.endswith("_prune") else before)
    # And the next backup into that folder is whole and tidy.
    assert fashion("backup", copy).code == 0
    entries = {entry[0] for entry in manifest(copy)["files"].values()}
    assert {path.name for path in (copy / "files").rglob("*") if path.is_file()} == entries
    assert [path.name for path in copy.iterdir() if path.name.startswith(".")] == []


def test_a_killed_first_backup_is_none(fashion: Fashion, kept: Path) -> None:
    killed(fashion, kept, "folder.write_whole")
    lose(fashion)
    answer = restored(fashion, kept)
    assert (answer.code, "no finished backup" in answer.facts["error"]["message"]) == (2, True)
    assert not fashion.data.exists()


def writer(data: Path) -> None:
    """Publishes one record after another, each blob before its record, until it is killed."""
    from dataclasses import replace
    from hashlib import sha256
    from itertools import count

    from tryon.core.records import BlobFacts
    from tryon.stores.files import FileBlobs

    records, blobs = SqliteRecords(Database(data / "fashion.sqlite")), FileBlobs(data / "blobs")
    for number in count():
        picture = f"picture {number}".encode()
        facts = BlobFacts(sha256(picture).hexdigest(), "webp", len(picture))
        one = replace(record(f"key {number}"), result=facts, user="u1", uploads=())
        blobs.put(one.path, picture)
        records.publish([one])
        print(number, flush=True)  # noqa: T201


def test_a_backup_during_a_writer_holds_a_blob_for_every_record(fashion: Fashion, kept: Path) -> None:
    code = "from pathlib import Path; import sys; from tests.cli.test_backup import writer; writer(Path(sys.argv[1]))"
    with subprocess.Popen([sys.executable, "-c", code, fashion.data], stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        counts = [fashion("backup", kept, "--json").facts["records"] for _ in range(3)]
        process.stdout.readline()
        process.kill()
    assert counts[0] < counts[1] < counts[2]
    lose(fashion)
    assert restored(fashion, kept).code == 0
    database = Database(fashion.data / "fashion.sqlite")
    published = [r for r in SqliteRecords(database).of_user("u1") if r.verdict == "published"]
    assert len(published) > 3
    assert [r.name for r in published if not (fashion.data / "blobs" / r.path).is_file()] == []
    database.close()


def test_what_an_audit_withdraws_meanwhile_is_no_failure(
    fashion: Fashion, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record goes first, then its blob: a fresh copy of the database names neither."""
    copy_blobs, calls = make._copy_blobs, list[int]()

    def audited(data: Path, folder: Any, blobs: Any) -> Any:
        calls.append(len(blobs))
        if len(calls) == 1:
            database = Database(data / "fashion.sqlite")
            with database.transaction() as connection:
                connection.execute("DELETE FROM products WHERE user = 'u1' AND stage = 'splat'")
            database.close()
            for path in (data / "blobs" / "users" / "u1").glob("*.ply"):
                path.unlink()
        return copy_blobs(data, folder, blobs)

    monkeypatch.setattr(make, "_copy_blobs", audited)
    assert fashion("backup", kept).code == 0
    assert calls == [calls[0], calls[0] - 1]


def test_who_is_erased_meanwhile_is_not_in_it(
    fashion: Fashion, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_folder, calls = make._copy_folder, list[str]()

    def erased(data: Path, name: str, folder: Any) -> Any:
        found = copy_folder(data, name, folder)
        calls.append(name)
        if calls == ["uploads"]:
            database = Database(data / "fashion.sqlite")
            tiny = next(user for user in SqliteRecords(database).users() if user.id == "tiny")
            SqliteRecords(database).bury(
                UploadRef(UploadKind.USER, "tiny", tiny.ordinal), "2026-11-20T12:00:00Z"
            )
            database.close()
            for path in [*(data / "uploads" / "users").glob("tiny.*"), data / "export" / "tiny.json"]:
                path.unlink()
        return found

    monkeypatch.setattr(make, "_copy_folder", erased)
    assert fashion("backup", kept, "--json").facts["users"] == 1
    assert "tiny" not in "".join(manifest(kept)["files"])


def test_a_stored_file_that_is_gone_is_said_and_the_earlier_backup_stays(
    fashion: Fashion, kept: Path
) -> None:
    blob = fashion.data / "blobs" / fashion("why", "u1", LOOK, "--json").facts["record"]["blob"]
    data = blob.read_bytes()
    blob.unlink()
    answer = fashion("backup", kept, "--json")
    assert answer.code == 1
    assert f"{LOOK} of u1" in answer.facts["error"]["message"]
    assert not (kept / "manifest.json").exists()
    blob.write_bytes(data)
    assert fashion("backup", kept).code == 0
    # Of a file that the backup holds already, the living copy need not be there.
    blob.unlink()
    assert fashion("backup", kept).code == 0


def test_two_backups_into_one_folder_are_kept_apart(fashion: Fashion, kept: Path) -> None:
    from tryon.stores.backup.folder import opened

    with opened(kept):
        answer = fashion("backup", kept, "--json")
    assert (answer.code, answer.facts["error"]["code"]) == (1, "store_locked")


# A restore puts everything in place, or nothing


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("name", ["fashion.sqlite", "uploads/users/u1.png", "export/u1.json"])
@pytest.mark.parametrize("harm", [flip, Path.unlink])
def test_a_damaged_backup_restores_nothing(
    fashion: Fashion, kept: Path, name: str, harm: Callable[[Path], None]
) -> None:
    fashion("backup", kept)
    harm(stored(kept, name))
    lose(fashion)
    answer = restored(fashion, kept)
    assert (answer.code, answer.facts["error"]["code"]) == (1, "store_damaged")
    assert name in answer.facts["error"]["message"]
    assert not fashion.data.exists()
    assert sorted(path.name for path in fashion.data.parent.iterdir()) == ["kept"]


def test_a_changed_manifest_restores_nothing(fashion: Fashion, kept: Path) -> None:
    fashion("backup", kept)
    path = kept / "manifest.json"
    path.write_text(path.read_text().replace("uploads/users/u1.png", "uploads/users/u7.png"))
    lose(fashion)
    assert restored(fashion, kept).facts["error"]["code"] == "store_damaged"
    assert not fashion.data.exists()


def test_a_newer_schema_is_refused(fashion: Fashion, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fashion("backup", kept)
    lose(fashion)
    monkeypatch.setattr("tryon.stores.backup.restore.migrations", list)
    answer = restored(fashion, kept)
    assert (answer.code, "schema" in answer.facts["error"]["message"]) == (2, True)


def test_a_folder_in_use_is_never_overwritten(fashion: Fashion, kept: Path) -> None:
    fashion("backup", kept)
    before = files(fashion.data / "blobs") | files(fashion.data / "uploads"), shown(fashion)
    answer = restored(fashion, kept)
    assert (answer.code, "fashion.sqlite" in answer.facts["error"]["message"]) == (2, True)
    assert (files(fashion.data / "blobs") | files(fashion.data / "uploads"), shown(fashion)) == before


def test_an_empty_folder_is_filled(fashion: Fashion, kept: Path) -> None:
    fashion("backup", kept)
    lose(fashion)
    fashion.data.mkdir()
    assert restored(fashion, kept).code == 0
    assert fashion("status").code == 0


def test_a_mounted_folder_is_filled_from_inside(
    fashion: Fashion, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fashion("backup", kept)
    lose(fashion)
    fashion.data.mkdir()
    (fashion.data / ".restoring").mkdir()
    monkeypatch.setattr(os.path, "ismount", lambda path: Path(path) == fashion.data.resolve())
    assert restored(fashion, kept).code == 0
    assert fashion("status").code == 0
    assert not (fashion.data / ".restoring").exists()


# Nobody who was erased comes back


def receipt(folder: Path, fashion: Fashion, user: str) -> Path:
    """As `fashion erase-user` writes it."""
    folder.mkdir()
    ordinal = next(u.ordinal for u in fashion.pipeline.records.users() if u.id == user)
    facts = {
        "kind": "user",
        "id": user,
        "ordinal": ordinal,
        "buried_at": "2026-11-20T12:00:00Z",
        "erased_at": "2026-11-20T12:00:05Z",
    }
    (folder / f"user-{user}-{ordinal}.json").write_text(json.dumps(facts))
    return folder


def test_a_restore_asks_who_was_erased_since(fashion: Fashion, kept: Path) -> None:
    fashion("backup", kept)
    lose(fashion)
    answer = fashion("restore", kept)
    assert (answer.code, "--receipts" in answer.err, "--no-receipts" in answer.err) == (2, True, True)
    assert not fashion.data.exists()


def test_who_was_erased_after_the_backup_stays_gone(fashion: Fashion, kept: Path, tmp_path: Path) -> None:
    fashion("backup", kept)
    receipts = receipt(tmp_path / "receipts", fashion, "u1")
    photo = (fashion.data / "uploads" / "users" / "u1.png").read_bytes()
    lose(fashion)
    answer = restored(fashion, kept, "--receipts", receipts)
    assert answer.code == 1
    assert answer.facts["withheld"] == [{"kind": "user", "id": "u1"}]
    assert answer.facts["commands"] == ["fashion erase-user u1"]
    assert (
        not (fashion.data / "blobs" / "users" / "u1").is_dir()
        or files(fashion.data / "blobs" / "users" / "u1") == {}
    )
    assert photo not in files(fashion.data).values()
    assert not (fashion.data / "export" / "u1.json").exists()
    assert fashion("pregenerate", "--json").facts["engine_calls"] == 0
    assert [user["user"] for user in fashion("status", "--json").facts["users"]] == ["tiny"]
    assert fashion("why", "u1", LOOK).code == 2


def test_who_was_erased_before_the_backup_and_came_again_is_restored(
    fashion: Fashion, kept: Path, tmp_path: Path
) -> None:
    """A later upload under the same id is a new one, with an ordinal of its own."""
    receipts = receipt(tmp_path / "receipts", fashion, "tiny")
    database = Database(fashion.data / "fashion.sqlite")
    tiny = next(user for user in SqliteRecords(database).users() if user.id == "tiny")
    SqliteRecords(database).bury(UploadRef(UploadKind.USER, "tiny", tiny.ordinal), "2026-11-20T12:00:00Z")
    SqliteRecords(database).register([upload(UploadKind.USER, "tiny")])
    database.close()
    fashion("backup", kept)
    lose(fashion)
    answer = restored(fashion, kept, "--receipts", receipts)
    assert (answer.code, answer.facts["withheld"]) == (0, [])
    assert (fashion.data / "uploads" / "users" / "tiny.png").is_file()


def test_a_photo_that_was_registered_only_after_the_backup_stays_gone(
    fashion: Fashion, kept: Path, tmp_path: Path
) -> None:
    write_user(fashion.data / "uploads", "late", 9)
    fashion("backup", kept)
    fashion("plan")
    receipts = receipt(tmp_path / "receipts", fashion, "late")
    lose(fashion)
    answer = restored(fashion, kept, "--receipts", receipts)
    # No record knows this person: there is nothing to finish.
    assert (answer.code, answer.facts["withheld"]) == (0, [{"kind": "user", "id": "late"}])
    assert not (fashion.data / "uploads" / "users" / "late.png").exists()


def test_a_receipt_that_cannot_be_read_is_not_passed_over(
    fashion: Fashion, kept: Path, tmp_path: Path
) -> None:
    fashion("backup", kept)
    receipts = receipt(tmp_path / "receipts", fashion, "u1")
    next(receipts.iterdir()).write_text("{")
    lose(fashion)
    assert restored(fashion, kept, "--receipts", receipts).code == 2
    assert not fashion.data.exists()
