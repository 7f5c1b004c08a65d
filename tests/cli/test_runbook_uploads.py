"""The runbook's section "Uploads are not picked up": its commands run, and show what it says."""

from __future__ import annotations

import re
import shlex

import pytest

from bench.uploads import write_user
from tests.cli.conftest import Fashion
from tests.docs.pages import ROOT, sections

SECTION = sections(ROOT / "docs/runbook.md")["Uploads are not picked up"]
COMMANDS = re.findall(r"^fashion (.+)$", SECTION, re.MULTILINE)


def test_the_section_has_commands() -> None:
    assert COMMANDS == ["plan", "logs --limit 20", "doctor", "pregenerate"]


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_runs(fashion: Fashion, command: str) -> None:
    write_user(fashion.data / "uploads", "zoe", 5)
    assert fashion(*shlex.split(command)).code == 0


def test_the_plan_names_what_is_not_accepted_and_why(fashion: Fashion) -> None:
    write_user(fashion.data / "uploads", "zoe", 5)
    (fashion.data / "uploads/users/zoe.json").unlink()
    answer = fashion("plan")
    assert "zoe" in answer.out + answer.err
    assert "sidecar" in answer.out + answer.err


def test_pregenerate_makes_everything_without_the_daemon(fashion: Fashion) -> None:
    write_user(fashion.data / "uploads", "zoe", 5)
    assert fashion("pregenerate", "--json").code == 0
    assert fashion.pipeline.plan().nothing
