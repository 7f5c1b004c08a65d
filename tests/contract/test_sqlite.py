"""What only the SQLite file promises: migrations, reopening, several processes, leases of the dead."""

from __future__ import annotations

import multiprocessing
import os
import socket
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.contract.verdicts import publish_all, record, upload
from tryon.core.recipes import Input
from tryon.core.records import Publication
from tryon.core.uploads import UploadKind
from tryon.stores.holders import lease_holder
from tryon.stores.sqlite import database as module
from tryon.stores.sqlite.database import Database
from tryon.stores.sqlite.events import SqliteEventLog
from tryon.stores.sqlite.records import SqliteRecords


def value(database: Database, sql: str) -> object:
    found: object = database.connection().execute(sql).fetchone()[0]
    return found


def schema(path: Path) -> list[str]:
    with sqlite3.connect(path) as connection:
        found = [row[0] for row in connection.execute("SELECT sql FROM sqlite_master ORDER BY name")]
    connection.close()
    return found


def test_readers_and_a_writer_do_not_block_each_other(database: Database) -> None:
    assert value(database, "PRAGMA journal_mode") == "wal"


def test_a_commit_survives_a_power_cut(database: Database) -> None:
    full = 2
    assert value(database, "PRAGMA synchronous") == full


def test_deleted_rows_are_overwritten(database: Database) -> None:
    assert value(database, "PRAGMA secure_delete") == 1


def test_opening_again_changes_nothing(database: Database) -> None:
    before = schema(database.path)
    Database(database.path).close()
    assert schema(database.path) == before


def test_everything_survives_reopening(tmp_path: Path) -> None:
    path = tmp_path / "fashion.sqlite"
    first = Database(path)
    SqliteRecords(first).register([upload(UploadKind.USER, "ann"), upload(UploadKind.ITEM, "tee")])
    SqliteRecords(first).publish([record("a")])
    first.close()
    again = Database(path)
    assert SqliteRecords(again).find([record("a").input]) == {("a", 1): record("a")}
    assert SqliteRecords(again).publish([record("a")]) == [Publication.LOST]
    again.close()


def migrations(folder: Path, *steps: str) -> Path:
    (folder / "migrations").mkdir(exist_ok=True)
    for number, step in enumerate(steps, start=1):
        (folder / "migrations" / f"{number:04}.sql").write_text(step)
    return folder


def test_a_failing_migration_leaves_nothing_half_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, half = (
        "CREATE TABLE a (x);\n",
        "CREATE TABLE b (x);\nINSERT INTO b VALUES (1);\nCREATE TABLE a (x);\n",
    )
    monkeypatch.setattr(module, "files", lambda _: migrations(tmp_path, good))
    path = tmp_path / "fashion.sqlite"
    Database(path).close()
    monkeypatch.setattr(module, "files", lambda _: migrations(tmp_path, good, half))
    with pytest.raises(sqlite3.OperationalError, match="already exists"):
        Database(path)
    assert schema(path) == ["CREATE TABLE a (x)"]
    whole = half.replace("CREATE TABLE a", "CREATE TABLE c")
    monkeypatch.setattr(module, "files", lambda _: migrations(tmp_path, good, whole))
    repaired = Database(path)
    assert (value(repaired, "SELECT count(*) FROM b"), value(repaired, "PRAGMA user_version")) == (1, 2)
    repaired.close()


def test_a_statement_may_span_lines_and_hold_semicolons(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = "-- a; b\nCREATE TABLE a (\n  x TEXT DEFAULT ';'\n);\nINSERT INTO a DEFAULT VALUES;"
    monkeypatch.setattr(module, "files", lambda _: migrations(tmp_path, step))
    database = Database(tmp_path / "fashion.sqlite")
    assert value(database, "SELECT x FROM a") == ";"
    database.close()


def test_an_interrupted_transaction_is_rolled_back(database: Database) -> None:
    def interrupted() -> None:
        with database.transaction() as connection:
            connection.execute("INSERT INTO history VALUES ('crop', 1, 1, 1)")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert value(database, "SELECT count(*) FROM history") == 0
    SqliteEventLog(database).append([])


def test_of_two_processes_one_publishes_each_key(tmp_path: Path) -> None:
    path, keys = tmp_path / "fashion.sqlite", [f"k{n}" for n in range(60)]
    Database(path).close()
    spawn = multiprocessing.get_context("spawn")
    with spawn.Manager() as manager, spawn.Pool(2) as pool:
        start = manager.Barrier(2)
        calls = [pool.apply_async(publish_all, (path, token, keys, start)) for token in ("one", "two")]
        results = [call.get(timeout=60) for call in calls]
        pool.close()
        pool.join()
    outcomes = Counter(tuple(sorted(pair)) for pair in zip(*results, strict=True))
    assert outcomes == {("lost", "won"): 60}
    database = Database(path)
    found = SqliteRecords(database).find([Input(key, 1) for key in keys])
    winners = ["one" if row[0] == "won" else "two" for row in zip(*results, strict=True)]
    assert [found[Input(key, 1)].token for key in keys] == winners
    database.close()


def dead_pid() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_the_lease_of_a_dead_process_lapses_at_once(database: Database) -> None:
    records = SqliteRecords(database)
    records.claim(["a"], f"{socket.gethostname()}:{dead_pid()}.12345:run", 900)
    assert records.claim(["a"], f"{lease_holder()}:other run", 900) == {"a"}


def test_a_later_process_with_the_same_number_is_another_one(database: Database) -> None:
    """Containers give out low numbers again and again."""
    records = SqliteRecords(database)
    records.claim(["a"], f"{socket.gethostname()}:{os.getpid()}.1:run", 900)
    assert records.claim(["a"], f"{lease_holder()}:other run", 900) == {"a"}


def test_the_lease_of_a_living_process_holds(database: Database) -> None:
    records = SqliteRecords(database)
    records.claim(["a"], f"{lease_holder()}:run", 900)
    assert records.claim(["a"], f"{lease_holder()}:other run", 900) == set()


def test_the_lease_of_another_machine_holds_until_it_expires(database: Database) -> None:
    records = SqliteRecords(database)
    records.claim(["a"], f"elsewhere:{dead_pid()}:run", 900)
    assert records.claim(["a"], "me:1:run", 900) == set()


def test_who_may_still_publish(database: Database) -> None:
    """A living process, however overdue; one on another machine until an hour after its lease; never a dead one."""
    records = SqliteRecords(database)
    dead = f"{socket.gethostname()}:{dead_pid()}.12345:run"
    for key, holder, seconds in [
        ("alive", f"{lease_holder()}:run", 900.0),
        ("dead", dead, 900.0),
        ("elsewhere", "elsewhere:1:run", 900.0),
        ("lost", "elsewhere:2:run", -3601.0),
        ("overdue", f"{lease_holder()}:run", -10.0),
        ("overdue elsewhere", "elsewhere:3:run", -10.0),
    ]:
        records.claim([key], holder, seconds)
    found = {lease.key for lease in records.leases() if lease.alive}
    assert found == {"alive", "elsewhere", "overdue", "overdue elsewhere"}


def test_a_withdrawal_leaves_the_history(database: Database) -> None:
    """What was spent was spent."""
    records = SqliteRecords(database)
    records.register([upload(UploadKind.USER, "ann"), upload(UploadKind.ITEM, "tee")])
    records.publish([record("a")])
    before = records.history()
    records.withdraw([record("a")])
    assert records.history() == before != {}


def test_a_holder_names_its_process() -> None:
    assert lease_holder().startswith(f"{socket.gethostname()}:{os.getpid()}.")
