"""deploy/docker as data: services, instructions of the Dockerfile, names of variables."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import yaml  # type: ignore[import-untyped]

ROOT = Path(__file__).parents[2]
DOCKER = ROOT / "deploy" / "docker"
DAGSTER = ("code", "daemon", "webserver")
"""The services that run our image."""


def read_yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def compose() -> Any:
    return read_yaml(DOCKER / "compose.yaml")


class Instruction(NamedTuple):
    """One of the Dockerfile. options: as in --from=build."""

    name: str
    options: list[str]
    words: list[str]


def dockerfile() -> list[Instruction]:
    text = re.sub(r"^#.*\n", "", (DOCKER / "Dockerfile").read_text(), flags=re.MULTILINE)
    found = []
    for line in filter(None, text.replace("\\\n", " ").splitlines()):
        name, *words = line.split()
        options = [word for word in words if word.startswith("--") and name != "RUN"]
        found.append(Instruction(name, options, [word for word in words if word not in options]))
    return found


def instructions(name: str) -> list[Instruction]:
    return [found for found in dockerfile() if found.name == name]


def exec_form(words: list[str]) -> list[str]:
    """CMD ["a", "b"] -> [a, b]."""
    found: list[str] = json.loads(" ".join(words))
    return found


def copied() -> list[str]:
    """What the image gets of the repository."""
    own = [found for found in instructions("COPY") if not found.options]
    return [source for found in own for source in found.words[:-1]]


def example() -> dict[str, str]:
    """NAME -> value of every line that is set in .env.example."""
    lines = (DOCKER / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if re.match(r"[A-Z_]+=", line))


def offered() -> set[str]:
    """Names that .env.example only shows, behind a #."""
    return set(re.findall(r"^# ([A-Z_]+)=", (DOCKER / ".env.example").read_text(), re.MULTILINE))


def seconds(duration: str) -> int:
    """20m -> 1200."""
    return int(duration[:-1]) * {"s": 1, "m": 60, "h": 3600}[duration[-1]]
