"""The methods that are compared, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from benchmarks import baselines, trained
from benchmarks.faces import FaceFit, FaceSource, read_pixels
from exshot.editor import Editor
from exshot.errors import ErrorCode, ExshotError
from exshot.exprnet.network import ExprNet
from exshot.model_store import ModelStore
from exshot.options import EditOptions
from exshot.photo import Photo, flatten
from exshot.result import EditReport


@dataclass(frozen=True)
class Rendered:
    """A method's result.

    Attributes:
        pixels: ``(H, W, 3)`` uint8, the whole pose photo with the edit in it.
        mask: ``(H, W)`` uint8, 255 where the edit covers the photo.
        note: what the method itself reported, one line, for contact sheets.
    """

    pixels: NDArray[np.uint8]
    mask: NDArray[np.uint8]
    note: str = ""


Method = Callable[[Path, Path], Rendered]
"""Takes the pose photo and the expression photo; raises `ExshotError` where it cannot."""

Warp = Callable[
    [NDArray[np.uint8], NDArray[np.float32], NDArray[np.uint8], NDArray[np.float32]],
    baselines.Warped,
]

Blend = Callable[
    [NDArray[np.uint8], baselines.Warped], "tuple[NDArray[np.uint8], NDArray[np.uint8]]"
]


def _untouched(faces: FaceSource) -> Method:
    def render(pose: Path, expression: Path) -> Rendered:
        pixels = read_pixels(pose)
        return Rendered(pixels, np.zeros(pixels.shape[:2], np.uint8))

    return render


def _fit(faces: FaceSource, path: Path) -> FaceFit:
    fit = faces.of_file(path)
    if fit is None:
        raise ExshotError(ErrorCode.NO_FACE, f"No face was found in {path.name}.")
    return fit


def _plain_warp(faces: FaceSource, blend: Blend, warp: Warp = baselines.warp_expression) -> Method:
    def render(pose: Path, expression: Path) -> Rendered:
        pixels = read_pixels(pose)
        warped = warp(
            pixels,
            _fit(faces, pose).mesh,
            read_pixels(expression),
            _fit(faces, expression).mesh,
        )
        return Rendered(*blend(pixels, warped))

    return render


def _ablation(faces: FaceSource, name: str) -> Method:
    return _drawn_by(Editor(network=trained.load(name)), EditOptions(method="exprnet"))


def _eight_bit(faces: FaceSource) -> Method:
    """The copies that ``python -m exshot_train.quantise`` leaves."""
    from exshot_train.data_root import train_cache

    network = ExprNet(ModelStore(train_cache() / "int8"))
    return _drawn_by(Editor(network=network), EditOptions(method="exprnet"))


def _editor(faces: FaceSource, method: Literal["warp", "exprnet"]) -> Method:
    return _drawn_by(Editor(), EditOptions(method=method))


def _drawn_by(editor: Editor, options: EditOptions) -> Method:

    def render(pose: Path, expression: Path) -> Rendered:
        photo = Photo.open(pose)
        edit = editor.edit(photo, Photo.open(expression), options)
        if not edit.mask.any():
            raise ValueError("the edit came out empty")  # would score as the untouched photo
        pixels = flatten(photo, edit)
        if pixels.dtype != np.uint8:
            raise ValueError(f"{pose.name} is not an 8-bit photo")
        mask = np.zeros(pixels.shape[:2], np.uint8)
        mask[edit.box.slices] = edit.mask
        return Rendered(np.asarray(pixels, np.uint8), mask, _note(edit.report))

    return render


def _note(report: EditReport) -> str:
    turn = report.head_turn
    warnings = " ".join(warning.code for warning in report.warnings)
    angles = f"turn {turn.yaw:+.0f} {turn.pitch:+.0f} {turn.roll:+.0f}"
    return f"{angles}, hidden {report.hidden_share:.0%} {warnings}".rstrip()


METHODS: Mapping[str, Callable[[FaceSource], Method]] = {
    "untouched": _untouched,
    "feathered": partial(_plain_warp, blend=baselines.feathered),
    "poisson": partial(_plain_warp, blend=baselines.poisson),
    "landmarks": partial(_plain_warp, blend=baselines.as_it_is, warp=baselines.landmark_warp),
    "landmarks_whole": partial(
        _plain_warp,
        blend=baselines.as_it_is,
        warp=partial(baselines.landmark_warp, whole=True),
    ),
    "warp": partial(_editor, method="warp"),
    "exprnet": partial(_editor, method="exprnet"),
    "exprnet_int8": _eight_bit,
    **{name: partial(_ablation, name=name) for name in trained.SHIPPED | trained.ABLATIONS},
}
"""Builders of methods by name; the face source serves the plain baselines."""

RUN = "run:"
"""What begins the name of a method that is a training run: ``run:paper_full_s0``."""


def known(name: str) -> bool:
    """Whether `method` has a builder for it: one of `METHODS`, or a training run at hand."""
    return name in METHODS or (
        name.startswith(RUN) and trained.checkpoint(name.removeprefix(RUN)).is_file()
    )


def method(name: str) -> Callable[[FaceSource], Method]:
    """The builder of a method that is `known`."""
    return METHODS[name] if name in METHODS else partial(_ablation, name=name.removeprefix(RUN))
