"""Files that no honest client sends: polyglots, bombs, cut off, of another type, empty, small mutations of real ones.

Everything follows from a seed, and nothing here is large: a bomb is small until somebody believes it.
"""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from io import BytesIO

from PIL import Image

KINDS = ("JPEG", "PNG", "WEBP")
SIDES = (96, 128)
"""Pixels of the real pictures: a person that a parser can still look at, quickly."""
PIXEL_BOMB = 60_000
"""A side, in pixels: 3.6 gigapixels, 10 GB when somebody decodes them."""
FRAMES = 2000
UNPACKED = 64 * 1024 * 1024
"""Bytes of a deflate bomb."""


@cache
def real(kind: str, name: str = "u1") -> bytes:
    """A sample person, small."""
    photo = files("studio") / "catalogue" / "uploads" / "users" / f"{name}.jpg"
    with Image.open(BytesIO(photo.read_bytes())) as image:
        small = image.convert("RGB").resize(SIDES, Image.Resampling.BOX)
    out = BytesIO()
    small.save(out, kind)
    return out.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    """Of a PNG."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int, height: int, *chunks: bytes, pixels: bytes = b"") -> bytes:
    """A PNG of these dimensions, with as much of its pixels as is given."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(pixels))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + body + chunk(b"IEND", b"")


def _packed() -> bytes:
    """Zeros that unpack to UNPACKED bytes, as in a zip bomb."""
    return zlib.compress(bytes(UNPACKED), 9)


def _gif(frames: int) -> bytes:
    screen = b"GIF89a" + struct.pack("<HHBBB", 96, 96, 0x80, 0, 0) + b"\x00\x00\x00\xff\xff\xff"
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 96, 96, 0) + b"\x02\x02\x44\x01\x00"
    return screen + frame * frames + b"\x3b"


def _tiff_loop() -> bytes:
    """A directory of pages whose next page is itself."""
    entries = b"".join(
        struct.pack("<HHII", tag, 3, 1, value)
        for tag, value in ((256, 96), (257, 96), (258, 8), (259, 1), (262, 1), (273, 8), (278, 96), (279, 10))
    )
    return b"II*\x00" + struct.pack("<I", 8) + struct.pack("<H", 8) + entries + struct.pack("<I", 8)


def largest() -> bytes:
    """A picture of 49 megapixels, which is allowed, in 140 KB."""
    return png(7000, 7000, pixels=bytes(7000 * (3 * 7000 + 1)))


@cache
def bombs() -> Mapping[str, bytes]:
    wide = struct.pack(">HH", 65500, 65500)
    jpeg = real("JPEG")
    at = jpeg.index(b"\xff\xc0") + 5
    webp = b"RIFF" + struct.pack("<I", 30) + b"WEBPVP8L" + struct.pack("<I", 10)
    return {
        "png of 3.6 gigapixels": png(PIXEL_BOMB, PIXEL_BOMB),
        "png of 2 gigapixels in one row": png(2**31 - 1, 1),
        "png with a packed text": png(96, 128, chunk(b"zTXt", b"Comment\x00\x00" + _packed())),
        "png with a packed profile": png(96, 128, chunk(b"iCCP", b"profile\x00\x00" + _packed())),
        "png with more pixels than it says": png(96, 128, pixels=bytes(UNPACKED)),
        "jpeg of 4 gigapixels": jpeg[:at] + wide + jpeg[at + 4 :],
        "webp of 268 megapixels": webp + b"\x2f\xff\xff\xff\x0f" + bytes(5),
        "gif of many frames": _gif(FRAMES),
        "gif of 4 gigapixels": _gif(1)[:6] + b"\xff\xff\xff\xff" + _gif(1)[10:],
        "tiff that leads to itself": _tiff_loop(),
        "bmp of 4 gigapixels": b"BM"
        + struct.pack("<IIIIiiHHIIiiII", 0, 0, 54, 40, 65535, 65535, 1, 24, *(0,) * 6),
        "animation": _animation(),
    }


