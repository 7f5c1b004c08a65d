"""Every way a picture file can mislead, and what the one decoder makes of it."""

from __future__ import annotations

import struct
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image, ImageCms, ImageFile

from tryon.core.camera import Camera
from tryon.core.encoding import encode_png, encode_webp
from tryon.core.errors import ImageRejected, InvalidSetting
from tryon.core.images import CROPS, SUFFIXES, UPLOADS, Limits, decode, decode_mask, decode_rgba
from tryon.core.ports import Pixels
from tryon.core.sizing import fit_within, resize, resize_mask

TINY = Limits(min_side=1)
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 200, 40), (20, 40, 210), (255, 255, 255)


def scene(width: int = 96, height: int = 72) -> Pixels:
    """Four flat quarters, so that any turn or mirror shows: red, green / blue, white."""
    pixels = np.empty((height, width, 3), np.uint8)
    top, left = height // 2, width // 2
    pixels[:top, :left], pixels[:top, left:] = RED, GREEN
    pixels[top:, :left], pixels[top:, left:] = BLUE, WHITE
    return pixels


def file_of(image: Image.Image | Pixels, format: str = "PNG", **options: Any) -> bytes:
    image = image if isinstance(image, Image.Image) else Image.fromarray(image)
    file = BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def code_of(data: bytes, limits: Limits = UPLOADS) -> str:
    with pytest.raises(ImageRejected) as caught:
        decode(data, limits)
    assert str(caught.value), "a rejection explains itself"
    return caught.value.code


def png_chunks(*chunks: tuple[bytes, bytes]) -> bytes:
    parts = [b"\x89PNG\r\n\x1a\n"]
    for kind, body in (*chunks, (b"IEND", b"")):
        parts.append(struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)))
    return b"".join(parts)


def png_header(width: int, height: int, depth: int, colour: int) -> tuple[bytes, bytes]:
    return b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)


def rows(samples: np.ndarray[Any, Any]) -> tuple[bytes, bytes]:
    """IDAT of big-endian rows [H, bytes], filter 0."""
    return b"IDAT", zlib.compress(b"".join(b"\0" + row.tobytes() for row in samples))


def exif_of(orientation: int, mm_35: int | None = None, mm: float | None = None) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    lens = exif.get_ifd(0x8769)
    if mm_35 is not None:
        lens[0xA405] = mm_35
    if mm is not None:
        lens[0x920A] = mm
    return exif


def assert_close(found: Pixels, expected: Pixels, tolerance: int) -> None:
    """Quarter centres agree; edges may ring in lossy formats."""
    assert found.shape == expected.shape
    height, width = expected.shape[:2]
    for y in (height // 4, 3 * height // 4):
        for x in (width // 4, 3 * width // 4):
            assert np.abs(found[y, x].astype(int) - expected[y, x]).max() <= tolerance, (y, x, found[y, x])


class TestAccepted:
    @pytest.mark.parametrize("format", FORMATS)
    def test_every_format_gives_the_same_contiguous_rgb_pixels(self, format: str) -> None:
        photo = decode(file_of(scene(), format))
        assert photo.format == format
        assert photo.pixels.dtype == np.uint8
        assert photo.pixels.flags["C_CONTIGUOUS"]
        assert photo.pixels.flags["WRITEABLE"]
        assert_close(photo.pixels, scene(), 12)

    @pytest.mark.parametrize("format", ["PNG", "BMP", "TIFF"])
    def test_lossless_formats_are_exact(self, format: str) -> None:
        np.testing.assert_array_equal(decode(file_of(scene(), format)).pixels, scene())

    def test_every_suffix_announces_an_accepted_format(self) -> None:
        assert set(SUFFIXES.values()) == set(FORMATS) == set(UPLOADS.formats)
        assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in SUFFIXES)

    def test_progressive_grey_one_bit_and_palette_pictures(self) -> None:
        grey = Image.fromarray(scene()).convert("L")
        assert_close(decode(file_of(scene(), "JPEG", progressive=True)).pixels, scene(), 12)
        for image in (grey, grey.convert("1"), Image.fromarray(scene()).quantize(8)):
            expected = np.array(image.convert("RGB"))
            np.testing.assert_array_equal(decode(file_of(image)).pixels, expected)

    def test_a_phones_jpeg_with_a_second_picture_is_a_photo_and_no_animation(self) -> None:
        thumbnail = Image.fromarray(scene(48, 36))
        data = file_of(scene(), "MPO", save_all=True, append_images=[thumbnail], quality=95)
        with Image.open(BytesIO(data)) as opened:
            assert opened.format == "MPO"
        assert decode(data).format == "JPEG"
        assert_close(decode(data).pixels, scene(), 12)

    def test_a_jpeg_with_an_archive_behind_it_is_only_its_picture(self) -> None:
        data = file_of(scene(), "JPEG")
        np.testing.assert_array_equal(decode(data + b"PK\3\4<script>").pixels, decode(data).pixels)

    def test_decoding_is_the_same_in_many_threads(self) -> None:
        data = file_of(scene(), "JPEG", exif=exif_of(6))
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda _: decode(data).pixels.tobytes(), range(32)))
        assert set(found) == {decode(data).pixels.tobytes()}


