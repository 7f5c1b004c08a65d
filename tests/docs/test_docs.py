"""What the documentation says is what the code does: commands, settings, targets, links, figures, examples."""

from __future__ import annotations

import contextlib
import io
import json
import re
from ast import literal_eval
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import typer.main

from fashion_assets.cli import app
from fashion_assets.policy import GROUPS
from jobs.pregenerate import ASSETS as JOBS
from tests.docs.pages import (
    ADR,
    CLIENTS,
    HOW_IT_WORKS,
    OPERATIONS,
    OWNERSHIP,
    PAGES,
    README,
    ROOT,
    TROUBLESHOOTING,
    anchors,
    blocks,
    links,
    prose,
    rows,
    sections,
    spans,
)
from tryon.core.events import EventKind, LogEvent
from tryon.settings import Settings


def commands_of(group: Any, prefix: str = "") -> dict[str, Any]:
    """Every command by what is typed after `fashion`; those of a group as "models pull"."""
    found: dict[str, Any] = {}
    for word, command in group.commands.items():
        typed = f"{prefix}{word}"
        found |= commands_of(command, f"{typed} ") if hasattr(command, "commands") else {typed: command}
    return found


COMMANDS = commands_of(typer.main.get_group(app))
SOURCES = [
    path
    for room in ("tryon", "fashion_assets", "jobs", "sensors", "bench")
    for path in (ROOT / room).rglob("*.py")
]


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


# Commands and settings


def test_every_command_is_documented_and_every_documented_command_exists() -> None:
    documented = re.findall(r"^### `fashion ([\w -]+)`$", prose(OPERATIONS), re.MULTILINE)
    assert sorted(documented) == sorted(COMMANDS)


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_option_is_documented_and_every_documented_option_exists(command: str) -> None:
    options = {option for p in COMMANDS[command].params for option in p.opts if option.startswith("-")}
    text = sections(OPERATIONS)[f"`fashion {command}`"]
    named = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", " ".join(re.findall(r"`[^`\n]+`", text))))
    assert named - {"--json"} == options - {"--json", "--help"}


def test_every_command_takes_json() -> None:
    assert "Every command takes `--json`" in prose(OPERATIONS)
    assert [c for c in COMMANDS if "--json" not in {o for p in COMMANDS[c].params for o in p.opts}] == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_commands_in_examples_exist(page: Path) -> None:
    text = "\n".join([*(block.text for block in blocks(page) if not block.language), *spans(page)])
    typed = re.findall(r"^(?:\.venv/bin/)?fashion ((?:[a-z][\w-]* ?)+)", text, re.MULTILINE)
    unknown = [words for words in typed if not any(f"{words.strip()} ".startswith(f"{c} ") for c in COMMANDS)]
    assert unknown == []


def test_every_setting_is_documented_with_its_default() -> None:
    found = {row[0].strip("`"): row[1].strip("`") for row in rows(sections(OPERATIONS)["Settings"])[1:]}
    named = {
        str(field.validation_alias or f"FASHION_{name.upper()}"): str(field.default)
        for name, field in Settings.model_fields.items()
    }
    assert found == named


def test_every_asset_and_job_is_documented() -> None:
    assert {*GROUPS, *JOBS} <= set(spans(OPERATIONS))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_make_targets_exist(page: Path) -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    text = "\n".join([*(block.text for block in blocks(page)), *spans(page)])
    assert set(re.findall(r"^make (\w+)", text, re.MULTILINE)) <= targets


def test_benchmarks_exist() -> None:
    from bench.__main__ import app as bench

    named = set(re.findall(r"python -m bench ([\w-]+)", (ROOT / "docs/benchmarks.md").read_text()))
    assert named - {"NAME"} == set(typer.main.get_group(bench).commands) - {"all"}


# Links and files


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_and_images_resolve(page: Path) -> None:
    assert [str(path) for path, _ in links(page) if not path.exists()] == []
    assert [anchor for path, anchor in links(page) if anchor and anchor not in anchors(path)] == []


def test_every_page_is_reached_from_the_readme() -> None:
    reached, waiting = set[Path](), [README]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        waiting += [
            p for path, _ in links(page) for p in [path.resolve()] if p.suffix == ".md" and p not in reached
        ]
    assert [name(page) for page in PAGES if page not in reached] == []


def test_every_decision_is_listed_in_order() -> None:
    pages = sorted(page.name for page in ADR.glob("0*.md"))
    assert re.findall(r"\]\((0[^)]+)\)", (ADR / "README.md").read_text()) == pages
    assert [page[:4] for page in pages] == [f"{number:04d}" for number in range(1, len(pages) + 1)]


@pytest.mark.parametrize("page", sorted(ADR.glob("0*.md")), ids=name)
def test_a_decision_has_its_four_parts(page: Path) -> None:
    assert list(sections(page))[1:] == ["Context", "Decision", "Consequences", "What would change our mind"]


def test_files_that_the_documentation_names_exist() -> None:
    rooms = r"(?:tryon|fashion_assets|jobs|sensors|resources|studio|bench|docs|tests|deploy)"
    named = {span for page in PAGES for span in spans(page) if re.fullmatch(rf"{rooms}(/[\w./-]+)?", span)}
    assert [path for path in sorted(named) if path not in JOBS and not (ROOT / path).exists()] == []


def test_pages_that_the_code_names_exist() -> None:
    named = {found for path in SOURCES for found in re.findall(r"docs/[\w./-]+\.md", path.read_text())}
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


# Figures and examples


def test_thresholds_are_those_of_the_code() -> None:
    table = [row for row in rows((ADR / "0007-quality-before-encoding.md").read_text()) if "." in row[2]]
    assert len(table) >= 15
    for row in table:
        module, constant = row[2].strip("`").split(".")
        value = getattr(import_module(f"tryon.core.quality.{module}"), constant)
        assert literal_eval(row[3].strip("`")) == value, row[2]


