"""Blind rating, the paper's user study (section 3.4): ``python -m benchmarks.rating make``.

``make`` writes one picture for each item, pose photo, expression photo and result side by side,
all cropped, framed and scaled alike and in random order under a number, so that nothing but
quality tells them apart; with them the instructions and an empty form. Controls are mixed in:
real photos in the place of a result (the truths of bursts), edits within a burst, and plainly bad
ones (a feathered paste). What stands behind each number goes into a key that no rater may see.

Two versions are compared by the same raters in one sitting: ``draw`` of the older one writes its
results of a set, ``make --against FOLDER`` of the newer mixes them in, and ``--truths`` shows the
untouched truth of every case, too. Where nothing but bursts is asked about:
``make --set video_triplets --limit 14 --controls 0 --truths --against FOLDER``.

``score KEY RATINGS.csv …`` reads one form for each rater and prints means, distribution and
agreement by kind of item, and with ``--heat-map`` draws where raters saw faults (figure 6).

A rating says no more than its raters can see: say beside every figure who they were, people or
vision-language models.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from benchmarks import rating_scores, tiles
from benchmarks.crops import crop_matrix
from benchmarks.evaluate import Settings, face_source
from benchmarks.faces import FaceFit, FaceSource, read_pixels
from benchmarks.methods import METHODS
from benchmarks.sets import Case, SetError, data_root, load_set

SIZE: Final = 640  # pixels of one square
_MARGIN: Final = 1.55  # of the face
_CONTROLS: Final = 6
_BAD: Final = 4
_BURST: Final = "video_triplets"
_BAD_METHOD: Final = "feathered"

INSTRUCTIONS: Final = """\
Rate the right picture of each item.

Each PNG shows three squares: the photo whose head pose is kept (left), the photo of the same person
whose expression is wanted (middle), and the result (right). Some results are edited, some are
untouched photographs; you are not told which. Look at each at full size: eyes, teeth, lips, brows,
glasses, skin, light, edges. Give one number from 1 to 7:

  1  broken: nobody would keep it
  2  bad: wrong at first sight
  3  poor: faults that disturb
  4  fair: faults that one notices
  5  good: small faults when one looks for them
  6  very good: next to nothing to find
  7  perfect: cannot be told from an untouched photograph

Judge whether the right picture looks like a real, good photograph of that person with the middle
photo's expression. Do not mark it down for hair, clothes or background of the left photo, nor for
a grey or repeated border around it.

