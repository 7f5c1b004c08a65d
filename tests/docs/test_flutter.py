"""docs/flutter.md: addresses, headers, fields and limits are those of the code."""

from __future__ import annotations

import json
import re
from dataclasses import fields

from tests.docs.pages import ROOT, blocks, prose
from tests.services.lookbooks import made
from tryon.core.events import EventKind, LogEvent
from tryon.services.front.door import TAKEN
from tryon.services.lookbook import create_app, stream, wire
from tryon.stores.firestore.base import LOGS
from tryon.stores.firestore.log import SHARDS

PAGE = ROOT / "docs/flutter.md"
DART = "\n".join(block.text for block in blocks(PAGE) if block.language == "dart")


def test_addresses_are_those_of_the_lookbook() -> None:
    paths = create_app(made().open()).openapi()["paths"]
    for address in re.findall(r"resolve\('([^']+)'\)", DART):
        assert address.replace("$user", "{user}") in paths
    for address in re.findall(r"`GET (/[^`?]+)", prose(PAGE)):
        assert address in paths


def test_headers_are_taken_from_pages_of_other_origins_too() -> None:
    sent = set(re.findall(r"headers\['([\w-]+)'\]", DART))
    assert sent == {"Accept", "X-API-Key", "Last-Event-ID"}
    assert sent - {"Accept"} <= set(TAKEN)


def test_the_event_has_the_fields_of_an_event() -> None:
    (example,) = [json.loads(block.text) for block in blocks(PAGE) if block.language == "json"]
    assert set(example) == {"position", "level", *(field.name for field in fields(LogEvent))}
    assert wire.Event.model_validate(example).event == "finished"
    assert all(f"`{kind.value}`" in prose(PAGE) for kind in EventKind)
    assert set(re.findall(r"event\['(\w+)'\]", DART)) <= set(example)


def test_the_query_names_the_collection_and_every_shard() -> None:
    assert f".collection('{LOGS}')" in DART
    assert f"whereIn: {list(range(SHARDS))}" in DART


def test_figures_are_those_of_the_code() -> None:
    pace, text = stream.Pace(), prose(PAGE)
    assert f"every {pace.first:g} seconds while something happens" in text
    assert f"every {pace.last:g} seconds while nothing does" in text
    assert f"{pace.streams} streams are open at once" in text
    assert f"one page of {stream.PAGE} events" in text
    assert f"every {pace.heartbeat:g} seconds at most" in text
    assert f"Duration(seconds: {3 * pace.heartbeat:g})" in DART


def test_events_that_end_a_stream_are_named() -> None:
    source = (ROOT / "tryon/services/lookbook/stream.py").read_text()
    names = set(re.findall(r'_named\("(\w+)"', source))
    assert names == {"gone", "away"}
    assert all(f"`{name}`" in prose(PAGE) for name in names)


def test_brackets_of_the_code_are_closed() -> None:
    """Dart itself is not asked: it is no part of the toolchain."""
    for block in blocks(PAGE):
        if block.language == "dart":
            code = re.sub(r"'(?:[^'\\\n]|\\.)*'|//[^\n]*", "", block.text)
            assert all(code.count(a) == code.count(b) for a, b in ("()", "[]", "{}")), code
