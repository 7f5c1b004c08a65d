"""Values as people read them: Jinja's filters."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime

from markupsafe import Markup, escape

from tryon.core.coverage import Counts
from tryon.core.explanation import Cause

STATES = {
    "published": "Published",
    "refused": "Refused",
    "stale": "Out of date",
    "missing": "Not generated",
}
STAGES = {"crop": "Crop", "mask": "Mask", "tryon": "Try-on", "splat": "Splat"}
CODE = Markup("<code>{}</code>")
PARTS = ("published", "refused", "stale", "missing")


def item(garment: str) -> str:
    """`tee-sun.tops` -> `tee-sun`"""
    return garment.rpartition(".")[0]


def category(garment: str) -> str:
    return garment.rpartition(".")[2]


def size(count: int) -> str:
    for unit, bytes_of in (("MB", 1_000_000), ("KB", 1000)):
        if count >= bytes_of:
            return f"{count / bytes_of:.1f} {unit}"
    return f"{count} B"


def seconds(value: float) -> str:
    """As `logs.js` says it, too."""
    if value < 0.01:
        return "0 s"
    if value < 10:
        return f"{value:.2f} s"
    minutes, rest = divmod(round(value), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "min"), (rest if not hours else 0, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 s"


def money(dollars: float) -> str:
    """Cents that would be rounded away still show."""
    return f"${dollars:,.4f}" if 0 < dollars < 0.1 else f"${dollars:,.2f}"


def day(moment: str) -> str:
    return _time(moment, "%-d %B %Y") if moment else ""


def minute(moment: str) -> str:
    return _time(moment, "%-d %b %Y, %H:%M") if moment else ""


def moment(at: str) -> str:
    return _time(at, "%Y-%m-%d %H:%M:%S")


def clock(at: str) -> str:
    return _time(at, "%H:%M:%S")


def _time(at: str, form: str) -> str:
    return datetime.fromisoformat(at).strftime(form)


def sentence(text: str) -> str:
    """With a capital letter and a full stop."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '?', '!')) else '.'}"


def with_code(text: str) -> Markup:
    """`commands` in backticks, as our messages write them, as code; everything else is escaped."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # A backtick without its partner is only a backtick.
        return escape(text)
    pieces = (escape(part) if number % 2 == 0 else CODE.format(part) for number, part in enumerate(parts))
    return Markup("").join(pieces)


def why_not(code: str, reason: str) -> str:
    """Why an outfit is not there, beside a word that says that it is not."""
    return (
        "It needs pregeneration."
        if code == Cause.NOT_MADE.value
        else sentence(reason or "it needs pregeneration")
    )


def value(anything: object) -> str:
    return anything if isinstance(anything, str) else json.dumps(anything, sort_keys=True)


def counted(counts: Counts) -> str:
    """`25 of 25 outfits`, and what is not there."""
    refused, stale, missing = counts.refused, counts.stale, counts.missing
    rest = ((refused, "refused"), (stale, "out of date"), (missing, "not generated"))
    said = [f"{counts.published:,} of {counts.wanted:,} outfits"]
    return ", ".join(said + [f"{count:,} {word}" for count, word in rest if count])


def segments(counts: Counts) -> Iterator[tuple[str, float, float]]:
    """(state, left edge, width) in percent of all outfits."""
    left = 0.0
    for name in PARTS:
        width = 100 * getattr(counts, name) / max(1, counts.wanted)
        if width:
            yield name, round(left, 3), round(width, 3)
        left += width


FILTERS: dict[str, Callable[..., object]] = {
    "category": category,
    "clock": clock,
    "counted": counted,
    "day": day,
    "item": item,
    "minute": minute,
    "moment": moment,
    "money": money,
    "seconds": seconds,
    "segments": segments,
    "sentence": sentence,
    "size": size,
    "stage_word": STAGES.__getitem__,
    "state_word": STATES.__getitem__,
    "value": value,
    "with_code": with_code,
}