class TestOrientation:
    @pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
    @pytest.mark.parametrize(
        ("orientation", "turn"),
        [
            (1, lambda p: p),
            (2, lambda p: p[:, ::-1]),
            (3, lambda p: p[::-1, ::-1]),
            (4, lambda p: p[::-1]),
            (5, lambda p: p.transpose(1, 0, 2)),
            (6, lambda p: np.rot90(p, -1)),
            (7, lambda p: np.rot90(p, 2).transpose(1, 0, 2)),
            (8, lambda p: np.rot90(p, 1)),
        ],
    )
    def test_exif_orientation_is_applied_exactly_once(self, format: str, orientation: int, turn: Any) -> None:
        photo = decode(file_of(scene(), format, exif=exif_of(orientation)))
        assert_close(photo.pixels, turn(scene()), 14)
        assert photo.pixels.flags["C_CONTIGUOUS"]
        assert photo.format == format

    def test_an_invalid_orientation_is_ignored(self) -> None:
        np.testing.assert_array_equal(decode(file_of(scene(), exif=exif_of(9))).pixels, scene())

    def test_turning_keeps_transparency_and_profile(self) -> None:
        rgba = np.dstack([scene(), np.full(scene().shape[:2], 255, np.uint8)])
        rgba[:36, :48, 3] = 0
        turned = decode(file_of(rgba, exif=exif_of(3))).pixels
        np.testing.assert_array_equal(turned[60, 80], WHITE)
        np.testing.assert_array_equal(turned[60, 10], GREEN)

    @pytest.mark.filterwarnings("ignore")
    def test_unreadable_exif_costs_the_photo_nothing(self) -> None:
        data = file_of(scene(), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\xff" * 20)
        photo = decode(data)
        assert_close(photo.pixels, scene(), 12)
        assert photo.camera == Camera()


class TestCamera:
    @pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
    def test_the_lens_is_read_whatever_the_orientation(self, format: str) -> None:
        photo = decode(file_of(scene(), format, exif=exif_of(6, 28, 4.25)))
        assert photo.camera == Camera(28.0, 4.25)

    def test_no_exif_is_no_lens(self) -> None:
        assert decode(file_of(scene())).camera == Camera()


class TestDepthAndColour:
    def test_16_bit_grey_is_scaled_and_not_clipped(self) -> None:
        ramp = np.linspace(0, 65535, 96).astype(np.uint16)[None, :].repeat(72, axis=0)
        for data in (file_of(Image.fromarray(ramp)), file_of(Image.fromarray(ramp), "TIFF")):
            with Image.open(BytesIO(data)) as opened:
                assert opened.mode == "I;16"
            np.testing.assert_array_equal(decode(data).pixels[..., 0], ramp >> 8)

    def test_16_bit_grey_with_a_transparent_value(self) -> None:
        samples = np.full((64, 64), 0x1234, ">u2")
        samples[:32] = 0x8000
        data = png_chunks(png_header(64, 64, 16, 0), (b"tRNS", b"\x12\x34"), rows(samples.view(np.uint8)))
        found = decode(data).pixels
        np.testing.assert_array_equal(found[0, 0], [0x80] * 3)
        np.testing.assert_array_equal(found[63, 0], WHITE)

    def test_16_bit_rgb_keeps_the_high_byte(self) -> None:
        samples = np.zeros((64, 64, 3), ">u2")
        samples[:] = (0xC8FF, 0x10FF, 0x00FF)
        data = png_chunks(png_header(64, 64, 16, 2), rows(samples.reshape(64, -1).view(np.uint8)))
        np.testing.assert_array_equal(decode(data).pixels[5, 5], (0xC8, 0x10, 0))

    @pytest.mark.parametrize("dtype", [np.int32, np.float32])
    def test_32_bit_and_float_samples_are_refused(self, dtype: Any) -> None:
        assert code_of(file_of(Image.fromarray(np.zeros((64, 64), dtype)), "TIFF")) == "unsupported_mode"

    def test_lab_is_refused(self) -> None:
        assert code_of(file_of(Image.new("LAB", (64, 64)), "TIFF")) == "unsupported_mode"

    @pytest.mark.parametrize("format", ["JPEG", "TIFF"])
    def test_cmyk_becomes_rgb(self, format: str) -> None:
        data = file_of(Image.fromarray(scene()).convert("CMYK"), format)
        assert_close(decode(data).pixels, scene(), 12)

    def test_an_icc_profile_is_converted_to_srgb(self) -> None:
        """Linear-light samples: 0.2140 of full scale is sRGB 0.5."""
        linear = np.full((64, 64, 3), 55, np.uint8)
        assert (
            np.abs(decode(file_of(linear, icc_profile=icc_profile(1.0))).pixels.astype(int) - 128).max() <= 2
        )

    def test_an_srgb_profile_changes_nothing(self) -> None:
        profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        found = decode(file_of(scene(), icc_profile=profile)).pixels
        assert np.abs(found.astype(int) - scene()).max() <= 1

    def test_a_grey_picture_with_an_rgb_profile_uses_its_curve(self) -> None:
        grey = Image.new("L", (64, 64), 55)
        assert abs(int(decode(file_of(grey, icc_profile=icc_profile(1.0))).pixels[0, 0, 0]) - 128) <= 2

    def test_a_profile_and_transparency_together(self) -> None:
        rgba = np.full((64, 64, 4), 55, np.uint8)
        rgba[..., 3] = 255
        rgba[:32, :, 3] = 0
        found = decode(file_of(rgba, icc_profile=icc_profile(1.0))).pixels
        np.testing.assert_array_equal(found[0, 0], WHITE)
        assert abs(int(found[63, 0, 0]) - 128) <= 2

    @pytest.mark.parametrize("profile", [b"nonsense", b"\0" * 200, None])
    def test_a_profile_that_cannot_be_used_is_ignored(self, profile: bytes | None) -> None:
        broken = icc_profile(1.0)[:150] if profile is None else profile
        np.testing.assert_array_equal(decode(file_of(scene(), icc_profile=broken)).pixels, scene())

    def test_a_profile_of_another_colour_model_is_ignored(self) -> None:
        cmyk = Image.fromarray(scene()).convert("CMYK")
        assert_close(decode(file_of(cmyk, "TIFF", icc_profile=icc_profile(1.0))).pixels, scene(), 2)


def icc_profile(gamma: float) -> bytes:
    """A matrix profile of sRGB's primaries with another tone curve, made from Pillow's own sRGB profile."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    count = struct.unpack(">I", srgb[128:132])[0]
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    table, body = bytearray(srgb[128 : 132 + 12 * count]), srgb[132 + 12 * count :]
    for index in range(count):
        entry = 4 + 12 * index
        if bytes(table[entry : entry + 4]) in (b"rTRC", b"gTRC", b"bTRC"):
            table[entry + 4 : entry + 12] = struct.pack(">II", len(srgb), len(curve))
    whole = bytearray(srgb[:128] + bytes(table) + body + curve)
    whole[:4] = struct.pack(">I", len(whole))
    return bytes(whole)


class TestTransparency:
    def test_hidden_colour_is_never_shown(self) -> None:
        rgba = np.dstack([scene(), np.zeros(scene().shape[:2], np.uint8)])
        for data in (file_of(rgba), file_of(rgba, "WEBP", lossless=True, exact=True), file_of(rgba, "TIFF")):
            assert (decode(data).pixels == 255).all()

    def test_half_coverage_is_half_white(self) -> None:
        rgba = np.dstack([np.zeros((64, 64, 3), np.uint8), np.full((64, 64), 128, np.uint8)])
        assert (decode(file_of(rgba)).pixels == 127).all()

    def test_grey_with_alpha(self) -> None:
        image = Image.merge("LA", [Image.new("L", (64, 64), 10), Image.new("L", (64, 64), 0)])
        assert (decode(file_of(image)).pixels == 255).all()

    @pytest.mark.parametrize("transparency", [0, b"\x00\xff"])
    def test_a_palette_with_transparency(self, transparency: int | bytes) -> None:
        image = Image.new("P", (64, 64), 0)
        image.putpalette([200, 0, 0, 0, 0, 250])
        image.paste(1, (0, 32, 64, 64))
        found = decode(file_of(image, transparency=transparency)).pixels
        np.testing.assert_array_equal(found[0, 0], WHITE)
        np.testing.assert_array_equal(found[63, 0], (0, 0, 250))

    def test_a_transparent_gif(self) -> None:
        image = Image.new("P", (64, 64), 0)
        image.putpalette([200, 0, 0, 0, 0, 250])
        assert (decode(file_of(image, "GIF", transparency=0)).pixels == 255).all()

    def test_rgb_and_grey_with_a_transparent_colour(self) -> None:
        found = decode(file_of(scene(), transparency=RED)).pixels
        np.testing.assert_array_equal(found[0, 0], WHITE)
        np.testing.assert_array_equal(found[0, 95], GREEN)
        assert (decode(file_of(Image.new("L", (64, 64), 9), transparency=9)).pixels == 255).all()
        assert (decode(file_of(Image.new("1", (64, 64), 0), transparency=0)).pixels == 255).all()


class TestRejected:
    def test_empty(self) -> None:
        assert code_of(b"") == "empty"

    def test_too_large_is_decided_on_the_bytes_alone(self) -> None:
        assert code_of(b"x" * 101, Limits(max_bytes=100)) == "too_large"

    @pytest.mark.parametrize(
        "data",
        [
            b"<!DOCTYPE html><html><body><img src=x></body></html>",
            b'<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100"/>',
            b"PK\x03\x04" + bytes(200),
            b"%PDF-1.7\n",
            b"<html>" + file_of(scene(), "JPEG"),
            b"\x00" * 1000,
            b"x",
        ],
    )
    def test_what_is_no_picture(self, data: bytes) -> None:
        assert code_of(data) == "unknown_format"

    @pytest.mark.parametrize("format", ["PPM", "TGA", "ICO", "PCX", "JPEG2000", "EPS"])
    def test_formats_outside_the_list_are_not_even_tried(self, format: str) -> None:
        assert code_of(file_of(scene(), format)) == "unknown_format"

    def test_a_format_can_be_excluded(self) -> None:
        assert code_of(file_of(scene(), "GIF"), Limits(formats=("PNG",))) == "unknown_format"

    def test_heic_is_named_with_the_way_out(self) -> None:
        data = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(100)
        assert code_of(data) == "heic"
        with pytest.raises(ImageRejected, match="JPEG"):
            decode(data)

    @pytest.mark.parametrize("side", [7100, 10_000, 14_000, 60_000])
    def test_bombs_are_refused_from_the_header(self, side: int) -> None:
        """50, 100 (Pillow warns), 196 (Pillow refuses) and 3,600 megapixels, in a few bytes."""
        bomb = png_chunks(png_header(side, side, 8, 2), (b"IDAT", zlib.compress(bytes(100))))
        assert code_of(bomb) == "too_many_pixels"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert code_of(bomb) == "too_many_pixels"

    @pytest.mark.parametrize("format", [f for f in FORMATS if f != "AVIF"])
    @pytest.mark.parametrize("part", [0.5, 0.9])
    def test_cut_off_files_are_found_by_loading(self, format: str, part: float) -> None:
        noise = np.random.default_rng(0).integers(0, 256, (80, 80, 3), dtype=np.uint8)
        data = file_of(noise, format)
        assert code_of(data[: int(len(data) * part)]) == "truncated"

    def test_a_cut_off_avif_is_refused_as_its_library_sees_it(self) -> None:
        data = file_of(scene(), "AVIF")
        assert code_of(data[: len(data) // 2]) in ("truncated", "unknown_format")

    @pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP", "TIFF", "AVIF"])
    def test_animations_and_pages_are_refused(self, format: str) -> None:
        second = Image.fromarray(scene()[::-1].copy())
        assert code_of(file_of(scene(), format, save_all=True, append_images=[second])) == "animated"

    def test_too_small(self) -> None:
        assert code_of(file_of(scene(63, 200))) == "too_small"
        assert decode(file_of(scene(64, 64))).pixels.shape == (64, 64, 3)

    def test_too_long(self) -> None:
        assert code_of(file_of(scene(64, 513))) == code_of(file_of(scene(513, 64))) == "aspect"
        assert decode(file_of(scene(64, 512))).pixels.shape == (512, 64, 3)

    def test_pillows_global_settings_stay_as_they_were(self) -> None:
        before = (Image.MAX_IMAGE_PIXELS, list(warnings.filters))
        decode(file_of(scene(), "JPEG"))
        assert (Image.MAX_IMAGE_PIXELS, list(warnings.filters)) == before
        assert ImageFile.LOAD_TRUNCATED_IMAGES is False


SEEDS = {format: file_of(scene(), format, exif=exif_of(6, 28)) for format in ("JPEG", "PNG", "WEBP")} | {
    "GIF": file_of(scene(), "GIF"),
    "TIFF": file_of(scene(), "TIFF"),
    "ICC": file_of(scene(), "JPEG", icc_profile=icc_profile(1.0)),
    "PALETTE": file_of(Image.fromarray(scene()).quantize(8), transparency=b"\x00\x80"),
}


@given(st.sampled_from(sorted(SEEDS)), st.data())
@settings(max_examples=500, deadline=None)
def test_damaged_files_give_pixels_or_a_rejection(name: str, data: st.DataObject) -> None:
    file = bytearray(SEEDS[name])
    for _ in range(data.draw(st.integers(1, 4))):
        file[data.draw(st.integers(0, len(file) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(file)) | st.just(len(file)))
    try:
        photo = decode(bytes(file[:cut]))
    except ImageRejected:
        return
    assert photo.pixels.shape[2] == 3
    assert photo.pixels.dtype == np.uint8


@given(st.binary(max_size=300))
@settings(max_examples=100, deadline=None)
def test_arbitrary_bytes_are_rejected(data: bytes) -> None:
    with pytest.raises(ImageRejected):
        decode(data)


class TestCropsAndMasks:
    def test_a_crop_keeps_its_straight_alpha_and_loses_hidden_colour(self) -> None:
        rgba = np.random.default_rng(0).integers(1, 256, (20, 300, 4), dtype=np.uint8)
        rgba[:5, :, 3] = 0
        found = decode_rgba(encode_png(rgba).data)
        np.testing.assert_array_equal(found[5:], rgba[5:])
        assert (found[:5, :, :3] == 255).all()

    def test_hidden_colour_in_a_foreign_crop_is_white_too(self) -> None:
        rgba = np.full((8, 8, 4), 77, np.uint8)
        rgba[..., 3] = 0
        assert (decode_rgba(file_of(rgba))[..., :3] == 255).all()

    def test_a_crop_without_alpha_is_opaque(self) -> None:
        found = decode_rgba(file_of(scene()))
        np.testing.assert_array_equal(found[..., :3], scene())
        assert (found[..., 3] == 255).all()

    def test_crops_are_png_or_webp(self) -> None:
        with pytest.raises(ImageRejected, match="PNG, WEBP"):
            decode_rgba(file_of(scene(), "JPEG"), CROPS)

    @given(
        hnp.arrays(
            np.uint8, st.tuples(st.integers(64, 90), st.integers(64, 90)), elements=st.sampled_from([0, 255])
        )
    )
    @settings(max_examples=40, deadline=None)
    def test_any_mask_survives(self, mask: Pixels) -> None:
        np.testing.assert_array_equal(decode_mask(encode_png(mask).data), mask)

    @pytest.mark.parametrize(
        "image",
        [
            Image.new("L", (64, 64), 254),
            Image.new("L", (64, 64), 1),
            Image.new("RGB", (64, 64)),
            Image.new("LA", (64, 64)),
            Image.new("P", (64, 64)),
            Image.new("1", (64, 64)),
            Image.new("I;16", (64, 64)),
        ],
    )
    def test_what_is_not_a_strict_mask_is_refused(self, image: Image.Image) -> None:
        with pytest.raises(ImageRejected) as caught:
            decode_mask(file_of(image))
        assert caught.value.code == "not_a_mask"

    def test_a_mask_with_a_transparent_value_or_in_a_lossy_format_is_refused(self) -> None:
        for data, code in (
            (file_of(Image.new("L", (64, 64)), transparency=0), "not_a_mask"),
            (file_of(Image.new("L", (64, 64)), "JPEG"), "unknown_format"),
        ):
            with pytest.raises(ImageRejected) as caught:
                decode_mask(data)
            assert caught.value.code == code


class TestEncoding:
    @pytest.mark.parametrize("shape", [(70, 80), (70, 80, 3), (70, 80, 4)])
    @pytest.mark.parametrize("marked", [False, True])
    def test_png_is_lossless_and_the_same_every_time(self, shape: tuple[int, ...], marked: bool) -> None:
        pixels = np.random.default_rng(1).integers(1, 256, shape, dtype=np.uint8)
        encoded = encode_png(pixels, ai_generated=marked)
        assert (encoded.suffix, encoded.media_type) == ("png", "image/png")
        with Image.open(BytesIO(encoded.data)) as image:
            np.testing.assert_array_equal(np.array(image), pixels)
        assert encode_png(pixels.copy(), ai_generated=marked) == encoded

    @pytest.mark.parametrize("shape", [(70, 80), (70, 80, 3), (70, 80, 4)])
    def test_webp_is_lossy_and_the_same_every_time(self, shape: tuple[int, ...]) -> None:
        pixels = np.full(shape, 200, np.uint8)
        encoded = encode_webp(pixels, 90, ai_generated=True)
        assert (encoded.suffix, encoded.media_type) == ("webp", "image/webp")
        found = decode_rgba(encoded.data)
        assert found.shape == (70, 80, 4)
        assert np.abs(found[..., :3].astype(int) - 200).max() <= 2
        assert (found[..., 3] == (200 if len(shape) == 3 and shape[2] == 4 else 255)).all()
        assert encode_webp(pixels.copy(), 90, ai_generated=True) == encoded

    def test_less_quality_is_fewer_bytes(self) -> None:
        noise = np.random.default_rng(1).integers(0, 256, (128, 128, 3), dtype=np.uint8)
        assert len(encode_webp(noise, 40).data) < len(encode_webp(noise, 95).data)

    def test_a_transposed_view_is_written_as_it_looks(self) -> None:
        view = scene().transpose(1, 0, 2)
        np.testing.assert_array_equal(decode(encode_png(view).data).pixels, view)

    def test_what_the_formats_cannot_hold_is_refused(self) -> None:
        for pixels in (
            np.zeros((4, 4, 2), np.uint8),
            np.zeros((0, 4), np.uint8),
            np.zeros((4, 4), np.float32),
        ):
            with pytest.raises(ValueError, match="uint8"):
                encode_png(pixels)  # type: ignore[arg-type]
        with pytest.raises(InvalidSetting, match="quality 101"):
            encode_webp(scene(), 101)
        with pytest.raises(InvalidSetting, match="16384"):
            encode_webp(np.zeros((4, 16_384, 3), np.uint8))


class TestSizes:
    @pytest.mark.parametrize(
        ("size", "expected"),
        [
            ((3000, 4000), (768, 1024)),
            ((4000, 3000), (768, 576)),
            ((300, 400), (300, 400)),
            ((768, 1025), (767, 1024)),
            ((10_000, 5), (768, 1)),
        ],
    )
    def test_pictures_fit_the_box_and_never_grow(
        self, size: tuple[int, int], expected: tuple[int, int]
    ) -> None:
        assert fit_within(*size, 768, 1024) == expected

    @given(*(st.integers(1, 20_000) for _ in range(4)))
    def test_the_result_is_inside_the_box_and_touches_it_or_is_the_original(
        self, w: int, h: int, mw: int, mh: int
    ) -> None:
        width, height = fit_within(w, h, mw, mh)
        assert 1 <= width <= min(w, mw)
        assert 1 <= height <= min(h, mh)
        assert (width, height) == (w, h) or width == mw or height == mh

    def test_shrinking_averages_areas(self) -> None:
        checker = (np.indices((64, 64)).sum(axis=0) % 2 * 200).astype(np.uint8)
        assert (resize(np.dstack([checker] * 3), (32, 32)) == 100).all()

    def test_size_is_width_then_height_and_the_same_size_is_a_copy(self) -> None:
        picture = scene()
        assert resize(picture, (48, 18)).shape == (18, 48, 3)
        assert resize(picture, (200, 100)).shape == (100, 200, 3)
        same = resize(picture, (96, 72))
        np.testing.assert_array_equal(same, picture)
        assert same is not picture

    @pytest.mark.parametrize("size", [(32, 32), (100, 100)])
    def test_colour_under_transparent_pixels_does_not_bleed(self, size: tuple[int, int]) -> None:
        rgba = np.zeros((63, 63, 4), np.uint8)
        rgba[...] = (0, 255, 0, 0)
        rgba[:, :31] = (200, 10, 10, 255)
        found = resize(rgba, size)
        seen = found[..., 3] > 0
        assert (found[seen][:, :3] == (200, 10, 10)).all()
        assert (found[~seen][:, :3] == 255).all()

    def test_masks_keep_their_two_values_and_their_place(self) -> None:
        mask = np.zeros((100, 100), np.uint8)
        mask[30:70, 30:70] = 255
        small = resize_mask(mask, (37, 41))
        assert small.shape == (41, 37)
        assert set(np.unique(small)) == {0, 255}
        np.testing.assert_array_equal(small, small[::-1, ::-1])
