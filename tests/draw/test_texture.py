"""Sharpness, grain and blocks of the two photos are made alike."""

from __future__ import annotations

import numpy as np

from exshot.draw.texture import grain, match_texture, smoothed
from exshot.image.geometry import Box
from exshot.result import FaceQuality


def quality(blur: float = 1.0, noise: float = 0.0, blocks: float = 0.0) -> FaceQuality:
    return FaceQuality(blur, noise, blocks, 300.0)


def test_photos_of_one_camera_are_left_alone() -> None:
    texture = match_texture(quality(1.2, 0.01), quality(1.3, 0.01), 1.0)
    assert (texture.soften, texture.grain, texture.blocks) == (0, 0, 0)


def test_a_sharper_photo_is_softened_by_what_is_missing() -> None:
    assert abs(match_texture(quality(5.0), quality(2.5), 1.0).soften - 4.330127) < 1e-6


def test_a_photo_whose_noise_hides_its_blur_is_not_softened() -> None:
    unknown = FaceQuality(None, 0.04, 0.0, 300.0)
    assert match_texture(quality(5.0), unknown, 1.0).soften == 0
    assert match_texture(unknown, quality(1.0), 1.0).soften == 0


def test_a_softer_photo_is_not_sharpened() -> None:
    assert match_texture(quality(1.0), quality(6.0), 1.0).soften == 0


def test_a_smooth_face_gets_the_photos_grain_and_keeps_what_it_has() -> None:
    assert abs(match_texture(quality(noise=0.05), quality(), 1.0).grain - 0.05) < 1e-6
    assert abs(match_texture(quality(noise=0.05), quality(noise=0.03), 1.0).grain - 0.04) < 1e-6
    assert match_texture(quality(noise=0.01), quality(noise=0.05), 1.0).grain == 0


def test_grain_has_its_strength_and_is_the_same_in_every_strip() -> None:
    whole = grain(Box(0, 0, 300, 300), 0.04)
    assert abs(whole.std() - 0.04) < 0.004
    np.testing.assert_array_equal(grain(Box(50, 100, 90, 140), 0.04), whole[100:140, 50:90])


def test_blocks_go_and_edges_stay() -> None:
    steps = np.where(np.arange(64) // 8 % 2 == 0, 100, 106).astype(np.uint8)
    picture = np.repeat(np.repeat(steps[None, :], 64, 0)[..., None], 3, 2)
    picture[:, 40:] += 100
    out = smoothed(picture, 6 / 255, 0.0).astype(int)
    assert np.abs(np.diff(out[32, 4:36, 0])).max() <= 2
    assert out[32, 44, 0] - out[32, 36, 0] > 90


def test_nothing_to_do_changes_nothing() -> None:
    picture = np.random.default_rng(0).integers(0, 65535, (20, 20, 3)).astype(np.uint16)
    np.testing.assert_array_equal(smoothed(picture, 0.0, 0.0), picture)
