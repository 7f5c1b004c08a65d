"""Makes the gallery's pictures and its page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.evaluate.chain import Engines, Wearer
from bench.gallery.parsed import parsed
from bench.gallery.rasterised import picture, turned
from bench.gallery.refusals import Shown, refusals
from bench.gallery.samples import Sample, Samples, shown_looks
from tryon.core.contact_sheet import Cell, Heading, Layout, paint
from tryon.core.ports import Pixels
from tryon.core.provenance import DigitalSource, mark
from tryon.core.words import Refused

DOCS = Path(__file__).parents[2] / "docs"
LOOKS, TURNS = 8, (-60.0, -25.0, 25.0, 60.0, 180.0)
SMALL = Layout(width=150, height=200, gap=10, margin=24, caption=36, letters=12)

PAGE = """# Gallery
Every picture here is made by `python -m bench gallery` (after `make install`) from the sample catalogue
(`studio/catalogue`, rendered people and garments) with the sample engines on a CPU. Figures are in
[evaluation.md](evaluation.md).

The sample engines show the whole way from uploads to 3D on a laptop, without a GPU, a key or a download. They warp the
garment's photo onto the person; they do not invent cloth. They learnt from renders only: for real photos there are
[other engines](engines.md).

## Users and outfits
![sample users in outfits](images/gallery-looks.jpg)

Each row: the user's own photo, then the same outfits on everybody.

## What the body parser sees
![labels, joints and masks](images/gallery-parsed.jpg)

The photo, its labels with the joints, and the masks of top, bottom and the whole outfit.

## Looks in 3D
![splats from several sides](images/gallery-splats.jpg)

One look of each user: the picture, then its splat from the front, from four sides and from the back. The relief is a
guess from one picture: turned far, it shows that nobody has seen the sides.

## Refusals
![refused photos](images/gallery-refusals.jpg)

What cannot be done well is refused, with a reason that says what to do:

| photo | code | reason |
|---|---|---|
"""


def write(docs: Path = DOCS) -> list[Path]:
    """The page and its pictures; returns what was written."""
    engines = Engines()
    samples = Samples(engines)
    outfits, images = shown_looks(LOOKS), docs / "images"
    images.mkdir(parents=True, exist_ok=True)
    shown = list(refusals(engines))
    sheets = {
        "looks": ([_dressed(samples, user, outfits) for user in samples.users], "Users and outfits"),
        "parsed": ([_parsed(user) for user in samples.users], "What the body parser sees"),
        "splats": ([_turned(engines, samples, user, outfits) for user in samples.users], "Looks in 3D"),
        "refusals": (_refused(shown), "Refused photos"),
    }
    return [_sheet(rows, title, images / f"gallery-{name}.jpg") for name, (rows, title) in sheets.items()] + [
        write_page(shown, docs / "gallery.md")
    ]


def _sheet(rows: Sequence[list[Cell]], title: str, path: Path) -> Path:
    sheet = paint(rows, max(len(row) for row in rows), SMALL, Heading(title, "", 44, 26))
    sheet.save(path, "JPEG", quality=85, optimize=True, xmp=mark(DigitalSource.COMPOSITE_SYNTHETIC))
    return path


def _dressed(samples: Samples, user: Sample, outfits: Sequence[str]) -> list[Cell]:
    return [Cell(f"{user.name}\nphoto", user.photo)] + [
        _cell(samples.look(user, outfit), outfit) for outfit in outfits
    ]


def _cell(look: Pixels | Refused, outfit: str) -> Cell:
    if isinstance(look, Refused):
        return Cell(f"refused:\n{look.code}", None)
    return Cell("\n".join(garment.partition(".")[0] for garment in outfit.split("+")), look)


def _parsed(user: Sample) -> list[Cell]:
    if not isinstance(user.wearer, Wearer):
        return [Cell(f"{user.name}\nrefused: {user.wearer.code}", user.photo)]
    return [Cell(f"{user.name}\n{words}", picture) for words, picture in parsed(user.wearer, user.photo)]


def _turned(engines: Engines, samples: Samples, user: Sample, outfits: Sequence[str]) -> list[Cell]:
    """Another outfit for each user."""
    outfit = outfits[samples.users.index(user) * 2 % len(outfits)]
    look = samples.look(user, outfit)
    cells = [_cell(look, outfit)]
    splat = look if isinstance(look, Refused) else engines.splat(look)
    if isinstance(splat, Refused):
        return [*cells, Cell(f"refused:\n{splat.code}", None)]
    turns = ((turn, picture(turned(splat, turn), (300, 400))) for turn in (0.0, *TURNS))
    return cells + [
        Cell(f"splat\n{turn:+.0f} degrees" if turn else "splat\nfrom the front", seen) for turn, seen in turns
    ]


def _refused(shown: Sequence[Shown], across: int = 6) -> list[list[Cell]]:
    cells = [
        Cell(f"{one.what}\n{one.verdict.code if one.verdict else 'accepted!'}", one.picture) for one in shown
    ]
    return [cells[start : start + across] for start in range(0, len(cells), across)]


def write_page(shown: Sequence[Shown], path: Path) -> Path:
    path.write_text(PAGE + "\n".join(_lines(shown)) + "\n", encoding="utf-8")
    return path


def _lines(shown: Sequence[Shown]) -> Iterator[str]:
    for one in shown:
        code, message = (
            (one.verdict.code, one.verdict.message)
            if one.verdict
            else ("none", "Not refused: a fault of the sample engines.")
        )
        yield f"| {one.what} | {code} | {message} |"
