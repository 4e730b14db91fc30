"""Reads the developed views of a take; needs nothing of the studio itself.

``ROOT/SPLIT/views/KEY.safetensors`` holds ``data``, all cameras' pictures as JPEG back to back,
each under the studio's light and then under ``relit`` others; ``ends`` of each, after a 0; and
``meshes`` ``(5, 1 + relit, 478, 3)`` float32 fitted to each, not a number where no face was found.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open

FORMAT = "1"


@dataclass(frozen=True)
class View:
    """One developed picture ``(h, w, 3)`` uint8 and the mesh fitted to it, pixels, or None."""

    picture: NDArray[np.uint8]
    mesh: NDArray[np.float32] | None


@dataclass(frozen=True)
class ViewInfo:
    """What a take's file says about itself; ``relit`` counts the lights beside the studio's."""

    path: Path
    key: str
    relit: int
    cameras: int


def read_info(path: Path) -> ViewInfo:
    """The header of a file of views. Raises ValueError for another format."""
    with safe_open(path, "numpy") as file:
        header: dict[str, str] = file.metadata() or {}
    if header.get("format") != FORMAT or "cameras" not in header:
        raise ValueError(f"{path} holds no views of format {FORMAT}; develop it anew")
    return ViewInfo(path, header["key"], int(header["relit"]), int(header["cameras"]))


def read_view(path: Path, camera: int, light: int = 0) -> View:
    """A view from a take's file, under the studio's light (0) or one of the others (1 …)."""
    file, ends, meshes = _opened(path)
    row = camera * meshes.shape[1] + light
    blob = np.asarray(file.get_slice("data")[int(ends[row]) : int(ends[row + 1])])
    picture = cv2.imdecode(blob, cv2.IMREAD_COLOR)
    mesh = meshes[camera, light]
    rgb = np.ascontiguousarray(np.asarray(picture, np.uint8)[..., ::-1])
    return View(rgb, None if np.isnan(mesh).any() else mesh)


@lru_cache(maxsize=1024)
def _opened(path: Path) -> tuple[Any, NDArray[np.int64], NDArray[np.float32]]:
    file: Any = safe_open(path, "numpy")
    return file, file.get_tensor("ends"), file.get_tensor("meshes")
