"""What any method could reach on the real triplets: ``python -m benchmarks.ceiling``.

In a triplet of photographs the truth is another moment than the pose photo: between the two the
head has moved a little, which nothing in the two given photos tells. This command gives the warp
method, one at a time, what it cannot know, and prints the PSNR on the face hull that follows:

- *expression*: the truth's own mesh, laid on the pose photo's head (rigid vertices, in the plane);
- *place*: the finished edit, moved as a whole by the median of its optical flow to the truth;
- *mesh*: the truth's own mesh where it is, which is both together;
- *softened*: nothing it cannot know, but blurred; what decibels reward where the place is unknown.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from rich import box
from rich.table import Table

from benchmarks import report
from benchmarks.metrics import psnr
from benchmarks.sets import TRUTH_SETS, Case, SetError, load_set
from exshot.align.flow import identity_flow
from exshot.align.pair import CroppedFace, align, align_to
from exshot.align.regions import RIGID
from exshot.draw.maps import DrawingMaps
from exshot.draw.patch import crop_view, draw_patch
from exshot.draw.warp import drawn_by_warp
from exshot.face.crop import CROP_SIZE, PLAN_SIZE, face_crop
from exshot.face.face import Face
from exshot.face.fitter import FaceFitter
from exshot.face.similarity import fit_similarity
from exshot.image.geometry import Box
from exshot.image.pixels import Pixels
from exshot.image.sampling import blur, sample_at, to_float
from exshot.model_store import ModelStore
from exshot.options import EditOptions
from exshot.photo import Photo

COLUMNS = ("warp", "expression", "place", "mesh", "softened")
_SOFTENED = 2.0  # sigma, crop pixels

Picture = NDArray[np.float32]


@dataclass(frozen=True)
class Scene:
    """One triplet in crops; the truth, its hull and its mesh lie in the pose photo's.

    Attributes:
        pose, expression: in crops of `PLAN_SIZE`, on which edits are decided.
        shown: both photos in crops of `CROP_SIZE`, in which they are drawn.
        truth: the third photo in such a crop.
        hull: where that has its face, ``(512, 512)``.
        mesh_truth: its mesh, pixels of a crop of `PLAN_SIZE`.
    """

    pose: CroppedFace
    expression: CroppedFace
    shown: tuple[Pixels, Pixels]
    truth: Picture
    hull: NDArray[np.bool_]
    mesh_truth: NDArray[np.floating]

    def edited(self, target: NDArray[np.floating] | None = None) -> Picture:
        """The warp method's edit, onto another target mesh than its own where one is given."""
        options = EditOptions(method="warp")
        if target is None:
            pair = align(self.pose, self.expression, options)
        else:
            pair = align_to(target, self.pose, self.expression, options)
        return self._draw(drawn_by_warp(pair, options))

    def score(self, picture: Picture) -> float:
        """PSNR on the face hull of the truth, decibels."""
        apart = (np.clip(picture, 0, 1) - self.truth)[self.hull]
        return psnr(float(np.mean(apart.astype(np.float64) ** 2)))

    def _draw(self, maps: DrawingMaps) -> Picture:
        box = Box(0, 0, CROP_SIZE, CROP_SIZE)
        before, source = self.shown
        views = crop_view(before), crop_view(source)
        after, mask = draw_patch(*views, maps, box, lambda share: None)
        drawn, below = to_float(after), to_float(before)
        mixed = below + to_float(mask)[..., None] * (drawn - below)
        return mixed.astype(np.float32, copy=False)


def scene(case: Case, fitter: FaceFitter) -> Scene | None:
    """A case with its three photos fitted; None where a face is not found."""
    if case.truth is None:
        raise ValueError(f"{case.id} has no truth")
    photos = [Photo.open(path) for path in (case.pose, case.expression, case.truth)]
    fits: list[Face] = [faces[0] for p in photos if (faces := fitter.fit(p.as_uint8()))]
    if len(fits) < len(photos):
        return None
    here, there = face_crop(fits[0].mesh), face_crop(fits[1].mesh)
    pose, expression, truth = (
        crop.sample(photo.pixels) for crop, photo in zip((here, there, here), photos, strict=True)
    )
    hull = np.zeros((CROP_SIZE, CROP_SIZE), np.uint8)
    outline = cv2.convexHull(np.round(here.to_crop(fits[2].mesh)[:, :2]).astype(np.int32))
    cv2.fillConvexPoly(hull, outline, (255,))
    return Scene(
        _planned(photos[0], fits[0]),
        _planned(photos[1], fits[1]),
        (pose, expression),
        to_float(truth),
        hull > 0,
        here.resized(PLAN_SIZE).to_crop(fits[2].mesh),
    )


def _planned(photo: Photo, face: Face) -> CroppedFace:
    crop = face_crop(face.mesh, PLAN_SIZE)
    return CroppedFace(to_float(crop.sample(photo.pixels)), face.mesh, crop)


def scores(given: Scene) -> Mapping[str, float]:
    """PSNR by `COLUMNS`."""
    plain = given.edited()
    return {
        "warp": given.score(plain),
        "expression": given.score(
            given.edited(_laid_on(given.mesh_truth, given.pose.mesh_in_crop))
        ),
        "place": given.score(_moved_to(plain, given)),
        "mesh": given.score(given.edited(given.mesh_truth)),
        "softened": given.score(blur(plain, _SOFTENED)),
    }


def _laid_on(mesh: NDArray[np.floating], pose: NDArray[np.floating]) -> NDArray[np.floating]:
    """The mesh moved, turned and scaled in the plane so that its rigid vertices fit the pose's."""
    flat = np.array([1.0, 1.0, 0.0])
    rigid = list(RIGID)
    fit = fit_similarity(mesh[rigid] * flat, pose[rigid] * flat, np.ones(len(rigid)))
    out = mesh.copy()
    out[:, :2] = fit(mesh * flat)[:, :2]
    return out


def _moved_to(picture: Picture, given: Scene) -> Picture:
    grey = [
        cv2.cvtColor(np.round(255 * np.clip(p, 0, 1)).astype(np.uint8), cv2.COLOR_RGB2GRAY)
        for p in (given.truth, picture)
    ]
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(
        grey[0], grey[1], np.zeros((CROP_SIZE, CROP_SIZE, 2), np.float32)
    )
    step = np.median(flow[given.hull], axis=0).astype(np.float32)
    return sample_at(picture, identity_flow(CROP_SIZE) + step)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ceiling", description=__doc__)
    parser.add_argument("--sets", default=",".join(TRUTH_SETS), help="comma-separated")
    parser.add_argument("--limit", type=int, help="at most this many cases of each set")
    chosen = parser.parse_args(arguments)
    table = Table(title="PSNR on the face hull, decibels", title_justify="left", box=box.SIMPLE)
    for heading in ("set", "cases", *COLUMNS):
        table.add_column(heading, justify="left" if heading == "set" else "right")
    fitter = FaceFitter(ModelStore())
    for name in chosen.sets.split(","):
        try:
            cases = load_set(name, limit=chosen.limit)
        except SetError as error:
            print(error, file=sys.stderr)
            return 2
        found = [scores(s) for case in cases if (s := scene(case, fitter)) is not None]
        means = (f"{np.mean([row[column] for row in found]):.2f}" for column in COLUMNS)
        table.add_row(name, str(len(found)), *means)
    report.console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
