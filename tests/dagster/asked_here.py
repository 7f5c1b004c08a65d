"""The program that `fashion pause` asks Dagster with, in this process: nearly all of its time goes into its imports.

As a program it is asked by tests/cli/test_automation.py. What it asks, of which storage and location, is the same.
"""

from __future__ import annotations

from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass

import pytest
from dagster_graphql.cli import cli

from fashion_assets.switches import Switches


@dataclass(frozen=True)
class AskedHere(Switches):
    def _run(self, command: list[str], environment: dict[str, str]) -> None:
        options = command[command.index("-w") :]
        with pytest.MonkeyPatch.context() as patch, self.log.open("a") as log:
            for name in ("DAGSTER_HOME", "FASHION_DATA"):
                patch.setenv(name, environment[name])
            patch.chdir(self.workspace.parent)
            with redirect_stdout(log), redirect_stderr(log):
                cli(options, obj={}, standalone_mode=False)
