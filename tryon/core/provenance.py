"""The mark that says how a picture was made: IPTC DigitalSourceType in an XMP packet.

Terms and their meaning: IPTC NewsCodes, http://cv.iptc.org/newscodes/digitalsourcetype/ (2024-10-23).
Packet syntax: Adobe XMP specification part 1 (ISO 16684-1) and IPTC Photo Metadata Standard.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from PIL import Image

from tryon.core.errors import ImageRejected, InvalidSetting

NEWSCODES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
IPTC_EXT = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
XMP_BASIC = "http://ns.adobe.com/xap/1.0/"


class DigitalSource(StrEnum):
    """How a picture came to be; values are IPTC's current terms."""

    GENERATED = "trainedAlgorithmicMedia"
    """Created using generative AI: what a neural try-on engine returns."""

    EDITED = "compositeWithTrainedAlgorithmicMedia"
    """Edited using generative AI, such as inpainting a real photo."""

    COMPOSITE_SYNTHETIC = "compositeSynthetic"
    """A composite with at least one element made by generative AI."""

    COMPOSITE = "composite"
    """A composite whose elements may or may not be generative AI: a classical warp of two real photos."""

    ALGORITHMICALLY_ENHANCED = "algorithmicallyEnhanced"
    """Altered by an algorithm that is not generative AI, the main content unchanged."""

    @property
    def uri(self) -> str:
        return NEWSCODES + self.value


@dataclass(frozen=True, slots=True)
class Mark:
    """source: how it was made. creator_tool: what made it, printable text of at most 200 characters."""

    source: DigitalSource = DigitalSource.GENERATED
    creator_tool: str = "fashion-assets"

    def __post_init__(self) -> None:
        # Unprintable characters include what XML 1.0 cannot hold at all and line ends that it would rewrite.
        tool = self.creator_tool
        if not (tool.strip() and tool.isprintable() and len(tool) <= 200):
            raise InvalidSetting(
                f"creator tool {tool!r} cannot be written into a picture; use 1 to 200 printable characters"
            )


# The id is the constant every XMP packet carries; there is no date, so equal marks are equal bytes.
_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:Iptc4xmpExt="{iptc}" xmlns:xmp="{xmp}">
   <Iptc4xmpExt:DigitalSourceType>{uri}</Iptc4xmpExt:DigitalSourceType>
   <xmp:CreatorTool>{tool}</xmp:CreatorTool>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""


def mark(source: DigitalSource = DigitalSource.GENERATED, creator_tool: str = "fashion-assets") -> bytes:
    """The XMP packet, UTF-8. Raises InvalidSetting for a tool name that XML cannot hold."""
    checked = Mark(source, creator_tool)
    text = _PACKET.format(
        iptc=IPTC_EXT, xmp=XMP_BASIC, uri=checked.source.uri, tool=escape(checked.creator_tool)
    )
    return text.encode()


def read_mark(data: bytes) -> Mark | None:
    """The mark inside a PNG (iTXt `XML:com.adobe.xmp`) or WebP (`XMP ` chunk); None if it has none.

    A packet that is broken, or that names another kind of source (a camera, a scan), is no mark.
    Reads headers only: pixels are decoded by tryon.core.images alone.
    Raises ImageRejected("unknown_format") for anything that is not a PNG or WebP.
    """
    try:
        with Image.open(BytesIO(data), formats=("PNG", "WEBP")) as image:
            packet = image.info.get("xmp")
    except Exception as error:
        raise ImageRejected("unknown_format", f"no PNG or WebP to read a mark from: {error}") from error
    return _parse(packet) if isinstance(packet, bytes) else None


def _parse(packet: bytes) -> Mark | None:
    # No legitimate packet declares a document type; refusing them shuts out entity expansion. A NUL means
    # UTF-16, where this plain search would miss the declaration.
    if b"<!DOCTYPE" in packet or b"<!ENTITY" in packet or b"\0" in packet:
        return None
    try:
        root = ElementTree.fromstring(packet)
        uri, tool = _value(root, IPTC_EXT, "DigitalSourceType"), _value(root, XMP_BASIC, "CreatorTool")
        return Mark(DigitalSource(uri.removeprefix(NEWSCODES)), tool) if uri.startswith(NEWSCODES) else None
    except (ElementTree.ParseError, LookupError, ValueError, InvalidSetting):
        return None


def _value(root: ElementTree.Element, namespace: str, name: str) -> str:
    """A simple property, written as an element or, as RDF also allows, as an attribute; "" if absent."""
    tag = f"{{{namespace}}}{name}"
    for element in root.iter():
        if tag in element.attrib:
            return element.attrib[tag].strip()
        if element.tag == tag:
            return element.text or ""
    return ""
