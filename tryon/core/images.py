"""The only image decoder of the project.

Pixels are uint8, RGB, sRGB, upright, C-contiguous. What cannot become that is `ImageRejected` with a code:

    empty            no bytes                      unsupported_mode  32-bit, float or LAB samples
    too_large        more than max_bytes           too_small         a side under min_side
    unknown_format   not an accepted format        aspect            longer than max_aspect times its width
    heic             HEIC/HEIF, by name            animated          several frames or pages
    too_many_pixels  more than max_pixels          not_a_mask        decode_mask only
    truncated        damaged or cut off

Global Pillow and warning settings are never touched: decoding runs in threads, and warnings.catch_warnings
is not thread-safe. Pillow's own bomb check (89 megapixels: a warning) is looser than `max_pixels`, which is
compared with the header before any pixel is decoded; where warnings are errors, the bomb warning is caught.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from types import MappingProxyType

import numpy as np
from PIL import ExifTags, Image, ImageCms, UnidentifiedImageError

from tryon.core.camera import Camera
from tryon.core.errors import ImageRejected
from tryon.core.ports import Pixels
from tryon.core.sizing import without_hidden_colour

SUFFIXES: Mapping[str, str] = MappingProxyType(
    {
        ".jpg": "JPEG", ".jpeg": "JPEG", ".jfif": "JPEG", ".png": "PNG", ".webp": "WEBP", ".avif": "AVIF",
        ".gif": "GIF", ".bmp": "BMP", ".tif": "TIFF", ".tiff": "TIFF",
    }
)  # fmt: skip
"""Accepted file suffixes, lower case, and the format each announces: what phones, browsers, shops and
scanners write and Pillow decodes by itself. HEIC needs a plugin; SVG, PDF and PSD are not photographs. The
bytes decide what a file is, never its suffix."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is accepted. max_bytes: of the file; max_pixels: width * height; min_side: pixels;
    max_aspect: long side / short side; formats: Pillow's names."""

    max_bytes: int = 30 * 1024 * 1024
    max_pixels: int = 50_000_000
    min_side: int = 64
    max_aspect: float = 8.0
    formats: tuple[str, ...] = tuple(dict.fromkeys(SUFFIXES.values()))


UPLOADS = Limits()
CROPS = Limits(max_bytes=256 * 1024 * 1024, min_side=1, max_aspect=float("inf"), formats=("PNG", "WEBP"))
"""Our own garment crops: a belt may be thin and small, and a lossless file larger than the upload was."""
MASKS = Limits(formats=("PNG",))


@dataclass(frozen=True, slots=True)
class Photo:
    """pixels: uint8 [H, W, 3]. format: what the bytes were, as in `SUFFIXES`. camera: its EXIF lens."""

    pixels: Pixels
    format: str
    camera: Camera


def decode(data: bytes, limits: Limits = UPLOADS) -> Photo:
    """Any accepted image file as upright sRGB pixels.

    EXIF orientation is applied once. Transparent parts become white, whatever colour hides there. An ICC
    profile is converted to sRGB; one that is broken or does not fit the pixels is ignored, as browsers do.
    16-bit grey keeps its high byte. CMYK becomes RGB. An animation is refused: which frame would be meant
    is a guess; the second picture in a phone's JPEG (MPO: a thumbnail or depth map) is no animation.
    Raises ImageRejected, never another exception, whatever the bytes are.
    """
    image, camera = _load(data, limits)
    rgb, alpha = _planes(image)
    if alpha is not None:
        white = Image.new("RGB", rgb.size, "white")
        white.paste(rgb, mask=alpha)
        rgb = white
    return Photo(np.array(rgb), "JPEG" if image.format == "MPO" else str(image.format), camera)


def decode_rgba(data: bytes, limits: Limits = CROPS) -> Pixels:
    """uint8 [H, W, 4], straight alpha, 255 where the file has none; alpha 0 is always white."""
    image, _ = _load(data, limits)
    rgb, alpha = _planes(image)
    coverage = np.array(alpha) if alpha is not None else np.full((rgb.height, rgb.width), 255, np.uint8)
    return without_hidden_colour(np.dstack([np.array(rgb), coverage]))


def decode_mask(data: bytes, limits: Limits = MASKS) -> Pixels:
    """uint8 [H, W] of 0 and 255 from a single-channel PNG.

    Raises ImageRejected("not_a_mask") for colour, alpha, a palette, or any value in between.
    """
    image, _ = _load(data, limits)
    if image.mode != "L" or image.has_transparency_data:
        raise ImageRejected("not_a_mask", f"a mask is a single-channel 8-bit PNG, not mode {image.mode}")
    pixels = np.array(image)
    between = (pixels != 0) & (pixels != 255)
    if between.any():
        raise ImageRejected("not_a_mask", f"{int(between.sum())} mask pixels are neither 0 nor 255")
    return pixels


