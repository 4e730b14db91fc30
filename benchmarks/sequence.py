"""Measure suggestions on photo sequences: ``python -m benchmarks.sequence``.

*Best moment*: each person's frames of ``video_triplets`` as one burst, and random bursts of five
out of them; counted are the bursts with at least one good frame (open eyes and a mouth that is not
in the middle of a word, by the hand labels in ``labels/video_triplets.json``), and those in which
the best-ranked frame is good.

*Same person*: synthetic group photos of people from ``video_triplets`` and ``london/val`` in three
shots, in the same order and with two people's places swapped; counted are faces that are
grouped with exactly the same person's other faces.

*Obstacles*: see `benchmarks.obstacles`.

*Speed*: ten photos of 12 megapixels, from files to the suggestion.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.faces import read_pixels
from benchmarks.obstacles import count_obstacles
from benchmarks.sets import data_root
from benchmarks.speed_pair import find_pair, write_12_megapixels
from exshot.cli.suggest import suggestion_for
from exshot.editor import Editor
from exshot.photo import Photo
from exshot.sequence import Sighting, judge, look, match_persons

LABELS = Path(__file__).resolve().parent / "labels/video_triplets.json"
BURSTS = 60  # random ones for each person
BURST = 5  # frames
GROUPS = 40
PEOPLE = 4
TILE = 480


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--skip-speed", action="store_true")
    wanted = parser.parse_args()
    editor, console = Editor(), Console()
    good, cases, wrong = best_moments(editor, data_root() / "video_triplets")
    table = Table("what", "counted", "of", "share")
    table.add_row("best moment", str(good), str(cases), f"{good / cases:.1%}")
    for swapped in (False, True):
        right, faces = same_persons(editor, data_root(), swapped=swapped)
        name = "same person, two places swapped" if swapped else "same person, same places"
        table.add_row(name, str(right), str(faces), f"{right / faces:.1%}")
    for count in count_obstacles(editor, data_root()):
        table.add_row(count.name, str(count.said), str(count.of), f"{count.said / count.of:.1%}")
    console.print(table)
    for burst in wrong[:10]:
        console.print(f"  wrong: {burst}")
    if not wanted.skip_speed:
        console.print(f"ten photos of 12 megapixels: {median(speed(3)):.2f} s")


def best_moments(editor: Editor, root: Path) -> tuple[int, int, list[str]]:
    """Good suggestions, bursts that have a good frame, and what went wrong."""
    labels: dict[str, dict[str, dict[str, str]]] = json.loads(LABELS.read_text())
    rng = np.random.default_rng(9)
    good = cases = 0
    wrong = []
    for subject, frames in sorted(labels.items()):
        names = sorted(frames)
        seen = [_largest(editor, root / subject / f"{name}.jpg", k) for k, name in enumerate(names)]
        bursts = [list(range(len(names)))]
        if len(names) > BURST:
            bursts += [sorted(rng.choice(len(names), BURST, replace=False)) for _ in range(BURSTS)]
        for burst in bursts:
            is_good = [_is_good(frames[names[k]]) for k in burst]
            if not any(is_good):
                continue
            (person,) = match_persons([seen[k] for k in burst])[:1]
            totals = [score.total for score in judge(person)]
            chosen = person.sightings[int(np.argmax(totals))].photo
            cases += 1
            if _is_good(frames[names[chosen]]):
                good += 1
            else:
                wrong.append(f"{subject}: {names[chosen]} of {', '.join(names[k] for k in burst)}")
    return good, cases, wrong


def same_persons(editor: Editor, root: Path, *, swapped: bool) -> tuple[int, int]:
    """Faces grouped with exactly their person's other faces, and faces in all."""
    rng = np.random.default_rng(11)
    people = _tiles(editor, root)
    right = faces = 0
    for _ in range(GROUPS):
        chosen = rng.choice(len(people), PEOPLE, replace=False)
        truth: dict[int, int] = {}
        sightings: list[Sighting] = []
        for shot in range(3):
            order = list(chosen)
            if swapped and shot == 2:
                order[0], order[2] = order[2], order[0]
            row = []
            for person in order:
                tiles = people[person]
                row.append(tiles[shot % len(tiles)])
            photo = Photo.from_array(np.hstack(row))
            for one in look(photo, editor.faces(photo), shot):
                place = int(one.face.mesh[:, 0].mean() // TILE)
                truth[id(one)] = int(order[min(place, PEOPLE - 1)])
                sightings.append(one)
        for person in match_persons(sightings):
            owners = {truth[id(one)] for one in person.sightings}
            everyone = sum(truth[id(one)] in owners for one in sightings)
            whole = len(owners) == 1 and everyone == len(person.sightings)
            right += len(person.sightings) if whole else 0
            faces += len(person.sightings)
    return right, faces


def speed(rounds: int) -> list[float]:
    """Seconds from ten files of 12 megapixels to the suggestion."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number, photo in enumerate(find_pair(None, None)):
            large = write_12_megapixels(photo, Path(folder) / f"large{number}.jpg")
            pixels = cv2.cvtColor(read_pixels(large), cv2.COLOR_RGB2BGR)
            for k in range(5):
                path = Path(folder) / f"shot{number}{k}.jpg"
                cv2.imwrite(str(path), np.roll(pixels, 8 * k, axis=1))
                paths.append(path)
        times = []
        for _ in range(rounds):
            editor = Editor()
            start = perf_counter()
            suggestion_for(paths, None, editor)
            times.append(perf_counter() - start)
    return times


def _is_good(label: dict[str, str]) -> bool:
    return label["eyes"] == "open" and label["mouth"] != "speaking"


def _largest(editor: Editor, path: Path, number: int) -> Sighting:
    photo = Photo.open(path)
    return look(photo, editor.faces(photo)[:1], number)[0]


def _tiles(editor: Editor, root: Path) -> list[list[np.ndarray]]:
    """For each person two or three square pictures with the face in the middle."""
    groups: list[Sequence[Path]] = []
    labels = json.loads(LABELS.read_text())
    for subject, frames in sorted(labels.items()):
        names = sorted(frames)
        picked = [names[0], names[len(names) // 2], names[-1]]
        groups.append([root / "video_triplets" / subject / f"{name}.jpg" for name in picked])
    neutrals = sorted((root / "london/val").glob("*_neutral.jpg"))
    groups += [[path, path.with_name(path.name.replace("neutral", "smiling"))] for path in neutrals]
    return [[_tile(editor, path) for path in group] for group in groups]


def _tile(editor: Editor, path: Path) -> np.ndarray:
    photo = Photo.open(path)
    face = editor.faces(photo)[0]
    centre = face.mesh[:, :2].mean(axis=0)
    side = min(min(photo.width, photo.height), 3.2 * face.width)
    left = float(np.clip(centre[0] - side / 2, 0, photo.width - side))
    top = float(np.clip(centre[1] - side / 2, 0, photo.height - side))
    part = photo.pixels[int(top) : int(top + side), int(left) : int(left + side)]
    return cv2.resize(part, (TILE, TILE), interpolation=cv2.INTER_AREA)


if __name__ == "__main__":
    main()
