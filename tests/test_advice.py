"""Warnings begin where a result begins to suffer, and not before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exshot.advice import quality_warnings, unlike_pixels
from exshot.result import FaceQuality

SHARP = FaceQuality(blur=1.0, noise=2 / 255, blockiness=0.5 / 255, width=600.0)


def codes(pose: FaceQuality, expression: FaceQuality) -> list[str]:
    return [warning.code for warning in quality_warnings(pose, expression)]


def test_photos_that_are_compressed_alike_are_alike() -> None:
    blocky = replace(SHARP, blockiness=6 / 255)
    assert not unlike_pixels(blocky, blocky)
    assert unlike_pixels(SHARP, blocky)
    assert unlike_pixels(blocky, SHARP)
    assert unlike_pixels(SHARP, replace(SHARP, blur=9.0))


def test_two_good_photos_need_no_words() -> None:
    assert codes(SHARP, SHARP) == []


@pytest.mark.parametrize(("width", "told"), [(330.0, False), (270.0, True)])
def test_a_face_of_half_the_size_is_too_soft(width: float, told: bool) -> None:
    assert ("soft_expression" in codes(SHARP, replace(SHARP, width=width))) == told


@pytest.mark.parametrize(("blur", "told"), [(4.5, False), (6.5, True)])
def test_blur_of_a_hundredth_of_the_face_is_seen(blur: float, told: bool) -> None:
    assert ("soft_expression" in codes(SHARP, replace(SHARP, blur=blur))) == told


def test_a_pose_photo_as_soft_takes_a_soft_face() -> None:
    soft = replace(SHARP, blur=7.0)
    assert codes(soft, replace(SHARP, blur=10.0)) == []
    assert codes(soft, replace(SHARP, blur=18.0)) == ["soft_expression"]


@pytest.mark.parametrize(("noise", "told"), [(8 / 255, False), (12 / 255, True)])
def test_noise_is_told_from_where_it_is_seen_at_once(noise: float, told: bool) -> None:
    assert ("noisy" in codes(SHARP, replace(SHARP, noise=noise))) == told
    assert ("noisy" in codes(replace(SHARP, noise=noise), SHARP)) == told


def test_two_noisy_photos_go_together() -> None:
    noisy = replace(SHARP, noise=12 / 255)
    assert codes(noisy, replace(SHARP, noise=18 / 255)) == []
    assert codes(noisy, replace(SHARP, noise=23 / 255)) == ["noisy"]


@pytest.mark.parametrize(("step", "told"), [(2.5 / 255, False), (3.5 / 255, True)])
def test_blocks_are_told_from_where_they_are_seen(step: float, told: bool) -> None:
    assert ("compressed" in codes(SHARP, replace(SHARP, blockiness=step))) == told
