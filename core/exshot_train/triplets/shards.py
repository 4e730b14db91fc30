"""Triplets on disk, in files of a few dozen.

A shard is a safetensors file: ``data`` holds all pictures as JPEG (quality 97, full colour
resolution) and weights as PNG, back to back; ``spans`` ``(n, 5, 2)`` says where each lies;
``meshes`` ``(n, 2, 478, 3)`` float32. What the network reads is computed when a sample is loaded,
by the code that inference uses, so better warping does not make shards stale.
"""

from __future__ import annotations

import json
import os
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import save_file

from exshot_train.triplets.sample import Sample

FORMAT: Final = "2"
_PICTURES: Final = ("pose", "expression", "truth", "plain")
_JPEG: Final = (
    *(cv2.IMWRITE_JPEG_QUALITY, 97),
    *(cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444),
)


@dataclass(frozen=True)
class ShardInfo:
    """What a shard's header says, and where it lies."""

    path: Path
    count: int
    size: int
    maker: str


def write_shard(path: Path, samples: Sequence[Sample], maker: str, seed: int) -> None:
    """Write samples; the file appears whole or not at all.

    Raises:
        ValueError: no samples, or of several sizes.
    """
    sizes = {sample.truth.shape[0] for sample in samples}
    if len(sizes) != 1:
        raise ValueError(f"a shard needs samples of one size, not {sorted(sizes)}")
    blobs: list[bytes] = []
    spans = np.zeros((len(samples), len(_PICTURES) + 1, 2), np.int64)
    position = 0
    for row, sample in enumerate(samples):
        pictures = [_jpeg(getattr(sample, name)) for name in _PICTURES]
        for column, blob in enumerate((*pictures, _png(sample.weight))):
            spans[row, column] = position, position + len(blob)
            position += len(blob)
            blobs.append(blob)
    meshes = np.stack([np.stack([s.mesh_pose, s.mesh_expression]) for s in samples])
    header = {
        "format": FORMAT,
        "count": str(len(samples)),
        "size": str(sizes.pop()),
        "maker": maker,
        "seed": str(seed),
        "origins": json.dumps([sample.origin for sample in samples]),
        "independent": json.dumps([sample.independent for sample in samples]),
    }
    arrays = {
        "data": np.frombuffer(b"".join(blobs), np.uint8),
        "spans": spans,
        "meshes": meshes.astype(np.float32),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    save_file(arrays, part, header)
    part.replace(path)


def read_info(path: Path) -> ShardInfo:
    """Header of a shard. Raises ValueError for another format."""
    with safe_open(path, "numpy") as file:
        header: dict[str, str] = file.metadata() or {}
    if header.get("format") != FORMAT:
        raise ValueError(f"{path} is no shard of format {FORMAT}; make it anew")
    return ShardInfo(path, int(header["count"]), int(header["size"]), header["maker"])


class Shards:
    """All samples of the shards in a folder, in a fixed order. Safe in worker processes."""

    def __init__(self, folder: Path) -> None:
        """Read the headers.

        Raises:
            ValueError: no shard there, or shards of several sizes.
        """
        self.infos = [read_info(path) for path in sorted(folder.glob("*.safetensors"))]
        sizes = {info.size for info in self.infos}
        if len(sizes) != 1:
            raise ValueError(f"{folder} holds shards of the sizes {sorted(sizes)}; one is needed")
        self.size = sizes.pop()
        self._ends = list(accumulate(info.count for info in self.infos))

    def __len__(self) -> int:
        return self._ends[-1]

    def __getitem__(self, index: int) -> Sample:
        if not 0 <= index < len(self):
            raise IndexError(index)
        shard = bisect_right(self._ends, index)
        first = self._ends[shard - 1] if shard else 0
        return _read(self.infos[shard].path, index - first)


def _read(path: Path, row: int) -> Sample:
    file, spans, meshes, origins, independent = _opened(path)
    data = file.get_slice("data")
    blobs = [np.asarray(data[int(a) : int(b)]) for a, b in spans[row]]
    pictures = dict(zip(_PICTURES, (_decoded(blob) for blob in blobs), strict=False))
    weight = cv2.imdecode(blobs[-1], cv2.IMREAD_GRAYSCALE)
    return Sample(
        **pictures,
        weight=np.asarray(weight, np.uint8),
        mesh_pose=meshes[row, 0],
        mesh_expression=meshes[row, 1],
        origin=origins[row],
        independent=independent[row],
    )


@lru_cache(maxsize=256)
def _opened(
    path: Path,
) -> tuple[Any, NDArray[np.int64], NDArray[np.float32], list[str], list[bool]]:
    file: Any = safe_open(path, "numpy")
    header = file.metadata()
    lists = (json.loads(header[name]) for name in ("origins", "independent"))
    return file, file.get_tensor("spans"), file.get_tensor("meshes"), *lists


def _jpeg(picture: NDArray[np.uint8]) -> bytes:
    done, data = cv2.imencode(".jpg", np.ascontiguousarray(picture[..., ::-1]), _JPEG)
    if not done:
        raise ValueError("OpenCV wrote no JPEG")
    return data.tobytes()


def _png(weight: NDArray[np.uint8]) -> bytes:
    done, data = cv2.imencode(".png", weight)
    if not done:
        raise ValueError("OpenCV wrote no PNG")
    return data.tobytes()


def _decoded(blob: NDArray[np.uint8]) -> NDArray[np.uint8]:
    picture = cv2.imdecode(blob, cv2.IMREAD_COLOR)
    return np.ascontiguousarray(np.asarray(picture, np.uint8)[..., ::-1])
