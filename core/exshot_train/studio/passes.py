"""What a camera sees of a head apart from light, and how that is packed into files."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot_train.studio.lights import to_linear, to_srgb

_TRANSFER_RANGE = 1.6  # transfer values lie within ±0.8
_JPEG = [cv2.IMWRITE_JPEG_QUALITY, 95, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, 0x111111]


@dataclass(frozen=True)
class Passes:
    """What one camera sees of a head, free of light. All ``(h, w, …)`` float32 but ``numbers``.

    Colours, normals and transfer are multiplied by coverage (averages over each pixel).

    Attributes:
        albedo: ``(h, w, 3)`` linear RGB.
        coverage: share of the pixel that the head covers.
        normal: ``(h, w, 3)`` studio frame.
        transfer: ``(h, w, 9)`` share of the light's spherical harmonics that arrives, occlusion
            and cosine included; times the light's coefficients it is reflected radiance.
        skin, hair, eye: coverage by kind.
        numbers: ``(h, w)`` int32 triangle at each pixel's centre, -1 for none.
    """

    albedo: NDArray[np.float32]
    coverage: NDArray[np.float32]
    normal: NDArray[np.float32]
    transfer: NDArray[np.float32]
    skin: NDArray[np.float32]
    hair: NDArray[np.float32]
    eye: NDArray[np.float32]
    numbers: NDArray[np.int32]


def pack(passes: Passes) -> dict[str, bytes]:
    """Passes as small files by name: JPEG for what is smooth, PNG for what must stay exact.

    Albedo, normals and transfer are kept without the coverage; transfer at half the size.
    """
    covered = passes.coverage
    files = {
        "albedo.jpg": _jpeg(to_srgb(_spread(passes.albedo, covered))),
        "normal.jpg": _jpeg(_spread(passes.normal, covered) * 0.5 + 0.5),
    }
    half = (covered.shape[1] // 2, covered.shape[0] // 2)
    transfer = _spread(_resized(passes.transfer, half), _resized(covered, half))
    for k in range(3):
        band = transfer[..., 3 * k : 3 * k + 3] / _TRANSFER_RANGE + 0.5
        files[f"transfer{k}.jpg"] = _jpeg(band)
    masks = np.stack([passes.skin, passes.hair, passes.eye, covered], axis=2)
    files["masks.png"] = _png(np.round(masks * 255).clip(0, 255).astype(np.uint8))
    number = passes.numbers + 1
    digits = np.stack([number & 255, number >> 8 & 255, number >> 16], axis=2)
    files["numbers.png"] = _png(digits.astype(np.uint8))
    return files


def unpack(files: dict[str, bytes]) -> Passes:
    """The passes that `pack` packed, but for the loss of JPEG."""
    masks = _unit(files["masks.png"])
    covered = masks[..., 3]
    size = (covered.shape[1], covered.shape[0])
    bands = [_unit(files[f"transfer{k}.jpg"]) - np.float32(0.5) for k in range(3)]
    transfer = np.concatenate(bands, axis=2) * np.float32(_TRANSFER_RANGE)
    transfer = np.dstack(
        [cv2.resize(part, size, interpolation=cv2.INTER_LINEAR) for part in np.dsplit(transfer, 3)]
    )
    once = covered[..., None]
    return Passes(
        albedo=to_linear(_unit(files["albedo.jpg"])) * once,
        coverage=covered,
        normal=(_unit(files["normal.jpg"]) * np.float32(2) - np.float32(1)) * once,
        transfer=transfer * once,
        skin=masks[..., 0],
        hair=masks[..., 1],
        eye=masks[..., 2],
        numbers=unpack_numbers(files["numbers.png"]),
    )


def unpack_numbers(data: bytes) -> NDArray[np.int32]:
    """The triangle at each pixel's centre, ``(h, w)``, -1 for none."""
    digits = _open(data).astype(np.int32)
    return digits[..., 0] + (digits[..., 1] << 8) + (digits[..., 2] << 16) - 1


def _spread(values: NDArray[np.float32], covered: NDArray[np.float32]) -> NDArray[np.float32]:
    """Values without coverage, carried on smoothly past the silhouette."""
    share = np.maximum(covered, 0)[..., None]
    near = cv2.GaussianBlur(values, (0, 0), 4)
    weight = cv2.GaussianBlur(covered, (0, 0), 4)[..., None]
    outside = near / np.maximum(weight, 1e-4)
    return np.where(share > 0.02, values / np.maximum(share, 0.02), outside)


def _resized(values: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA), np.float32)


def _unit(data: bytes) -> NDArray[np.float32]:
    """A picture's values in [0, 1]."""
    return np.divide(_open(data), 255, dtype=np.float32)


def _jpeg(values: NDArray[np.float32]) -> bytes:
    picture = np.round(np.clip(values, 0, 1) * 255).astype(np.uint8)
    return _bytes(cv2.imencode(".jpg", picture[..., ::-1], _JPEG))


def _png(values: NDArray[np.uint8]) -> bytes:
    order = [2, 1, 0, 3] if values.shape[2] == 4 else [2, 1, 0]
    return _bytes(cv2.imencode(".png", values[..., order]))


def _bytes(result: tuple[bool, NDArray[np.uint8]]) -> bytes:
    return result[1].tobytes()


def _open(data: bytes) -> NDArray[np.uint8]:
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    assert picture is not None
    order = [2, 1, 0, 3] if picture.shape[2] == 4 else [2, 1, 0]
    return picture[..., order].astype(np.uint8)
