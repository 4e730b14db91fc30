"""Where renders lie and how they survive being interrupted.

``ROOT/SPLIT/takes/KEY.zip`` holds one take: ``take.json`` (every parameter), ``vertices.npy`` and,
for camera ``k``, the passes ``k/*.jpg``, ``k/*.png`` and, if Cycles rendered it, ``k/photo.jpg``.
``ROOT/SPLIT/people/pNN.npz`` holds the triangles that a person's takes share. A file is written
under another name and then renamed: what is there is whole.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exshot.errors import ErrorCode, ExshotError
from exshot_train.studio.passes import Passes, unpack, unpack_numbers
from exshot_train.studio.people import Split
from exshot_train.studio.rig import Camera
from exshot_train.studio.soup import Soup

FORMAT = 1


@dataclass(frozen=True)
class StoredTake:
    """A take read back: its parameters, and what is needed for flow.

    Attributes:
        record: everything in ``take.json``.
        cameras: the five cameras.
        vertices: ``(n, 3)`` float32, decimetres, studio frame.
    """

    path: Path
    record: dict[str, Any]
    cameras: tuple[Camera, ...]
    vertices: NDArray[np.float32]

    def passes(self, camera: int) -> Passes:
        """The passes of one camera."""
        with zipfile.ZipFile(self.path) as archive:
            names = [n for n in archive.namelist() if n.startswith(f"{camera}/")]
            return unpack({name.split("/")[1]: archive.read(name) for name in names})

    def numbers(self, camera: int) -> NDArray[np.int32]:
        """Triangle at each pixel's centre of one camera, ``(h, w)``, -1 for none."""
        with zipfile.ZipFile(self.path) as archive:
            return unpack_numbers(archive.read(f"{camera}/numbers.png"))

    def photo(self, camera: int) -> bytes | None:
        """The path-traced picture as JPEG data, where there is one."""
        with zipfile.ZipFile(self.path) as archive:
            name = f"{camera}/photo.jpg"
            return archive.read(name) if name in archive.namelist() else None


class Store:
    """The renders of one split below a root folder."""

    def __init__(self, root: Path, split: Split) -> None:
        self.folder = root / split
        self.takes = self.folder / "takes"

    def has(self, key: str) -> bool:
        """Whether a take is complete."""
        return (self.takes / f"{key}.zip").is_file()

    def keys(self) -> list[str]:
        """Names of all complete takes, sorted."""
        return sorted(path.stem for path in self.takes.glob("*.zip"))

    def write(
        self,
        key: str,
        record: Mapping[str, Any],
        cameras: tuple[Camera, ...],
        soup: Soup,
        files: Mapping[str, bytes],
    ) -> None:
        """Store a take, all or nothing.

        Args:
            record: parameters for the manifest, JSON types only.
            files: data by name inside the archive, such as ``"0/albedo.jpg"``.
        """
        self.takes.mkdir(parents=True, exist_ok=True)
        person = self.folder / "people" / f"{key.split('_')[0]}.npz"
        if not person.exists():
            person.parent.mkdir(parents=True, exist_ok=True)
            part = person.with_name(f".{person.name}.{os.getpid()}.npz")
            np.savez_compressed(part, triangles=soup.triangles, kinds=soup.kinds, uv=soup.uv)
            part.replace(person)
        full = {"format": FORMAT, "key": key, **record, "cameras": [_plain(c) for c in cameras]}
        part = self.takes / f".{key}.{os.getpid()}.part"
        try:
            with zipfile.ZipFile(part, "w") as archive:
                archive.writestr("take.json", json.dumps(full, indent=1))
                with archive.open("vertices.npy", "w") as file:
                    np.lib.format.write_array(file, soup.vertices, allow_pickle=False)
                for name, data in files.items():
                    archive.writestr(name, data)
            part.replace(self.takes / f"{key}.zip")
        finally:
            part.unlink(missing_ok=True)

    def read(self, key: str) -> StoredTake:
        """A stored take.

        Raises:
            ExshotError: ``FILE_NOT_FOUND``.
        """
        path = self.takes / f"{key}.zip"
        if not path.is_file():
            raise ExshotError(
                ErrorCode.FILE_NOT_FOUND,
                f"The studio has not rendered {key}.",
                "Render it: python -m exshot_train.studio render",
            )
        with zipfile.ZipFile(path) as archive:
            record = json.loads(archive.read("take.json"))
            with archive.open("vertices.npy") as file:
                vertices = np.lib.format.read_array(file, allow_pickle=False)
        return StoredTake(path, record, tuple(_camera(c) for c in record["cameras"]), vertices)

    def topology(self, person: str) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
        """Triangles ``(m, 3)`` of a person's takes and their kinds ``(m,)``, see `head.KINDS`."""
        with np.load(self.folder / "people" / f"{person}.npz", allow_pickle=False) as data:
            return data["triangles"], data["kinds"]


def _plain(camera: Camera) -> dict[str, Any]:
    return {
        name: value.tolist() if isinstance(value, np.ndarray) else value
        for name, value in asdict(camera).items()
    }


def _camera(record: dict[str, Any]) -> Camera:
    return Camera(
        np.array(record["position"]),
        np.array(record["rotation"]),
        record["focal"],
        record["width"],
        record["height"],
    )
