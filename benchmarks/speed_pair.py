"""The 12-megapixel pair that speed is measured with."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from benchmarks.faces import read_pixels
from benchmarks.sets import SetError, data_root, load_set
from exshot.cli.demo import bundled_pair

WIDTH, HEIGHT = 4000, 3000


def find_pair(pose: Path | None, expression: Path | None) -> tuple[Path, Path]:
    """The photos named, else a pair of the London Set, else the bundled demo pair.

    Raises:
        OSError: only one photo is named.
        ExshotError: ``FILE_NOT_FOUND``, there is no bundled pair either.
    """
    if pose is not None and expression is not None:
        return pose, expression
    if pose is not None or expression is not None:
        raise OSError("Name both photos, --pose and --expression.")
    try:
        case = load_set("london_triplets", data_root(), limit=1)[0]
    except SetError:
        return bundled_pair()
    return case.pose, case.expression


def write_12_megapixels(source: Path, target: Path) -> Path:
    """Write the photo enlarged to 4000 x 3000 as JPEG, its border repeated at the sides.

    The face is then as large as in a close portrait, which is the slow case: the patch grows
    with it. A little noise keeps the JPEG as hard to decode as a camera's.
    """
    pixels = read_pixels(source)
    scale = min(WIDTH / pixels.shape[1], HEIGHT / pixels.shape[0])
    size = (round(pixels.shape[1] * scale), round(pixels.shape[0] * scale))
    large = cv2.resize(pixels, size, interpolation=cv2.INTER_CUBIC)
    left, top = (WIDTH - size[0]) // 2, (HEIGHT - size[1]) // 2
    padded = cv2.copyMakeBorder(
        large,
        top,
        HEIGHT - size[1] - top,
        left,
        WIDTH - size[0] - left,
        cv2.BORDER_REPLICATE,
    )
    noise = np.random.default_rng(0).integers(-3, 4, padded.shape, np.int8)
    noisy = np.clip(padded.astype(np.int16) + noise, 0, 255).astype(np.uint8)
    Image.fromarray(noisy).save(target, quality=92)
    return target