def _animation() -> bytes:
    out = BytesIO()
    frames = [Image.new("RGB", SIDES, (n, 0, 0)) for n in range(0, 250, 25)]
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    return out.getvalue()


def polyglots() -> Mapping[str, bytes]:
    """Two types in one file. Those that begin as a picture are one; the rest of them is never looked at."""
    script = b"<script>fetch('/users')</script>"
    archive = b"PK\x03\x04\x14\x00\x00\x00\x00\x00" + bytes(16) + b"PK\x05\x06" + bytes(18)
    jpeg = real("JPEG")
    comment = b"\xff\xfe" + struct.pack(">H", len(script) + 2) + script
    return {
        "jpeg and zip": jpeg + archive,
        "jpeg and html": jpeg[:2] + comment + jpeg[2:],
        "jpeg and pdf": jpeg[:2] + b"\xff\xfe\x00\x0a%PDF-1.7" + jpeg[2:],
        "png and php": real("PNG")[:33]
        + chunk(b"tEXt", b"Comment\x00<?php system($_GET[0]); ?>")
        + real("PNG")[33:],
        "webp and html": real("WEBP") + script,
        "gif and script": b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)//",
        "zip and jpeg": archive + jpeg,
        "html and png": b"<html>" + script + real("PNG"),
        "png and jpeg": real("PNG") + jpeg,
        "bmp and script": b"BM=1;/*" + bytes(40) + b"*/" + script,
    }


def strangers() -> Mapping[str, bytes]:
    """Of another type, whatever their names say."""
    return {
        "pdf": b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n%%EOF",
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
        "entities": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><svg>&a;</svg>',
        "html": b"<!doctype html><title>not found</title>",
        "json": b'{"error": "not found"}',
        "zip": b"PK\x03\x04" + bytes(60),
        "program": b"MZ" + bytes(200),
        "elf": b"\x7fELF" + bytes(200),
        "heic": b"\x00\x00\x00\x18ftypheic" + bytes(100),
        "mp4": b"\x00\x00\x00\x18ftypisom" + bytes(100),
        "psd": b"8BPS\x00\x01" + bytes(100),
        "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9999 9999\n(x) run\n",
        "text": b"kein Bild, nur Text\n" * 20,
        "zeros": bytes(5000),
        "empty": b"",
        "one byte": b"\xff",
    }


def cut() -> Mapping[str, bytes]:
    """Real pictures without their end: after a few bytes, in the header, in the pixels, one byte before the end."""
    return {
        f"{kind} cut at {at}": real(kind)[:at]
        for kind in KINDS
        for at in (1, 2, 8, 20, 40, len(real(kind)) // 3, 2 * len(real(kind)) // 3, len(real(kind)) - 1)
    }


def all_kinds() -> Mapping[str, bytes]:
    return {**bombs(), **polyglots(), **strangers(), **cut()}


def mutations(count: int, seed: int = 7) -> Iterator[bytes]:
    """Small changes of real pictures: the formats in turn, every change from its own random numbers."""
    for number in range(count):
        rng = random.Random(f"{seed} {number}")
        data = bytearray(real(KINDS[number % len(KINDS)]))
        for _ in range(rng.choice((1, 1, 2, 4, 8))):
            _change(data, rng)
        yield bytes(data)


def _change(data: bytearray, rng: random.Random) -> None:
    """One byte, a few bytes gone, doubled, moved or of a length field; more often where headers are."""
    end = len(data) if rng.random() < 0.5 else min(len(data), 200)
    at, length = rng.randrange(max(1, end)), rng.choice((1, 2, 4, 16))
    how = rng.randrange(6)
    if how == 0 and data:
        data[at] ^= 1 << rng.randrange(8)
    elif how == 1 and data:
        data[at] = rng.choice((0, 0xFF, 0x7F, 0x80))
    elif how == 2:
        del data[at : at + length]
    elif how == 3:
        data[at:at] = data[at : at + length]
    elif how == 4:
        data[at : at + length] = rng.randbytes(length)
    else:
        data[at : at + 4] = rng.choice((b"\xff\xff\xff\xff", b"\x00\x00\x00\x00", b"\x7f\xff\xff\xff"))
