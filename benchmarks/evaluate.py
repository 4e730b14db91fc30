"""Scores of methods on cases with a truth, in worker processes."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks import metrics
from benchmarks.crops import crop, crop_matrix, face_hull, to_crop
from benchmarks.faces import FaceFit, FaceSource, FittedFaces, StoredFaces, read_pixels
from benchmarks.generic_face import error_on_generic_face, region_errors
from benchmarks.lpips import Lpips
from benchmarks.methods import Method, method
from benchmarks.sets import WHOLE_PICTURE_SETS, Case
from exshot.errors import ExshotError

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Settings:
    """How a run measures; the same in every worker.

    Attributes:
        methods: of `benchmarks.methods.method`.
        data: folder of the sets.
        cache: folder where fits of the sets' photos are kept.
        fits: npz with stored meshes to use instead of the project's fitter, or None.
        lpips: whether to measure LPIPS.
        threads: threads that OpenCV and torch may use in one worker.
    """

    methods: tuple[str, ...]
    data: Path
    cache: Path
    fits: Path | None
    lpips: bool
    threads: int


@dataclass(frozen=True)
class Row:
    """One method on one case.

    Attributes:
        metrics: by name: ``face_``, ``crop_`` and, for `WHOLE_PICTURE_SETS`, ``picture_`` with
            ``mae mse psnr ssim lpips`` each, ``expression``
            (blendshape units), ``pose`` (degrees), ``seconds``, ``region_NAME`` (MAE); a metric
            that could not be measured is absent.
        failure: why there is no result, or None.
        error_map: absolute error on the generic face, see `benchmarks.generic_face`.
    """

    set_name: str
    case_id: str
    method: str
    metrics: dict[str, float]
    failure: str | None = None
    error_map: NDArray[np.float32] | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class TruthView:
    """What is computed once per truth photo."""

    fit: FaceFit
    matrix: NDArray[np.float64]
    mesh: NDArray[np.float32]  # (478, 2) crop pixels
    pixels: NDArray[np.uint8]
    hull: NDArray[np.bool_]
    features: list[torch.Tensor] | None
    picture: NDArray[np.uint8]
    picture_features: list[torch.Tensor] | None


class Evaluator:
    """Runs methods and scores them; keeps the methods' models and the last truth."""

    def __init__(self, settings: Settings) -> None:
        self._faces = face_source(settings)
        self._lpips = Lpips(settings.data, settings.threads) if settings.lpips else None
        self._methods: dict[str, Method] = {
            name: method(name)(self._faces) for name in settings.methods
        }

    def rows(self, cases: Sequence[Case]) -> list[Row]:
        """Rows of cases that share one truth."""
        truth_path = cases[0].truth
        if truth_path is None:
            raise ValueError(f"{cases[0].id} has no truth to score against")
        whole = any(case.set_name in WHOLE_PICTURE_SETS for case in cases)
        truth = self._truth(truth_path, whole)
        if truth is None:
            reason = f"no face was found in the truth {truth_path.name}"
            return [
                Row(case.set_name, case.id, name, {}, reason)
                for case in cases
                for name in self._methods
            ]
        return [
            self._row(case, name, method, truth)
            for case in cases
            for name, method in self._methods.items()
        ]

    def _truth(self, path: Path, whole: bool) -> TruthView | None:
        fit = self._faces.of_file(path)
        if fit is None:
            return None
        matrix = crop_matrix(fit.mesh)
        picture = read_pixels(path)
        pixels, mesh = crop(picture, matrix), to_crop(fit.mesh, matrix)
        features = self._lpips.features(pixels) if self._lpips else None
        of_picture = self._lpips.features(picture) if self._lpips and whole else None
        return TruthView(fit, matrix, mesh, pixels, face_hull(mesh), features, picture, of_picture)

    def _row(self, case: Case, name: str, method: Method, truth: TruthView) -> Row:
        start = time.perf_counter()
        try:
            rendered = method(case.pose, case.expression)
        except ExshotError as error:
            return Row(case.set_name, case.id, name, {}, f"{error.code.value}: {error}")
        except Exception as error:  # a bug must not hide the other rows; it is counted and shown
            return Row(case.set_name, case.id, name, {}, f"{type(error).__name__}: {error}")
        seconds = time.perf_counter() - start
        result = crop(rendered.pixels, truth.matrix)
        scores = self._scores(result, truth) | self._face_errors(rendered.pixels, truth)
        if case.set_name in WHOLE_PICTURE_SETS:
            scores |= self._picture_scores(rendered.pixels, truth)
        error_map = error_on_generic_face(result, truth.pixels, truth.mesh)
        scores |= {f"region_{name}": v for name, v in region_errors(error_map).items()}
        scores["seconds"] = seconds
        return Row(case.set_name, case.id, name, scores, None, error_map)

    def _scores(self, result: NDArray[np.uint8], truth: TruthView) -> dict[str, float]:
        everywhere = np.ones_like(truth.hull)
        areas = {"face": truth.hull, "crop": everywhere}
        scores = {
            f"{area}_{metric}": float(getattr(values, metric))
            for area, values in metrics.pixel_scores(result, truth.pixels, areas).items()
            for metric in ("mae", "mse", "psnr", "ssim")
        }
        if self._lpips is not None and truth.features is not None:
            features = self._lpips.features(result)
            scores["face_lpips"] = self._lpips.distance(features, truth.features, truth.hull)
            scores["crop_lpips"] = self._lpips.distance(features, truth.features)
        return scores

    def _picture_scores(self, result: NDArray[np.uint8], truth: TruthView) -> dict[str, float]:
        """Scores over the whole picture, as the paper takes them."""
        everywhere = {"picture": np.ones(result.shape[:2], bool)}
        values = metrics.pixel_scores(result, truth.picture, everywhere)["picture"]
        scores = {f"picture_{m}": float(getattr(values, m)) for m in ("mae", "mse", "psnr", "ssim")}
        if self._lpips is not None and truth.picture_features is not None:
            features = self._lpips.features(result)
            scores["picture_lpips"] = self._lpips.distance(features, truth.picture_features)
        return scores

    def _face_errors(self, pixels: NDArray[np.uint8], truth: TruthView) -> dict[str, float]:
        fit = self._faces.of_pixels(pixels)
        scores = {}
        if fit is None:
            return scores
        if fit.blendshapes is not None and truth.fit.blendshapes is not None:
            scores["expression"] = metrics.expression_error(fit.blendshapes, truth.fit.blendshapes)
        if fit.rotation is not None and truth.fit.rotation is not None:
            scores["pose"] = metrics.rotation_error(fit.rotation, truth.fit.rotation)
        return scores