def test_refusal_codes_are_those_of_the_code() -> None:
    text = "\n".join(path.read_text() for path in SOURCES)
    named = [row[0] for row in rows(sections(TROUBLESHOOTING)["Refusals"])[1:]]
    documented = set(re.findall(r"`(\w+)`", " ".join(named)))
    assert {code for code in documented if f'"{code}"' not in text} == set()
    given = set(re.findall(r'(?:Refused|of_person|of_product)\(\s*"(\w+)"', text))
    families = ("crop_", "mask_", "tryon_", "splat_", "image_")
    assert {code for code in given - documented if not code.startswith(families)} == set()


@pytest.mark.parametrize("engine", ["openai_vision", "grounding_dino"])
def test_every_refusal_of_the_neural_crops_is_explained(engine: str) -> None:
    text = "\n".join(path.read_text() for path in (ROOT / "tryon/engines" / engine).glob("*.py"))
    codes = set(re.findall(r'Refused\(\s*"(\w+)"', text))
    explained = sections(TROUBLESHOOTING)["Refusals"]
    assert len(codes) >= 5
    assert [code for code in sorted(codes) if f"`{code}`" not in explained and code[:6] != "image_"] == []


# Those of CLIENTS need the services: tests/services/test_clients_page.py.
WORKED = [page for page in PAGES if "```python" in page.read_text() and page != CLIENTS]


@pytest.mark.parametrize("page", WORKED, ids=name)
def test_worked_examples_print_what_the_page_shows(page: Path) -> None:
    """A block of Python is followed by what it prints."""
    for code, printed in [(a.text, b.text) for a, b in pairwise(blocks(page)) if a.language == "python"]:
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            exec(compile(code, str(page), "exec"), {})
        assert output.getvalue() == printed


def test_ownership_is_explained_with_examples() -> None:
    assert [block.language for block in blocks(OWNERSHIP)].count("python") == 2


def test_the_log_event_has_exactly_the_documented_fields() -> None:
    (example,) = (json.loads(block.text) for block in blocks(HOW_IT_WORKS) if block.language == "json")
    facts = LogEvent(
        **{field: value for field, value in example.items() if field not in ("level", "event")},
        event=EventKind(example["event"]),
    ).facts()
    assert list(example) == list(facts)
    assert example == facts
    fields = [row[0].strip("`") for row in rows(sections(HOW_IT_WORKS)["Log events"])[1:]]
    assert fields == list(facts)
