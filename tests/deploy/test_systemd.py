"""The unit of systemd: what it starts exists, and it may do nothing but its work."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import typer.main

from fashion_assets.cli import app
from tests.deploy.apps import ROOT
from tryon.settings import Settings

UNIT = ROOT / "deploy/systemd/fashion-tryon.service"
ANALYZE = shutil.which("systemd-analyze")
LOOSEST = 2.5
"""systemd's own figure for a unit's exposure, 0 to 10; a unit without any protection has 9.6."""


def lines() -> list[tuple[str, str]]:
    """(key, value) of each, in order."""
    found = (line.partition("=") for line in UNIT.read_text().splitlines() if re.match(r"\w+=", line))
    return [(key, value) for key, _, value in found]


def values(key: str) -> list[str]:
    return [value for name, value in lines() if name == key]


def test_what_it_starts_are_commands_and_options_that_exist() -> None:
    group = typer.main.get_group(app)
    for typed in (*values("ExecStartPre"), *values("ExecStart")):
        program, *words = typed.split()
        assert program.endswith("/.venv/bin/fashion")
        command: object = group
        while words and not words[0].startswith("-"):
            command = command.commands[words.pop(0)]  # type: ignore[attr-defined]
        options = {option for parameter in command.params for option in parameter.opts}  # type: ignore[attr-defined]
        assert {word for word in words if word.startswith("-")} <= options


def test_it_listens_on_the_loopback_at_the_services_port() -> None:
    (start,) = values("ExecStart")
    port = Settings.model_fields["tryon_port"].default
    assert start.endswith(f"fashion serve tryon --host 127.0.0.1 --port {port}")


def test_its_variables_are_settings_and_its_folders_are_those_it_may_write() -> None:
    variables = dict(value.split("=", 1) for value in values("Environment"))
    assert {name.removeprefix("FASHION_").lower() for name in variables} <= {*Settings.model_fields}
    assert variables["FASHION_DEVICE"] == "cuda"
    folders = {f"/var/lib/{values('StateDirectory')[0]}", f"/var/cache/{values('CacheDirectory')[0]}"}
    for name in ("FASHION_DATA", "FASHION_MODELS"):
        assert any(variables[name].startswith(folder) for folder in folders)
    assert values("EnvironmentFile") == ["-/etc/fashion/tryon.env"]


@pytest.mark.parametrize(
    "key",
    [
        "DynamicUser", "NoNewPrivileges", "ProtectHome", "PrivateTmp", "ProtectClock", "ProtectHostname",
        "ProtectKernelLogs", "ProtectKernelModules", "ProtectKernelTunables", "ProtectControlGroups",
        "RestrictNamespaces", "RestrictRealtime", "RestrictSUIDSGID", "LockPersonality",
    ],
)  # fmt: skip
def test_it_is_shut_in(key: str) -> None:
    assert values(key) == ["yes"]


def test_it_has_no_capability_and_no_device_but_the_gpu() -> None:
    assert values("CapabilityBoundingSet") == values("AmbientCapabilities") == [""]
    assert values("ProtectSystem") == ["strict"]
    assert values("DevicePolicy") == ["closed"]
    assert all(value.startswith("char-nvidia") for value in values("DeviceAllow"))


def test_no_secret_is_in_it() -> None:
    assert "KEY" not in "".join(f"{key}={value}" for key, value in lines()).upper().replace("KEYRINGMODE", "")


@pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed here")
def test_systemd_reads_it_and_finds_it_well_shut(tmp_path: Path) -> None:
    """The program is not in /opt here, so the copy starts another one."""
    assert ANALYZE is not None
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text().replace("/opt/fashion-assets/.venv/bin/fashion", "/bin/true"))
    read = subprocess.run([ANALYZE, "verify", copy], capture_output=True, text=True, check=False)
    assert (read.returncode, [line for line in read.stderr.splitlines() if UNIT.name in line]) == (0, [])
    found = subprocess.run(
        [ANALYZE, "security", "--offline=true", "--no-pager", copy],
        capture_output=True,
        text=True,
        check=False,
    )
    exposure = re.search(r"Overall exposure level for \S+: ([\d.]+)", found.stdout)
    assert exposure is not None, found.stdout + found.stderr
    assert float(exposure[1]) <= LOOSEST