def _load(data: bytes, limits: Limits) -> tuple[Image.Image, Camera]:
    """The decoded, upright picture in its own mode, still with its format, palette and profile."""
    if not data:
        raise ImageRejected("empty", "the file is empty; upload it again")
    if len(data) > limits.max_bytes:
        raise ImageRejected("too_large", f"the file has {len(data)} bytes; at most {limits.max_bytes}")
    try:
        with Image.open(BytesIO(data), formats=limits.formats) as image:
            _check_header(image, limits)
            # Not verify(): that accepts a file whose second half is missing.
            image.load()
            return _upright(image), _camera(image)
    except ImageRejected:
        raise
    except UnidentifiedImageError as error:
        raise _unidentified(data, limits) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageRejected("too_many_pixels", f"at most {limits.max_pixels} pixels: {error}") from error
    except Exception as error:  # Decoders raise anything from struct.error to SyntaxError on damaged bytes.
        raise ImageRejected("truncated", f"the picture is damaged or cut off: {error}") from error


def _check_header(image: Image.Image, limits: Limits) -> None:
    width, height = image.size
    if width * height > limits.max_pixels:
        raise ImageRejected("too_many_pixels", f"{width}x{height} exceeds {limits.max_pixels} pixels")
    if min(width, height) < limits.min_side:
        raise ImageRejected("too_small", f"{width}x{height}: each side needs {limits.min_side} pixels")
    if max(width, height) > limits.max_aspect * min(width, height):
        raise ImageRejected("aspect", f"{width}x{height} is longer than 1:{limits.max_aspect:g}; crop it")
    if getattr(image, "is_animated", False) and image.format != "MPO":
        raise ImageRejected("animated", "the file holds several frames or pages; upload a single picture")


def _unidentified(data: bytes, limits: Limits) -> ImageRejected:
    if data[4:8] == b"ftyp" and data[8:12] in (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"):
        return ImageRejected("heic", "HEIC pictures cannot be read; export the photo as JPEG and upload that")
    return ImageRejected("unknown_format", f"not an image of an accepted type ({', '.join(limits.formats)})")


_TRANSPOSE = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip
"""EXIF orientation to the turn that undoes it; 1 and invalid values (0, 9) need none."""


def _upright(image: Image.Image) -> Image.Image:
    """Read after load(): Pillow itself turns TIFF while loading and removes the tag."""
    orientation: object = None
    with suppress(Exception):  # Unreadable EXIF says nothing about the pixels.
        orientation = image.getexif().get(ExifTags.Base.Orientation)
    turn = _TRANSPOSE.get(orientation) if isinstance(orientation, int) else None
    if turn is None:
        return image
    upright = image.transpose(turn)
    upright.format = image.format
    return upright


def _camera(image: Image.Image) -> Camera:
    with suppress(Exception):  # Unreadable EXIF only costs the focal length, which then has a default.
        tags = image.getexif().get_ifd(ExifTags.IFD.Exif)
        return Camera.from_exif(
            tags.get(ExifTags.Base.FocalLengthIn35mmFilm), tags.get(ExifTags.Base.FocalLength)
        )
    return Camera()


_GREY = ("1", "L", "LA", "La")
_COLOUR = ("P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr")


def _planes(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """sRGB picture (mode RGB) and its coverage (mode L), None when opaque."""
    try:
        if image.mode.startswith("I;16"):
            grey, alpha = _from_16_bit(image)
            return _to_srgb(grey, image.info.get("icc_profile")), alpha
        if image.mode not in _GREY + _COLOUR:
            raise ImageRejected("unsupported_mode", f"samples of type {image.mode} are not for photos")
        flat, alpha = image, None
        if image.has_transparency_data:
            flat = image.convert("RGBA")
            alpha = flat.getchannel("A")
        if flat.mode not in ("RGB", "CMYK"):
            flat = flat.convert("L" if image.mode in _GREY else "RGB")
        return _to_srgb(flat, image.info.get("icc_profile")), alpha
    except ImageRejected:
        raise
    except Exception as error:  # As in _load: a damaged palette or transparency shows only now.
        raise ImageRejected("truncated", f"the picture is damaged: {error}") from error


def _from_16_bit(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Pillow's own convert("L") clips at 255 instead of scaling, hence the shift."""
    values = np.asarray(image)
    hidden = image.info.get("transparency")
    alpha = None if hidden is None else Image.fromarray(np.where(values == hidden, 0, 255).astype(np.uint8))
    return Image.fromarray((values >> 8).astype(np.uint8)), alpha


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """A picture of mode L, RGB or CMYK through its ICC profile, or as it is when that cannot be used."""
    if profile:
        with suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            # Grey pictures often carry an RGB profile; its tone curve applies to equal channels.
            needs_rgb = image.mode == "L" and source.profile.xcolor_space.strip() == "RGB"
            converted = ImageCms.profileToProfile(
                image.convert("RGB") if needs_rgb else image,
                source,
                ImageCms.createProfile("sRGB"),
                outputMode="RGB",
            )
            if converted is not None:
                return converted
    return image.convert("RGB")
