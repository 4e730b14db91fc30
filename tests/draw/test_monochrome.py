"""Monochrome photos are known, grey or toned, and stay monochrome."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from exshot.draw.monochrome import tone_of, toned
from exshot.image.sampling import Map

RNG = np.random.default_rng(5)


def grey_scene() -> Map:
    grey = np.clip(RNG.normal(0.5, 0.2, (128, 128)), 0, 1).astype(np.float32)
    return np.repeat(grey[..., None], 3, axis=2)


def sepia_scene() -> Map:
    grey = grey_scene()
    return np.clip(grey * np.array([1.0, 0.85, 0.65], np.float32) + 0.02, 0, 1)


def compressed(pixels: Map) -> Map:
    coded = np.round(pixels[..., ::-1] * 255).astype(np.uint8)
    _, data = cv2.imencode(".jpg", coded, [cv2.IMWRITE_JPEG_QUALITY, 85])
    read = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.float32)
    return (read[..., ::-1] / np.float32(255)).astype(np.float32)


@pytest.mark.parametrize("scene", [grey_scene, sepia_scene])
def test_one_colour_for_each_brightness_is_monochrome(scene) -> None:
    photo = compressed(scene())
    tone = tone_of(photo)
    assert tone is not None
    np.testing.assert_allclose(toned(photo, tone).mean((0, 1)), photo.mean((0, 1)), atol=0.01)


def test_a_colour_photo_is_not_monochrome_nor_a_pale_one() -> None:
    colours = RNG.uniform(0, 1, (128, 128, 3)).astype(np.float32)
    assert tone_of(colours) is None
    pale = grey_scene()
    pale[:64] *= np.array([1.0, 0.93, 0.9], np.float32)
    assert tone_of(pale) is None


def test_a_colour_face_in_a_grey_tone_is_grey() -> None:
    tone = tone_of(grey_scene())
    assert tone is not None
    out = toned(RNG.uniform(0, 1, (32, 32, 3)).astype(np.float32), tone)
    assert np.ptp(out, axis=2).max() < 0.01