def face_source(settings: Settings) -> FaceSource:
    """Stored meshes where the settings name a file, else the project's fitter."""
    if settings.fits is not None:
        return StoredFaces(settings.fits, settings.data)
    return FittedFaces(settings.cache)


@lru_cache(maxsize=1)
def _evaluator(settings: Settings) -> Evaluator:
    """The evaluator of this worker process."""
    cv2.setNumThreads(settings.threads)
    return Evaluator(settings)


def _rows(settings: Settings, cases: Sequence[Case]) -> list[Row]:
    return _evaluator(settings).rows(cases)


def evaluate(settings: Settings, cases: Sequence[Case], jobs: int) -> Iterator[list[Row]]:
    """Score every method on every case; yields the rows of one truth at a time, in any order.

    Plain and relit cases of one truth go to the same worker, which looks at that truth once.
    """
    by_truth = sorted(cases, key=lambda case: str(case.truth))
    groups = [list(group) for _, group in groupby(by_truth, key=lambda case: case.truth)]
    if jobs == 1:
        for group in groups:
            yield _rows(settings, group)
        return
    context = multiprocessing.get_context(
        "spawn"
    )  # forking breaks threads of torch and onnxruntime
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        for done in as_completed([pool.submit(_rows, settings, group) for group in groups]):
            yield done.result()
