"""Colour profiles: what is seen is right in sRGB, what is stored stays as it was."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from photo.photo_samples import (
    ADOBE_RGB,
    DISPLAY_P3,
    edit_of,
    gamma_curve,
    grey_profile,
    noise,
    outside,
    rgb_profile,
    smooth_pixels,
    srgb_curve,
)
from PIL import Image, ImageCms

from exshot.image.pixels import Pixels
from exshot.photo import Photo, save_edit
from exshot.photo.color import from_srgb, to_srgb, usable_profile
from exshot.photo.matrix_profile import parse_matrix_profile, srgb_profile
from exshot.photo.origin import Origin

P3 = rgb_profile(DISPLAY_P3, srgb_curve())
ADOBE = rgb_profile(ADOBE_RGB, gamma_curve(563 / 256))
GREY = grey_profile(gamma_curve(1.8))
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
# A profile without a matrix: what Little CMS makes of CIE L*a*b* serves as one.
LAB = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()


def origin_of(photo: Photo) -> Origin:
    assert photo.origin is not None
    return photo.origin


def through_little_cms(pixels: Pixels, icc: bytes) -> np.ndarray:
    transform = ImageCms.buildTransform(
        ImageCms.ImageCmsProfile(io.BytesIO(icc)),
        ImageCms.createProfile("sRGB"),
        "RGB",
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
    )
    return np.asarray(ImageCms.applyTransform(Image.fromarray(pixels), transform)).astype(int)


def test_display_p3_red_becomes_the_known_srgb_colour(tmp_path: Path) -> None:
    # Display P3 (200, 100, 100) is sRGB (215.9, 95.0, 97.3) by the two standards' matrices.
    pixels = np.full((8, 8, 3), (200, 100, 100), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "p3.png", icc_profile=P3)
    seen = Photo.open(tmp_path / "p3.png").pixels[0, 0].astype(int)
    linear = lambda v: np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)  # noqa: E731
    to_linear_srgb = np.array(
        [[1.22494, -0.22494, 0.0], [-0.04206, 1.04206, 0.0], [-0.01964, -0.07864, 1.09827]]
    )
    light = to_linear_srgb @ linear(np.array([200, 100, 100]) / 255)
    expected = 255 * (1.055 * light ** (1 / 2.4) - 0.055)
    assert np.abs(seen - expected).max() <= 1


@pytest.mark.parametrize("icc", [P3, ADOBE], ids=["display-p3", "adobe-rgb"])
def test_the_16_bit_conversion_agrees_with_little_cms(icc: bytes) -> None:
    codes = noise((64, 64, 3))
    deep = to_srgb(codes.astype(np.uint16) * 257, "RGB", icc)
    assert np.abs(np.rint(deep / 257) - through_little_cms(codes, icc)).max() <= 1


@pytest.mark.parametrize("icc", [P3, ADOBE], ids=["display-p3", "adobe-rgb"])
def test_16_bit_colours_come_back_to_a_few_steps(icc: bytes) -> None:
    inside_srgb = smooth_pixels(64, 64, np.uint16)
    native = from_srgb(inside_srgb, "RGB", icc)
    back = to_srgb(native, "RGB", icc).astype(int)
    assert np.abs(back - inside_srgb).max() <= 8  # of 65535: a 30th of an 8-bit step


def test_a_16_bit_ramp_has_no_bands() -> None:
    ramp = np.repeat(np.arange(65536, dtype=np.uint16)[:, None, None], 3, axis=2)
    seen = to_srgb(ramp, "RGB", ADOBE)[:, 0].astype(int)
    steps = np.diff(seen, axis=0)
    assert steps.min() >= 0
    assert steps[2000:].max() <= 4


@pytest.mark.parametrize(
    ("icc", "dtype"), [(P3, np.uint8), (ADOBE, np.uint8), (P3, np.uint16), (ADOBE, np.uint16)]
)
@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_a_wide_gamut_photo_is_written_back_untouched_outside_the_mask(
    tmp_path: Path, icc: bytes, dtype: type, suffix: str
) -> None:
    photo = wide_photo(tmp_path / "in.tif", icc, dtype)
    edit = edit_of(photo)
    save_edit(photo, edit, tmp_path / f"out{suffix}")
    again = Photo.open(tmp_path / f"out{suffix}")
    away, full = outside(photo, edit), np.zeros((photo.height, photo.width), bool)
    full[edit.box.slices] = edit.mask == 255
    assert origin_of(again).icc == icc
    np.testing.assert_array_equal(origin_of(again).native[away], origin_of(photo).native[away])
    layer = np.zeros_like(photo.pixels)
    layer[edit.box.slices] = edit.layer
    error = np.abs(again.pixels[full].astype(int) - layer[full])
    # sRGB lies inside both spaces; saturated shadows are coarse in 8 bits.
    assert np.percentile(error, 99) <= (4 if dtype == np.uint8 else 40)


def wide_photo(path: Path, icc: bytes, dtype: type) -> Photo:
    """A photo in a wide space that uses all of it."""
    from exshot.photo.tiff_file import tiff_bytes

    data = tiff_bytes(noise((40, 60, 3), dtype), "RGB", icc=icc, exif=None, xmp=None, dpi=None)
    path.write_bytes(data)
    return Photo.open(path)


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".heic"])
def test_the_profile_goes_into_lossy_files_too(tmp_path: Path, suffix: str) -> None:
    Image.fromarray(smooth_pixels()).save(tmp_path / "in.png", icc_profile=P3)
    photo = Photo.open(tmp_path / "in.png")
    save_edit(photo, edit_of(photo), tmp_path / f"out{suffix}")
    assert origin_of(Photo.open(tmp_path / f"out{suffix}")).icc == P3


def test_pixels_with_an_srgb_profile_are_not_touched(tmp_path: Path) -> None:
    pixels = noise((40, 50, 3))
    Image.fromarray(pixels).save(tmp_path / "in.png", icc_profile=SRGB)
    photo = Photo.open(tmp_path / "in.png")
    np.testing.assert_array_equal(photo.pixels, pixels)
    assert photo.pixels is origin_of(photo).native
    assert origin_of(photo).icc == SRGB


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_grey_profile_is_honoured_and_kept(tmp_path: Path, dtype: type) -> None:
    from exshot.photo.tiff_file import tiff_bytes

    top = np.iinfo(dtype).max
    grey = np.tile(np.linspace(0, top, 64).astype(dtype), (32, 1))
    data = tiff_bytes(grey, "GRAY", icc=GREY, exif=None, xmp=None, dpi=None)
    (tmp_path / "in.tif").write_bytes(data)
    photo = Photo.open(tmp_path / "in.tif")
    light = (grey[0] / top) ** 1.8
    expected = top * np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    assert np.abs(photo.pixels[0, :, 1] - expected).max() <= 1.5 * top / 255  # 8-bit shadows
    edit = edit_of(photo)
    save_edit(photo, edit, tmp_path / "out.png")
    again = Photo.open(tmp_path / "out.png")
    away = outside(photo, edit)
    assert origin_of(again).icc == GREY
    np.testing.assert_array_equal(origin_of(again).native[away], grey[away])


@pytest.mark.parametrize("icc", [b"", b"garbage", P3[:200], GREY, LAB])
def test_profiles_that_do_not_fit_are_ignored(icc: bytes) -> None:
    assert usable_profile(icc, "RGB") is None


def test_a_profile_with_damaged_numbers_does_no_harm() -> None:
    for place in range(128, len(P3), 11):
        damaged = bytearray(P3)
        damaged[place] ^= 0xFF
        icc = usable_profile(bytes(damaged), "RGB")
        for dtype in (np.uint8, np.uint16):
            assert to_srgb(smooth_pixels(4, 4, dtype), "RGB", icc).dtype == dtype


def test_the_tone_curve_of_srgb_is_the_standards() -> None:
    codes = np.array([0, 0.02, 0.04045, 0.2, 0.5, 1.0])
    at = np.rint(codes * 65535).astype(int)
    expected = np.where(codes <= 0.04045, codes / 12.92, ((codes + 0.055) / 1.055) ** 2.4)
    np.testing.assert_allclose(srgb_profile().curves[0][at], expected, atol=2e-5)


def test_a_curve_given_as_a_table_is_the_curve_it_samples() -> None:
    samples = np.rint(65535 * np.linspace(0, 1, 1024) ** 2.2).astype(">u2")
    table = b"curv\0\0\0\0" + len(samples).to_bytes(4, "big") + samples.tobytes()
    sampled = parse_matrix_profile(rgb_profile(ADOBE_RGB, table))
    exact = parse_matrix_profile(rgb_profile(ADOBE_RGB, gamma_curve(2.2)))
    assert sampled is not None
    assert exact is not None
    np.testing.assert_allclose(sampled.curves, exact.curves, atol=1e-3)
