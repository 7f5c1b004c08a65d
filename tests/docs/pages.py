"""The documentation as data: pages, their sections, tables and code blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
README, HOW_IT_WORKS = ROOT / "README.md", ROOT / "docs/how-it-works.md"
OPERATIONS, TROUBLESHOOTING = ROOT / "docs/operations.md", ROOT / "docs/troubleshooting.md"
CLIENTS = ROOT / "docs/clients.md"
OWNERSHIP, ADR = ROOT / "docs/ownership.md", ROOT / "docs/adr"
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


class Block(NamedTuple):
    """A fenced block. language: "" where none is named."""

    language: str
    text: str


def blocks(page: Path) -> list[Block]:
    return [Block(*found) for found in _FENCE.findall(page.read_text())]


def prose(page: Path) -> str:
    """The page without its fenced blocks."""
    return _FENCE.sub("", page.read_text())


def spans(page: Path) -> list[str]:
    """Everything in `backticks`."""
    return _SPAN.findall(prose(page))


def links(page: Path) -> Iterator[tuple[Path, str]]:
    """(file, anchor) of every relative link and image; an anchor alone points into the page itself."""
    for target in _LINK.findall(prose(page)):
        if not re.match(r"[a-z]+:", target):
            path, _, anchor = target.partition("#")
            yield (page.parent / path if path else page), anchor


def anchors(page: Path) -> set[str]:
    """Headings as GitHub names them in links."""
    titles = (title.lower().replace("`", "") for title in _HEADING.findall(prose(page)))
    return {re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in titles}


def sections(page: Path) -> dict[str, str]:
    """Heading -> text up to the next heading of any level."""
    parts = re.split(r"^#+ (.+)\n", page.read_text(), flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def rows(text: str) -> list[list[str]]:
    """Cells of every table row; the line of dashes is left out."""
    lines = [line.strip().strip("|") for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.split(" | ")] for line in lines]
    return [row for row in cells if not set("".join(row)) <= set("-:| ")]
