"""Reads the CC0 MakeHuman files: meshes (.obj), shape targets (.target), fitted parts (.mhclo).

Frame of every vertex array: MakeHuman's, decimetres, x toward the person's left, y up, z toward
where the person faces.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from exshot.errors import ErrorCode, ExshotError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

EYES = ("brown", "blue", "bluegreen", "brownlight", "green", "grey", "ice", "lightblue")
HAIRS = ("short01", "short02", "short04", "bob01", "long01", "ponytail01", "braid01", "afro01")
SEXES = ("female", "male")
ETHNICITIES = ("african", "asian", "caucasian")


@dataclass(frozen=True)
class Polygons:
    """A polygon mesh with its own corners for texture coordinates.

    Attributes:
        vertices: ``(n, 3)``, decimetres.
        uv: ``(m, 2)``, origin at the lower left of the texture.
        corners: vertex index of every polygon corner, ``(f, 4)``; triangles repeat their last.
        uv_corners: texture coordinate index of every polygon corner, ``(f, 4)``.
        groups: name of the group of every polygon.
    """

    vertices: Floats
    uv: Floats
    corners: Ints
    uv_corners: Ints
    groups: tuple[str, ...]


@dataclass(frozen=True)
class Fitting:
    """How a part (eyes, hair, …) hangs on the base mesh.

    A part's vertex is ``weights @ base[anchors] + offset * scale``; the scale of each axis is the
    distance of two base vertices relative to the base mesh as it was modelled.
    """

    anchors: Ints  # (n, 3)
    weights: Floats  # (n, 3)
    offsets: Floats  # (n, 3)
    scale_pairs: tuple[tuple[int, int, float], ...]  # x, y, z: two vertices and their distance

    def fit(self, base: Floats, plain: Floats) -> Floats:
        """Vertices of the part, ``(n, 3)``.

        Args:
            base: ``(19158, 3)``, the base mesh with shape and expression.
            plain: the same without expression; an open jaw must not stretch the upper teeth.
        """
        scale = [
            abs(plain[i, axis] - plain[j, axis]) / distance
            for axis, (i, j, distance) in enumerate(self.scale_pairs)
        ]
        return (base[self.anchors] * self.weights[..., None]).sum(1) + self.offsets * scale


def read_obj(path: Path) -> Polygons:
    """Read a Wavefront mesh of triangles and quads."""
    vertices, uv, corners, uv_corners, groups = [], [], [], [], []
    group = ""
    for line in path.read_text(errors="replace").splitlines():
        key, *rest = line.split() or ("",)
        if key == "v":
            vertices.append([float(x) for x in rest[:3]])
        elif key == "vt":
            uv.append([float(x) for x in rest[:2]])
        elif key == "g":
            group = rest[0] if rest else ""
        elif key == "f":
            pairs = [(*corner.split("/"), "1")[:2] for corner in rest]
            pairs += pairs[-1:] * (4 - len(pairs))
            corners.append([int(v) - 1 for v, _ in pairs])
            uv_corners.append([int(t or 1) - 1 for _, t in pairs])
            groups.append(group)
    return Polygons(
        np.array(vertices), np.array(uv), np.array(corners), np.array(uv_corners), tuple(groups)
    )


def read_target(path: Path) -> tuple[Ints, Floats]:
    """Vertex indices ``(n,)`` of a shape target and their displacements ``(n, 3)``."""
    rows = [
        line.split()
        for line in path.read_text().splitlines()
        if line.strip() and line[0] not in '#"'
    ]
    if not rows:
        return np.zeros(0, np.int64), np.zeros((0, 3))
    table = np.array([[float(x) for x in row[:4]] for row in rows])
    return table[:, 0].astype(np.int64), table[:, 1:]


def read_fitting(path: Path) -> Fitting:
    """Read how a part hangs on the base mesh."""
    pairs: dict[str, tuple[int, int, float]] = {}
    rows: list[list[float]] = []
    inside = False
    for line in path.read_text(errors="replace").splitlines():
        key, *rest = line.split() or ("",)
        if key.endswith("_scale"):
            pairs[key[0]] = (int(rest[0]), int(rest[1]), float(rest[2]))
        elif key == "verts":
            inside = True
        elif inside and key.isdigit():
            row = [float(x) for x in (key, *rest)]
            one_anchor = [row[0]] * 3 + [1, 0, 0, 0, 0, 0]
            rows.append(one_anchor if len(row) == 1 else (row + [0.0] * 3)[:9])
        elif inside and key in ("weights", "delete_verts"):
            inside = False
    table = np.array(rows)
    return Fitting(
        table[:, :3].astype(np.int64), table[:, 3:6], table[:, 6:9], tuple(pairs[a] for a in "xyz")
    )


class Assets:
    """The folders of CC0 meshes and light maps; parses each file once."""

    def __init__(self, root: Path) -> None:
        self.root = root / "makehuman"
        self.extra = root / "makehuman_extra"
        self.hdri = root / "hdri"
        self.valid = root / "heads" / "valid"
        self.scans = root / "heads" / "ict"
        for folder in (self.root, self.hdri):
            if not folder.is_dir():
                raise ExshotError(
                    ErrorCode.FILE_NOT_FOUND,
                    f"The studio's folder {folder.name} is not at {folder}.",
                    "Set EXSHOT_STUDIO_ASSETS to the folder that holds makehuman and hdri.",
                )
        self._targets: dict[str, tuple[Ints, Floats]] = {}
        self._parts: dict[str, tuple[Polygons, Fitting]] = {}

    @classmethod
    def find(cls) -> Assets:
        """The assets at ``$EXSHOT_STUDIO_ASSETS``, else ``../shared/data`` beside the checkout."""
        beside = Path(__file__).resolve().parents[3].parent / "shared" / "data"
        return cls(Path(os.environ.get("EXSHOT_STUDIO_ASSETS", beside)))

    @cached_property
    def base(self) -> Polygons:
        """The whole base mesh with its helper groups (lashes, eyes, teeth, clothes)."""
        return read_obj(self.root / "base.obj")

    def target(self, name: str) -> tuple[Ints, Floats]:
        """A shape target, such as ``"nose/nose-hump-incr"`` or a face unit ``"jawOpen"``."""
        if name not in self._targets:
            folder = "targets" if "/" in name else "faceunits"
            self._targets[name] = read_target(self.root / folder / f"{name}.target")
        return self._targets[name]

    def target_names(self, folder: str) -> list[str]:
        """Names of the shape targets of one folder, sorted."""
        files = sorted((self.root / "targets" / folder).glob("*.target"))
        return [f"{folder}/{file.stem}" for file in files]

    def unit_names(self) -> list[str]:
        """Names of the 51 face units that have a shape (``_neutral`` has none), sorted."""
        return sorted(file.stem for file in (self.root / "faceunits").glob("*.target"))

    def part(self, name: str) -> tuple[Polygons, Fitting]:
        """A fitted part, such as ``"hair/bob01"`` or ``"eyes/high-poly"``."""
        if name not in self._parts:
            folder, stem = name.split("/")
            stem_path = self.root / "proxies" / folder
            if (stem_path / stem).is_dir():
                stem_path = stem_path / stem
            stem_path = stem_path / stem
            self._parts[name] = (
                read_obj(stem_path.with_suffix(".obj")),
                read_fitting(stem_path.with_suffix(".mhclo")),
            )
        return self._parts[name]

    def worn(self, folder: str) -> tuple[Polygons, Fitting]:
        """A piece of `makehuman_extra` by its folder; see `wear`.

        Raises:
            ExshotError: ``FILE_NOT_FOUND``, the folder is not there.
        """
        if folder not in self._parts:
            meshes, fittings = (
                sorted((self.extra / folder).glob(f"*.{ending}")) for ending in ("obj", "mhclo")
            )
            if not meshes or not fittings:
                raise ExshotError(
                    ErrorCode.FILE_NOT_FOUND,
                    f"The studio's folder {folder} is not at {self.extra}.",
                    "Set EXSHOT_STUDIO_ASSETS to the folder that holds makehuman_extra too.",
                )
            self._parts[folder] = read_obj(meshes[0]), read_fitting(fittings[0])
        return self._parts[folder]

    def texture(self, name: str) -> Path:
        """Path of a texture by its file stem, such as ``"teeth"`` or ``"brown_eye"``."""
        return self.root / "textures" / f"{name}.png"

    def skins(self) -> list[str]:
        """Names of the skins, such as ``"young_lightskinned_female_diffuse2"``, sorted."""
        return sorted(file.stem for file in (self.root / "skins").glob("*.jpg"))

    def skin(self, name: str) -> Path:
        return self.root / "skins" / f"{name}.jpg"

    def light_names(self) -> list[str]:
        """Names of the light maps, sorted."""
        return sorted(file.stem for file in self.hdri.glob("*.hdr"))

    def light(self, name: str) -> Path:
        return self.hdri / f"{name}.hdr"


def shaped(base: Floats, assets: Assets, weights: dict[str, float]) -> Floats:
    """The base vertices plus weighted targets: ``base + Σ weight · displacement``."""
    vertices = base.copy()
    for name, weight in weights.items():
        if weight:
            indices, displacements = assets.target(name)
            vertices[indices] += weight * displacements
    return vertices
