"""A grid of captioned pictures. What was not generated is never stood in for: its place stays empty and says so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

from tryon.core.ports import Pixels
from tryon.core.sizing import fit_within

PAPER, INK, PALE = (250, 249, 246), (34, 34, 38), (120, 120, 126)
Font = ImageFont.ImageFont | ImageFont.FreeTypeFont


@dataclass(frozen=True, slots=True)
class Cell:
    """caption: one or two lines. image: None where the look was refused or is not made."""

    caption: str
    image: Pixels | None


@dataclass(frozen=True, slots=True)
class Layout:
    """Pixels. width, height: of a picture. caption: height below it. letters: size of the caption's font."""

    width: int = 225
    height: int = 300
    gap: int = 14
    margin: int = 40
    caption: int = 40
    letters: int = 14


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above the pictures. height: pixels of both lines together. letters: size of the title's font."""

    title: str
    subtitle: str = ""
    height: int = 84
    letters: int = 34


def paint(
    rows: Sequence[Iterable[Cell]], columns: int, layout: Layout = Layout(), heading: Heading | None = None
) -> Image.Image:
    """The sheet, mode RGB. Cells are taken one by one, so memory does not grow with the sheet."""
    above = layout.margin + (heading.height if heading else 0)
    across, down = layout.width + layout.gap, layout.height + layout.caption + layout.gap
    size = 2 * layout.margin + columns * across - layout.gap, above + layout.margin + len(rows) * down
    sheet = Image.new("RGB", size, PAPER)
    pen = ImageDraw.Draw(sheet)
    if heading:
        _head(pen, layout.margin, heading)
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            _place(sheet, pen, (layout.margin + column * across, above + number * down), cell, layout)
    return sheet


def _head(pen: ImageDraw.ImageDraw, margin: int, heading: Heading) -> None:
    pen.text((margin, margin - 6), heading.title, INK, ImageFont.load_default(heading.letters))
    pen.text((margin, margin + 38), heading.subtitle, PALE, ImageFont.load_default(18))


def _place(
    sheet: Image.Image, pen: ImageDraw.ImageDraw, corner: tuple[int, int], cell: Cell, layout: Layout
) -> None:
    left, top = corner
    font = ImageFont.load_default(layout.letters)
    if cell.image is None:
        pen.text((left + 4, top + layout.height // 2), "no image: refused or\nnot generated", PALE, font)
    else:
        height, width = cell.image.shape[:2]
        small = Image.fromarray(cell.image).resize(_fit(width, height, layout), Image.Resampling.LANCZOS)
        sheet.paste(small, (left + (layout.width - small.width) // 2, top + layout.height - small.height))
    lines = [shorten(line, font, layout.width) for line in cell.caption.splitlines()]
    pen.text((left + 2, top + layout.height + 4), "\n".join(lines), INK, font, spacing=2)


def shorten(line: str, font: Font, width: int) -> str:
    """The line, or as much of it as fits: an id may have 63 letters, and its neighbour must stay readable."""
    if font.getlength(line) <= width:
        return line
    while line and font.getlength(line + "...") > width:
        line = line[:-1]
    return line + "..."


def _fit(width: int, height: int, layout: Layout) -> tuple[int, int]:
    """Fill the cell as far as the picture's shape allows; fit_within never enlarges."""
    scale = min(layout.width / width, layout.height / height)
    if scale < 1:
        return fit_within(width, height, layout.width, layout.height)
    return round(width * scale), round(height * scale)
