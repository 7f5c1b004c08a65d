"""Every command of the runbook does what the page needs of it: it is known, its options are, and it answers."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from bench.uploads import write_item, write_user
from tests.cli.conftest import Fashion
from tests.docs.pages import ROOT, blocks, spans

RUNBOOK = ROOT / "docs/runbook.md"
ELSEWHERE = {
    "automation": "tests/cli/test_automation.py",
    "pause": "tests/cli/test_automation.py",
    "resume": "tests/cli/test_automation.py",
    "ui": "tests/cli/test_ui.py",
    "pictures": "tests/cli/test_ui.py",
    "backup": "tests/cli/test_backup.py",
    "restore": "tests/cli/test_backup.py",
}
"""Commands that need a running Dagster, ports or folders of their own, and the file that runs them."""


def commands() -> list[str]:
    text = [line for block in blocks(RUNBOOK) for line in block.text.splitlines()] + spans(RUNBOOK)
    found = [line.strip() for line in text if re.match(r"fashion [a-z]", line)]
    return list(dict.fromkeys(found))


def name_of(command: str) -> str:
    return command.split()[1]


HERE = [command for command in commands() if name_of(command) not in ELSEWHERE]


@pytest.fixture(scope="module")
def pregenerated(tmp_path_factory: pytest.TempPathFactory) -> Fashion:
    """With the ids that the page uses. To be read only."""
    fashion = Fashion(tmp_path_factory.mktemp("runbook") / "data")
    write_user(fashion.data / "uploads", "u1", 1)
    write_item(fashion.data / "uploads", "tee-sun", ["tops"], 1)
    assert fashion("pregenerate").code == 0
    return fashion


@pytest.fixture
def catalogue(pregenerated: Fashion, tmp_path: Path) -> Fashion:
    """A copy to change."""
    shutil.copytree(pregenerated.data, tmp_path / "data")
    return Fashion(tmp_path / "data")


def test_the_page_has_commands() -> None:
    assert len(HERE) >= 12
    assert {name_of(command) for command in commands()} >= {"plan", "erase-user", "audit", "retry", "rollout"}


@pytest.mark.parametrize("command", HERE)
def test_a_command_of_the_page_answers(
    catalogue: Fashion, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 2 would mean that the page asks for something that does not exist."""
    monkeypatch.chdir(tmp_path)
    arguments = shlex.split(command)[1:]
    if arguments[0] == "verify-receipt":
        catalogue("erase-user", "u1", "--yes")
        arguments[1] = str(next((catalogue.data / "receipts").iterdir()))
    if arguments[0] in ("erase-user", "erase-item"):
        arguments.append("--yes")
    if arguments[0] == "rollout":
        arguments += ["--yes", "--again"]
    if arguments[:1] == ["export"]:
        arguments.append(str(tmp_path / "out"))
    if arguments[:1] == ["why"]:
        arguments[1:] = ["u1", "tee-sun.tops"]
    answer = catalogue(*arguments)
    assert answer.code in (0, 1), answer.err
    assert answer.out


@pytest.mark.parametrize("command", sorted(ELSEWHERE))
def test_the_others_are_run_where_their_world_is(command: str) -> None:
    assert (
        f'"{command}"' in (ROOT / ELSEWHERE[command]).read_text()
        or f"fashion {command}" in (ROOT / ELSEWHERE[command]).read_text()
    )
