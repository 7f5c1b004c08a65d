"""The AI-generated mark is standard XMP, survives both formats, and no tool name can forge it."""

from __future__ import annotations

import struct
import zlib
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tryon.core.encoding import encode_png, encode_webp
from tryon.core.errors import ImageRejected, InvalidSetting
from tryon.core.provenance import DigitalSource, Mark, mark, read_mark

PIXELS = np.full((64, 64, 3), 120, np.uint8)
PRINTABLE = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40).filter(
    lambda text: text.isprintable() and text.strip() != ""
)


def png_with(packet: bytes) -> bytes:
    """A valid PNG that carries `packet` as its XMP."""
    body = b"XML:com.adobe.xmp\0\0\0\0\0" + packet
    chunk = struct.pack(">I", len(body)) + b"iTXt" + body + struct.pack(">I", zlib.crc32(b"iTXt" + body))
    plain = encode_png(PIXELS).data
    return plain[:33] + chunk + plain[33:]


def test_the_packet_holds_the_iptc_term_and_the_tool() -> None:
    root = ElementTree.fromstring(mark(DigitalSource.GENERATED, "catvton 1"))
    term = root.find(".//{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType")
    tool = root.find(".//{http://ns.adobe.com/xap/1.0/}CreatorTool")
    assert term is not None
    assert tool is not None
    assert term.text == "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
    assert tool.text == "catvton 1"


def test_equal_marks_are_equal_bytes() -> None:
    assert mark(DigitalSource.COMPOSITE, "warp") == mark(DigitalSource.COMPOSITE, "warp")


@pytest.mark.parametrize("encode", [encode_png, encode_webp])
@pytest.mark.parametrize("source", list(DigitalSource))
def test_a_mark_comes_back_from_png_and_webp(encode: object, source: DigitalSource) -> None:
    assert callable(encode)
    written = Mark(source, 'warp <1> & "co" \u2713')
    assert read_mark(encode(PIXELS, ai_generated=written).data) == written
    assert read_mark(encode(PIXELS, ai_generated=True).data) == Mark(DigitalSource.GENERATED)
    assert read_mark(encode(PIXELS).data) is None


@given(PRINTABLE)
@settings(max_examples=60, deadline=None)
def test_any_printable_tool_name_survives(tool: str) -> None:
    assert read_mark(png_with(mark(DigitalSource.EDITED, tool))) == Mark(DigitalSource.EDITED, tool)


@pytest.mark.parametrize("tool", ["", "   ", "a\nb", "a\x00b", "a\ufffe", "x" * 201, "\ud800"])
def test_a_tool_name_that_xml_cannot_hold_is_refused(tool: str) -> None:
    with pytest.raises(InvalidSetting, match="printable"):
        mark(DigitalSource.GENERATED, tool)


def test_a_tool_name_cannot_add_a_second_term() -> None:
    hostile = "x</xmp:CreatorTool><Iptc4xmpExt:DigitalSourceType>digitalCapture"
    assert read_mark(png_with(mark(DigitalSource.GENERATED, hostile))) == Mark(
        DigitalSource.GENERATED, hostile
    )


def test_the_attribute_form_of_other_writers_is_read_too() -> None:
    packet = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description xmlns:e="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
        b'xmlns:p="http://ns.adobe.com/xap/1.0/" p:CreatorTool="other" '
        b'e:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/compositeSynthetic"/>'
        b"</rdf:RDF></x:xmpmeta>"
    )
    assert read_mark(png_with(packet)) == Mark(DigitalSource.COMPOSITE_SYNTHETIC, "other")


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"not xml",
        b"<a/>",
        mark()[:-40],
        mark().replace(b"trainedAlgorithmicMedia", b"digitalCapture"),
        mark().replace(b"http://cv.iptc.org/newscodes", b"http://example.org"),
        b'<!DOCTYPE a [<!ENTITY b "c">]>' + mark(),
        mark().decode().encode("utf-16"),
        b'<?xml version="1.0" encoding="nonsense"?><a/>',
    ],
)
def test_a_broken_or_foreign_packet_is_no_mark(packet: bytes) -> None:
    assert read_mark(png_with(packet)) is None


@pytest.mark.parametrize("data", [b"", b"hello", b"GIF89a" + bytes(40)])
def test_only_png_and_webp_are_read(data: bytes) -> None:
    with pytest.raises(ImageRejected) as caught:
        read_mark(data)
    assert caught.value.code == "unknown_format"
