"""Contact sheets to look at: ``python -m benchmarks.sheet real_pairs``.

For each case: pose photo, expression photo, truth where there is one, each method's result, the
mask over the pose photo and the difference from the truth; every tile is a square crop around
the face. Cases with a truth come worst first.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import repeat
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from benchmarks import tiles
from benchmarks.crops import crop, crop_matrix, face_hull, to_crop
from benchmarks.evaluate import Settings, face_source
from benchmarks.faces import FaceSource, read_pixels
from benchmarks.methods import METHODS, Method, Rendered
from benchmarks.metrics import pixel_scores
from benchmarks.sets import SETS, Case, SetError, data_root, load_set
from exshot.errors import ExshotError

MAX_WIDTH = 2000
MAX_HEIGHT = 2100


@dataclass(frozen=True)
class Look:
    """How the sheet is drawn.

    Attributes:
        size: side of a tile in pixels.
        margin: side of the square that a tile shows over the longer side of the face mesh.
        zoom: whether to add enlarged eyes and mouths.
        columns: tiles beside each other.
    """

    size: int
    margin: float
    zoom: bool
    columns: int


@dataclass(frozen=True)
class Block:
    """One case of a sheet.

    ``psnr`` is that of the first method on the face hull of the truth, NaN without a truth;
    ``failures`` counts the methods that made no result.
    """

    case: Case
    picture: NDArray[np.uint8]
    psnr: float
    failures: int


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sheet", description=__doc__)
    names = lambda text: tuple(name for name in text.split(",") if name)  # noqa: E731
    add = parser.add_argument
    add("set", choices=tuple(SETS))
    add("--methods", type=names, default=("exprnet",), help=f"out of {', '.join(METHODS)}")
    add("--only", type=names, default=(), help="case ids, or how they begin, comma-separated")
    add("--limit", type=int, help="at most this many cases, spread evenly")
    add("--extremes", action="store_true", help="of cases with a truth: worst, median and best")
    add("--zoom", action="store_true", help="add enlarged eyes and mouths")
    add("--tile", type=int, default=490, help="side of a tile in pixels")
    add("--margin", type=float, default=1.6, help="what a tile shows, in sizes of the face")
    add("--columns", type=int, help="tiles beside each other; default what 2000 pixels hold")
    add("--out", type=Path, help="folder; default out/sheets/SET")
    add("--jobs", type=int, default=min(2, os.cpu_count() or 1), help="worker processes")
    add("--fits", type=Path, help="npz with stored meshes instead of the project's fitter")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code: 0, 1 where an edit failed, 2 for wrong input."""
    options = parse(arguments)
    console = Console()
    unknown = [name for name in options.methods if name not in METHODS]
    try:
        if unknown:
            raise SetError(f"There is no method {unknown[0]!r}; choose from {', '.join(METHODS)}.")
        data = data_root()
        cases = load_set(options.set, data, only=options.only, limit=options.limit)
    except SetError as error:
        print(error, file=sys.stderr)
        return 2
    settings = Settings(
        methods=options.methods,
        data=data,
        cache=Path("out") / "bench" / "fits",
        fits=options.fits,
        lpips=False,
        threads=max(1, (os.cpu_count() or 1) // options.jobs),
    )
    columns = options.columns or (MAX_WIDTH + tiles.GAP) // (options.tile + tiles.GAP)
    look = Look(options.tile, options.margin, options.zoom, max(1, columns))
    drawn = draw(settings, look, cases, options.jobs)
    blocks = list(track(drawn, "drawing", len(cases), console=Console(stderr=True), transient=True))
    blocks.sort(key=lambda block: -math.inf if math.isnan(block.psnr) else block.psnr)
    failures = sum(block.failures for block in blocks)
    if options.extremes:
        blocks = extremes(blocks)
    folder = options.out or Path("out") / "sheets" / options.set
    for file, shown in write_pages(blocks, folder):
        scores = ", ".join(
            block.case.id + ("" if math.isnan(block.psnr) else f" {block.psnr:.2f}")
            for block in shown
        )
        console.print(f"{file}: {scores}", soft_wrap=True, highlight=False)
    if failures:
        console.print(f"[bold red]{failures} edits failed; their tiles say why.[/]")
    return 1 if failures else 0


def extremes(blocks: Sequence[Block]) -> list[Block]:
    """The worst, the median and the best of blocks that are sorted by PSNR, without doubles.

    Blocks without a truth are left out.
    """
    judged = [block for block in blocks if not math.isnan(block.psnr)]
    places = sorted({0, len(judged) // 2, len(judged) - 1} if judged else set())
    return [judged[place] for place in places]


def draw(settings: Settings, look: Look, cases: Sequence[Case], jobs: int) -> Iterator[Block]:
    """Blocks in the order of the cases."""
    if jobs == 1:
        yield from map(partial(_draw_one, settings, look), cases)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        yield from pool.map(_draw_one, repeat(settings), repeat(look), cases)


def _draw_one(settings: Settings, look: Look, case: Case) -> Block:
    return _artist(settings, look).block(case)


@lru_cache(maxsize=1)
def _artist(settings: Settings, look: Look) -> Artist:
    """The artist of this worker process."""
    cv2.setNumThreads(settings.threads)
    return Artist(settings, look)


class Artist:
    """Draws blocks; keeps the methods' models."""

    def __init__(self, settings: Settings, look: Look) -> None:
        self._look = look
        self._faces: FaceSource = face_source(settings)
        self._methods: dict[str, Method] = {
            name: METHODS[name](self._faces) for name in settings.methods
        }

    def block(self, case: Case) -> Block:
        """All tiles of a case."""
        size, margin = self._look.size, self._look.margin
        pose, expression = read_pixels(case.pose), read_pixels(case.expression)
        pose_fit = self._faces.of_file(case.pose)
        expression_fit = self._faces.of_file(case.expression)
        if pose_fit is None or expression_fit is None:
            without = case.pose if pose_fit is None else case.expression
            text = tiles.message(f"no face was found in {without.name}", size)
            picture = tiles.arrange([tiles.labelled(text, case.id)], self._look.columns)
            return Block(case, picture, math.nan, len(self._methods))
        matrix = crop_matrix(pose_fit.mesh, size, margin)
        shown = [("pose", pose, pose_fit.mesh), ("expression", expression, expression_fit.mesh)]
        truth = None if case.truth is None else read_pixels(case.truth)
        if truth is not None:
            shown.append(("truth", truth, pose_fit.mesh))
        plain = [
            tiles.labelled(crop(photo, crop_matrix(mesh, size, margin), size), f"{case.id} {name}")
            for name, photo, mesh in shown
        ]
        zooms = [
            tiles.labelled(tiles.zoomed(photo, mesh, size), f"{case.id} {name}")
            for name, photo, mesh in shown
        ]
        extra, scores, failures = [], [], 0
        for name, method in self._methods.items():
            rendered = _attempt(method, case)
            if isinstance(rendered, str):
                plain.append(tiles.labelled(tiles.message(rendered, size), f"{name} failed"))
                failures += 1
                continue
            result = crop(rendered.pixels, matrix, size)
            score = self._psnr(rendered, case)
            scores.append(score)
            label = name if math.isnan(score) else f"{name} {score:.2f} dB"
            plain.append(tiles.labelled(result, f"{case.id} {label}"))
            zoom = tiles.zoomed(rendered.pixels, pose_fit.mesh, size)
            zooms.append(tiles.labelled(zoom, f"{case.id} {label}"))
            mask = tiles.mask_overlay(crop(pose, matrix, size), crop(rendered.mask, matrix, size))
            extra.append(
                tiles.labelled(
                    mask, f"{name} mask: {rendered.note}" if rendered.note else f"{name} mask"
                )
            )
            if truth is not None:
                against = tiles.difference(result, crop(truth, matrix, size))
                extra.append(tiles.labelled(against, f"{name}: 3 x |result - truth|"))
        everything = plain + extra + (zooms if self._look.zoom else [])
        picture = tiles.arrange(everything, self._look.columns)
        return Block(case, picture, scores[0] if scores else math.nan, failures)

    def _psnr(self, rendered: Rendered, case: Case) -> float:
        """As `benchmarks.quality` measures it on the face hull; NaN without a truth."""
        fit = None if case.truth is None else self._faces.of_file(case.truth)
        if case.truth is None or fit is None:
            return math.nan
        matrix = crop_matrix(fit.mesh)
        hull = {"face": face_hull(to_crop(fit.mesh, matrix))}
        truth = crop(read_pixels(case.truth), matrix)
        return pixel_scores(crop(rendered.pixels, matrix), truth, hull)["face"].psnr


def _attempt(method: Method, case: Case) -> Rendered | str:
    """The method's result, or why there is none."""
    try:
        return method(case.pose, case.expression)
    except ExshotError as error:
        return f"{error.code.value}: {error}"
    except Exception as error:  # a bug is shown on the sheet beside the cases that work
        return f"{type(error).__name__}: {error}"


def write_pages(blocks: Sequence[Block], folder: Path) -> Iterator[tuple[Path, list[Block]]]:
    """Pages as PNG with as many whole blocks as fit; yields each file with its blocks.

    Pages that an earlier run left in the folder are removed first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.glob("page-*.png"):
        stale.unlink()
    pages: list[list[Block]] = []
    height = MAX_HEIGHT
    for block in blocks:
        if not pages or height + block.picture.shape[0] > MAX_HEIGHT:
            pages.append([])
            height = 0
        pages[-1].append(block)
        height += block.picture.shape[0] + 3 * tiles.GAP
    for number, page in enumerate(pages, 1):
        file = folder / f"page-{number:02d}.png"
        picture = tiles.stack([block.picture for block in page])
        bgr = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
        if not cv2.imwrite(str(file), bgr):
            raise OSError(f"{file} could not be written.")
        yield file, page


if __name__ == "__main__":
    sys.exit(main())
