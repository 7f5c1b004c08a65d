"""`audit`: exit codes, the screens, and the way back from damage that the runbook describes."""

from __future__ import annotations

from pathlib import Path

from bench.uploads import write_user
from tests.cli.conftest import LOOK, Fashion


def blobs(fashion: Fashion) -> list[Path]:
    return sorted(path for path in (fashion.data / "blobs").rglob("*") if path.is_file())


def image(fashion: Fashion) -> Path:
    path: str = fashion("why", "u1", LOOK, "--json").facts["record"]["blob"]
    return fashion.data / "blobs" / path


def test_a_healthy_store(fashion: Fashion) -> None:
    answer = fashion("audit", "--json")
    assert (answer.code, answer.facts["wrong"], answer.facts["orphans"]) == (0, 0, [])
    assert answer.facts["blobs"] == len(blobs(fashion))
    assert "Nothing is wrong" in fashion("audit").out


def test_damage_is_named_repaired_and_made_again(fashion: Fashion) -> None:
    """docs/runbook.md, `Blobs are missing or damaged`, command by command."""
    blob = image(fashion)
    blob.write_bytes(b"something else")
    assert fashion("why", "u1", LOOK, "--json").facts["cause"] == "damaged"
    answer = fashion("audit")
    assert answer.code == 1
    assert f"tryon {LOOK} has other bytes than were published" in answer.out
    assert "fashion audit --repair" in answer.out
    repaired = fashion("audit", "--repair")
    assert repaired.code == 1
    assert "1 products have to be made again: fashion pregenerate" in repaired.out
    explained = fashion("why", "u1", LOOK, "--json").facts
    assert (explained["cause"], "has other bytes" in explained["reason"]) == ("failed", True)
    assert fashion("pregenerate").code == 0
    assert fashion("audit").code == 0
    assert fashion("why", "u1", LOOK).code == 0


def test_orphans_are_deleted(fashion: Fashion) -> None:
    orphan = fashion.data / "blobs/users/u1" / f"{'0' * 64}.webp"
    orphan.write_bytes(b"half")
    assert fashion("audit").code == 1
    assert orphan.exists()
    assert fashion("audit", "--repair").code == 0
    assert not orphan.exists()


def test_the_grace_of_superseded_results(fashion: Fashion) -> None:
    write_user(fashion.data / "uploads", "u1", 77)
    fashion("pregenerate")
    kept = fashion("audit", "--repair", "--json").facts
    assert (kept["superseded"] > 0, kept["expired"]) == (True, 0)
    collected = fashion("audit", "--repair", "--grace-days", "0", "--json").facts
    assert collected["expired"] == kept["superseded"]
    assert fashion("audit", "--json").facts["superseded"] == 0
    assert fashion("why", "u1", LOOK).code == 0


def test_an_unmounted_disk_is_no_damage(fashion: Fashion) -> None:
    (fashion.data / "blobs").rename(fashion.data / "elsewhere")
    answer = fashion("audit", "--repair")
    assert answer.code == 1
    assert "is the disk mounted" in answer.err
    (fashion.data / "elsewhere").rename(fashion.data / "blobs")
    assert fashion("audit").code == 0


def test_a_negative_grace_is_bad_use(fashion: Fashion) -> None:
    assert fashion("audit", "--grace-days", "-1").code == 2
