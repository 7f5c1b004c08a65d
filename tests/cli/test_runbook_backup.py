"""The runbook's sections on disks and backups: every command in them, in order, over a small catalogue."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Fashion
from tests.docs.pages import ROOT, sections
from tests.peers.lacking import lacking

SECTIONS = sections(ROOT / "docs" / "runbook.md")


def commands(title: str) -> list[list[str]]:
    lines = "".join(SECTIONS[title].split("```\n")[1::2]).splitlines()
    return [shlex.split(line) for line in lines]


def run(command: list[str], place: Path) -> None:
    """As it stands there, with another place for the backup disk."""
    words = [word.replace("/mnt/backup", str(place / "disk")) for word in command]
    if words[0] == "fashion":
        answer = Fashion(place / "data")(*words[1:])
        assert answer.code == 0, (words, answer)
    else:
        subprocess.run(words, check=True, capture_output=True)


@pytest.mark.parametrize(
    "title", ["The disk is full, read-only, or the database is locked", "Backup and restore"]
)
def test_every_command_runs(
    fashion: Fashion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, title: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (fashion.data / "receipts").mkdir()
    found = commands(title)
    assert len(found) >= 4
    for command in found:
        run(command, tmp_path)
    assert (fashion.data / "fashion.sqlite").is_file()


def test_fuser_names_who_holds_the_database(fashion: Fashion) -> None:
    if not shutil.which("fuser"):
        lacking("fuser is not installed; on Debian: apt-get install psmisc")
    with (fashion.data / "fashion.sqlite").open("rb"):
        named = subprocess.run(
            ["fuser", "-v", fashion.data / "fashion.sqlite"], capture_output=True, text=True, check=True
        )
    assert "python" in named.stderr
