"""Write the canonical face geometry of a FaceLandmarker bundle as a small npz.

    python tools/convert_face_models/extract_geometry.py face_landmarker.task \
        core/exshot/models/face_geometry.npz

The bundle stores MediaPipe's ``GeometryPipelineMetadata`` message; its three interesting fields
are read here directly, so that neither protobuf nor mediapipe has to be installed.
"""

from __future__ import annotations

import argparse
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

MEMBER = "geometry_pipeline_metadata_landmarks.binarypb"
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """Value and the offset after it."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def fields(data: bytes) -> Iterator[tuple[int, int, int | bytes]]:
    """Number, wire type and raw value of every field of a protobuf message."""
    at = 0
    while at < len(data):
        key, at = read_varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == VARINT:
            value, at = read_varint(data, at)
            yield number, wire, value
            continue
        if wire == BYTES:
            size, at = read_varint(data, at)
        elif wire == FIXED32:
            size = 4
        elif wire == FIXED64:
            size = 8
        else:
            raise ValueError(f"unknown wire type {wire}")
        yield number, wire, data[at : at + size]
        at += size


def read_mesh(data: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Vertex buffer (n, 5) of x, y, z, u, v and triangle indices (m, 3)."""
    floats: list[float] = []
    indices: list[int] = []
    for number, wire, value in fields(data):
        if number == 3:
            assert isinstance(value, bytes)
            floats.extend(struct.unpack(f"<{len(value) // 4}f", value))
        elif number == 4 and wire == VARINT:
            assert isinstance(value, int)
            indices.append(value)
        elif number == 4:
            assert isinstance(value, bytes)
            at = 0
            while at < len(value):
                index, at = read_varint(value, at)
                indices.append(index)
    return (
        np.asarray(floats, np.float32).reshape(-1, 5),
        np.asarray(indices, np.int32).reshape(-1, 3),
    )


def read_landmark(data: bytes) -> tuple[int, float]:
    index, weight = 0, 0.0
    for number, _, value in fields(data):
        if number == 1:
            assert isinstance(value, int)
            index = value
        elif number == 2:
            assert isinstance(value, bytes)
            weight = struct.unpack("<f", value)[0]
    return index, weight


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    with zipfile.ZipFile(args.bundle) as bundle:
        message = bundle.read(MEMBER)
    mesh: tuple[np.ndarray, np.ndarray] | None = None
    landmarks: list[tuple[int, float]] = []
    for number, _, value in fields(message):
        if number == 1:
            assert isinstance(value, bytes)
            mesh = read_mesh(value)
        elif number == 2:
            assert isinstance(value, bytes)
            landmarks.append(read_landmark(value))
    assert mesh is not None
    buffer, triangles = mesh
    np.savez_compressed(
        args.out,
        vertices=buffer[:, :3],
        uv=buffer[:, 3:],
        triangles=triangles,
        procrustes_indices=np.asarray([index for index, _ in landmarks], np.int32),
        procrustes_weights=np.asarray([weight for _, weight in landmarks], np.float32),
    )
    print(f"{args.out}: {len(buffer)} vertices, {len(triangles)} triangles, {len(landmarks)} rigid")


if __name__ == "__main__":
    main()
