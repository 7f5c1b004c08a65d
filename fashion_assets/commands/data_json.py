"""`fashion masks --data-json FILE`: the masks of the person whom a data.json names, written into it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from fashion_assets.commands import opening, screens
from fashion_assets.commands.terminal import OK, Terminal
from tryon.console import json_console
from tryon.core.depot import Made
from tryon.core.direct.masks import masks
from tryon.core.errors import FashionError
from tryon.core.guests import GuestKind, Guests
from tryon.core.words import MaskKind, Refused
from tryon.stores.disk import named_errors, write_whole
from tryon.wiring import Workshop, workshop_of

PHOTO, MASK = "userImageUrl", "Mask"
KINDS = {MaskKind.UPPER: "Upper mask URL", MaskKind.LOWER: "Lower mask URL"}


def write_masks(terminal: Terminal, file: Path) -> int:
    """Raises FashionError, and leaves the file as it was, unless every mask was made and stored."""
    settings, url = terminal.settings, _photo(_read(file))
    console = opening.silent if terminal.as_json else json_console
    shop = workshop_of(opening.open_pipeline(settings, console), settings)
    with shop.journal.step(None, "masks", "data.json", uuid4().hex):
        block = {"Status": "success", **_make(shop, url, settings.masks_door)}
        _write(file, url, block)
    terminal.answer({"file": str(file), MASK: block}, screens.facts_table("Masks", block))
    return OK


def _make(shop: Workshop, url: str, door: str) -> dict[str, str]:
    """door: of the mask service, which gives out the files of this machine."""
    photo = shop.fetcher.photo(url).photo
    found = masks(shop.stages.mask, photo.pixels, [*KINDS])
    guests, addresses = Guests(shop.blobs), dict[str, str]()
    for kind, made in found.items():
        if isinstance(made, Refused):
            raise FashionError(f"no {kind} mask can be made of this photo ({made.code}): {made.message}")
    for kind, made in found.items():
        assert isinstance(made, Made), "refusals were raised above"
        addresses[KINDS[kind]] = guests.address(guests.keep(GuestKind.MASKS, made.encoded), door)
    return addresses


def _write(file: Path, url: str, block: Mapping[str, str]) -> None:
    """Into the file as it is by now: masks take a while, and somebody may have written to it."""
    document = _read(file)
    if document.get(PHOTO) != url:
        raise FashionError(f"{file} names another photo by now; nothing was written, run it again")
    text = json.dumps({**document, MASK: block}, indent=2, ensure_ascii=False)
    target = file.resolve()
    with named_errors(target.parent):
        write_whole(target, f"{text}\n".encode(), target.stat().st_mode & 0o777)


def _read(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise FashionError(f"{file} is no JSON file ({error}); nothing was written") from None
    if not isinstance(found, dict):
        raise FashionError(f"{file} holds no user's document; nothing was written")
    return found


def _photo(document: Mapping[str, object]) -> str:
    url = document.get(PHOTO)
    if not isinstance(url, str) or not url:
        raise FashionError(f"the file names no {PHOTO}, the address of the user's photo; nothing was written")
    return url
