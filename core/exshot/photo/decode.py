"""Reading photo files."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from exshot.errors import ErrorCode, ExshotError
from exshot.photo.picture import Photo, PhotoLimits, read_only

FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "HEIF")


def read_photo(path: str | PathLike[str], limits: PhotoLimits) -> Photo:
    path = Path(path)
    if not path.exists():
        raise ExshotError(ErrorCode.FILE_NOT_FOUND, f"{path} was not found.", "Check the path.")
    with Image.open(path, formats=FORMATS) as image:
        upright = ImageOps.exif_transpose(image).convert("RGB")
        return Photo(read_only(np.asarray(upright)))
