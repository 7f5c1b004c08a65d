"""`fashion check crop|masks|tryon|splats`: which photos go to which service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from fashion_assets.commands.check import check, crops, photos, tryons
from fashion_assets.commands.check import masks as of_masks
from fashion_assets.commands.check import splats as of_splats
from fashion_assets.commands.check.asking import Door
from fashion_assets.commands.terminal import Terminal
from tryon.core.errors import BadInput

__all__ = ["Door", "crop", "masks", "splats", "tryon"]

GARMENTS = {"upper": "tee-sun", "lower": "jeans-blue", "overall": "dress-floral"}


def crop(
    terminal: Terminal, door: Door, given: Sequence[str], many: int, at_once: int, quick: bool, lend: int
) -> int:
    if quick or given:
        named = crops.photos_of([photos.parse(text) for text in given])
        return check(terminal, door, crops.plan(named, many if given else 0, at_once, quick))
    with photos.lent(door, lend, [("items", name) for name, _ in crops.SAMPLES]) as urls:
        _explain(terminal, lend)
        samples = [crops.Photo(urls[name], shown) for name, shown in crops.SAMPLES]
        plan = crops.plan(samples, many, at_once, quick)
        return check(terminal, door, replace(plan, lent=photos.place(lend)))


def masks(terminal: Terminal, door: Door, given: Sequence[str], many: int, quick: bool, lend: int) -> int:
    if quick or given:
        urls = [photos.parse(text)[0] for text in given]
        return check(terminal, door, of_masks.plan(urls, many, quick))
    with photos.lent(door, lend, [("users", name) for name in photos.PERSONS]) as lent:
        _explain(terminal, lend)
        plan = of_masks.plan([*lent.values()], many, quick)
        return check(terminal, door, replace(plan, lent=photos.place(lend)))


def tryon(
    terminal: Terminal,
    door: Door,
    person: Path | None,
    cloth: Path | None,
    cloth_type: str | None,
    steps: int,
    many: int,
    quick: bool,
) -> int:
    """cloth: is cloth_type (upper) and nothing else; without it, a sample garment for each type."""
    if cloth_type and not cloth:
        raise BadInput("--cloth-type says what the garment of --cloth FILE is; name the file too")
    garments = {kind: photos.sample("items", name) for kind, name in GARMENTS.items()}
    if cloth:
        garments = {cloth_type or "upper": cloth.read_bytes()}
    who = photos.given(person, "users", photos.PERSONS[0])
    return check(terminal, door, tryons.plan(who, garments, steps, many, quick))


def splats(terminal: Terminal, door: Door, photo: Path | None, many: int, quick: bool) -> int:
    picture = photos.given(photo, "users", photos.PERSONS[0])
    return check(terminal, door, of_splats.plan(picture, many, quick))


def _explain(terminal: Terminal, port: int) -> None:
    place = photos.place(port)
    terminal.notes.print(
        f"lending sample photos at {place}: the service must be started with FASHION_FETCH_ALLOWED={place}"
    )