In the form, write the number under "rating", and under "regions" whatever is wrong, out of:
{regions}
(several joined by ";", empty where nothing is), and what you saw under "remark". Rate every item,
in order, by itself.
"""


@dataclass(frozen=True)
class Item:
    """What stands behind a number.

    Attributes:
        number: of the picture.
        kind: ``pairs``, ``against``, ``burst``, ``untouched`` or ``bad``.
        case: id of the case in its set.
        method: that drew the result; empty for an untouched photo.
    """

    number: int
    kind: str
    set_name: str
    case: str
    method: str


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.rating",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("make", help="write pictures, instructions, form and key")
    draw = commands.add_parser("draw", help="write this version's results for make --against")
    for step in (make, draw):
        step.add_argument("--set", default="real_pairs", help="pairs to rate")
        step.add_argument("--only", default="", help="case ids, or how they begin, comma-separated")
        step.add_argument("--limit", type=int, help="this many cases, spread over the set")
        step.add_argument("--method", default="exprnet", choices=tuple(METHODS))
        step.add_argument("--out", type=Path, default=Path("out") / "rating")
    make.add_argument("--against", type=Path, help="folder of another version's results")
    make.add_argument("--truths", action="store_true", help="the truth of every case, too")
    make.add_argument("--controls", type=int, default=_CONTROLS, help="of bursts, and untouched")
    make.add_argument("--bad", type=int, default=_BAD, help="plainly bad controls")
    make.add_argument("--seed", type=int, default=1)
    score = commands.add_parser("score", help="means and agreement of filled-in forms")
    score.add_argument("key", type=Path)
    score.add_argument("ratings", type=Path, nargs="+", help="one CSV for each rater")
    score.add_argument("--heat-map", type=Path, help="PNG to draw")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code: 0, or 2 for wrong input."""
    options = parse(arguments)
    try:
        if options.command == "make":
            make(options)
        elif options.command == "draw":
            draw(options)
        else:
            rating_scores.report(options.key, options.ratings, options.heat_map, Console())
    except (SetError, rating_scores.RatingError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def draw(options: argparse.Namespace) -> None:
    """Write the result of every case as ``out/CASE.png``."""
    method = METHODS[options.method](_faces(options.method))
    options.out.mkdir(parents=True, exist_ok=True)
    for case in track(_cases(options), "drawing", transient=True):
        _save(_result_file(options.out, case), method(case.pose, case.expression).pixels)


def make(options: argparse.Namespace) -> None:
    """Draw all items into ``out/sheets`` and write ``out/key.json``."""
    planned = _plan(options, random.Random(options.seed))
    folder = options.out / "sheets"
    folder.mkdir(parents=True, exist_ok=True)
    faces = _faces(options.method)
    methods = {name: METHODS[name](faces) for name in (options.method, _BAD_METHOD)}
    items = []
    for number, (kind, case, method) in enumerate(track(planned, "drawing", transient=True), 1):
        if kind == "against":
            result = read_pixels(_result_file(options.against, case))
        else:
            result = None if not method else methods[method](case.pose, case.expression).pixels
        _save(folder / f"{number:03d}.png", sheet(case, result, faces, number))
        items.append(Item(number, kind, case.set_name, case.id, method))
    _write(options.out, items)
    print(f"{len(items)} items in {folder}; the key, for nobody who rates: {options.out}/key.json")


def _plan(options: argparse.Namespace, chance: random.Random) -> list[tuple[str, Case, str]]:
    """Kind, case and method of every item, in the order in which they are shown.

    Raises:
        SetError: no such set, or the other version's result of a case is missing.
    """
    pairs = _cases(options)
    bursts = load_set(_BURST, data_root(), limit=2 * options.controls) if options.controls else []
    planned: list[tuple[str, Case, str]] = [("pairs", case, options.method) for case in pairs]
    if options.against:
        for case in pairs:
            if not _result_file(options.against, case).is_file():
                raise SetError(f"{options.against} has no result of {case.id}.")
        planned += [("against", case, options.method) for case in pairs]
    if options.truths:
        planned += [("untouched", case, "") for case in pairs]
    planned += [("burst", case, options.method) for case in bursts[::2]]
    planned += [("untouched", case, "") for case in bursts[1::2]]
    bad = chance.sample(pairs, min(options.bad, len(pairs)))
    planned += [("bad", case, _BAD_METHOD) for case in bad]
    chance.shuffle(planned)
    return planned


def _cases(options: argparse.Namespace) -> list[Case]:
    only = tuple(name for name in options.only.split(",") if name)
    return load_set(options.set, data_root(), only=only, limit=options.limit)


def _faces(method: str) -> FaceSource:
    return face_source(
        Settings(
            methods=(method, _BAD_METHOD),
            data=data_root(),
            cache=Path("out") / "bench" / "fits",
            fits=None,
            lpips=False,
            threads=2,
        )
    )


def _result_file(folder: Path, case: Case) -> Path:
    return folder / f"{case.id.replace('/', '_')}.png"


def _save(file: Path, pixels: NDArray[np.uint8]) -> None:
    if not cv2.imwrite(str(file), pixels[..., ::-1]):
        raise SetError(f"{file} cannot be written.")


def sheet(
    case: Case, result: NDArray[np.uint8] | None, faces: FaceSource, number: int
) -> NDArray[np.uint8]:
    """The three squares beside each other, ``(SIZE + label, 3 SIZE + gaps, 3)``.

    Without a result the truth takes its place. The result is framed by the face that it shows, as
    the others are: else an untouched photo would sit differently in its square.

    Raises:
        SetError: no face is found in a photo of the case, or it has no truth to show.
    """
    pose, expression = read_pixels(case.pose), read_pixels(case.expression)
    shown = result
    if shown is None:
        if case.truth is None:
            raise SetError(f"{case.id} has no truth to show untouched.")
        shown = read_pixels(case.truth)
    fits = [faces.of_file(case.pose), faces.of_file(case.expression), faces.of_pixels(shown)]
    squares = []
    for pixels, fit in zip((pose, expression, shown), fits, strict=True):
        if fit is None:
            raise SetError(f"No face was found in a photo of {case.id}.")
        squares.append(_square(pixels, fit))
    return tiles.arrange(
        [tiles.labelled(square, f"{number:03d}") for square in squares], len(squares)
    )


def _square(pixels: NDArray[np.uint8], fit: FaceFit) -> NDArray[np.uint8]:
    matrix = crop_matrix(fit.mesh, SIZE, _MARGIN)
    square = cv2.warpAffine(
        pixels,
        matrix,
        (SIZE, SIZE),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(96, 96, 96),
    )
    return np.asarray(square, np.uint8)


def _write(folder: Path, items: Sequence[Item]) -> None:
    regions = ", ".join(rating_scores.REGIONS)
    (folder / "sheets" / "instructions.txt").write_text(INSTRUCTIONS.format(regions=regions))
    with (folder / "sheets" / "form.csv").open("w", newline="") as file:
        form = csv.writer(file)
        form.writerow(rating_scores.COLUMNS)
        form.writerows([f"{item.number:03d}", "", "", ""] for item in items)
    key = json.dumps([asdict(item) for item in items], indent=1)
    (folder / "key.json").write_text(key + "\n")


if __name__ == "__main__":
    sys.exit(main())
