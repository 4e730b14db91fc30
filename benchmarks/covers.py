"""Glasses that differ in the two photos, where the truth is known: ``python -m benchmarks.covers``.

Test people of the virtual studio wear one pair of glasses in the pose photo and another in the
expression photo; the truth shows the first pair on the second photo's expression. The error on the
pixels of either frame is compared with that on bare skin: where a frame is doubled, cut or carried
over it is many times as large. ``--out`` draws pose, expression, result and truth side by side.
Rendered pictures are kept in the training cache, see `exshot_train.data_root.train_cache`.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice, permutations
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot import EditOptions, Editor, ExshotError, Photo
from exshot.cover.kinds import RIM, SKIN
from exshot_train.data_root import train_cache

Picture = NDArray[np.uint8]

_SIZE: Final = 512
_NEAR: Final = 5  # pixels around a frame's own, where its doubles stand
_METHODS: Final = ("warp", "exprnet")


@dataclass(frozen=True)
class Dressed:
    """One rendered case; pictures ``(512, 512, 3)``, masks ``(512, 512)`` bool over the truth.

    Attributes:
        rims: frame of the truth, and where the other frame would stand.
        skin: bare skin of the face.
    """

    name: str
    pose: Picture
    expression: Picture
    truth: Picture
    rims: NDArray[np.bool_]
    skin: NDArray[np.bool_]


@dataclass(frozen=True)
class Errors:
    """Mean absolute error, white is 1."""

    rims: float
    skin: float

    @property
    def ratio(self) -> float:
        return self.rims / max(self.skin, 1e-6)


def cases(count: int) -> Iterator[Dressed]:
    """Rendered cases; those that are not in the cache are made, which needs OpenGL."""
    folder = train_cache() / "cover" / "dressed"
    folder.mkdir(parents=True, exist_ok=True)
    studio: Any = None
    for number in range(count):
        path = folder / f"{number:03d}.npz"
        if not path.exists():
            studio = studio or _Studio()
            part = path.with_suffix(".part.npz")
            np.savez_compressed(part, **studio.shoot(number))
            part.replace(path)
        with np.load(path, allow_pickle=False) as data:
            pictures = {key: data[key] for key in ("pose", "expression", "truth")}
            yield Dressed(str(number), **pictures, rims=data["rims"], skin=data["skin"])


class _Studio:
    def __init__(self) -> None:
        from exshot_train.cover.dress import open_wardrobe

        self.wardrobe = open_wardrobe("test")

    def shoot(self, number: int) -> dict[str, NDArray[Any]]:
        from exshot_train.cover.dress import dyed
        from exshot_train.studio.expressions import EXPRESSIONS, posed
        from exshot_train.studio.head import HeadTurn
        from exshot_train.studio.people import PEOPLE, sample_person
        from exshot_train.studio.rig import look_at
        from exshot_train.studio.wear import GLASSES, Glass, Worn

        rng = np.random.default_rng([71, number])
        wardrobe = self.wardrobe
        people = list(PEOPLE["test"])
        person = sample_person(wardrobe.assets, people[number % len(people)])
        pairs = list(permutations(GLASSES, 2))
        own, other = next(islice(cycle(pairs), (number * 7) % len(pairs), None))
        before, after = rng.choice([e for e in EXPRESSIONS if e != "wink"], 2, replace=False)
        light = wardrobe.random_light(rng)
        turn = HeadTurn(*(float(v) for v in rng.normal(0, 3, 3)))
        heads = {}
        for key, expression, glasses in (
            ("pose", before, own), ("truth", after, own), ("expression", after, other),
        ):  # fmt: skip
            worn = Worn(glasses, glass=Glass())
            head = wardrobe.builder.build(person, posed(person, str(expression), 0), turn, worn)
            seed = np.random.default_rng([number, key == "expression"])
            heads[key] = dyed(head, seed)
        eyes = heads["pose"].eye_centre - (0, 0.25, 0)
        size = (_SIZE, _SIZE)
        yaws = rng.uniform(-10, 10), rng.uniform(-10, 10)
        here, there = (
            look_at(eyes, float(yaw), float(rng.uniform(-4, 4)), 85, 150, size) for yaw in yaws
        )
        pose, _ = self._view(heads["pose"], here, light)
        truth, kinds = self._view(heads["truth"], here, light)
        expression, _ = self._view(heads["expression"], there, light)
        _, foreign = self._view(heads["expression"], here, light)
        frames = (kinds == RIM) | (foreign == RIM)
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _NEAR + 1,) * 2)
        near = cv2.dilate(frames.astype(np.uint8), disc) > 0
        face = np.zeros(size, np.uint8)
        points = here.project(wardrobe.face_points(heads["truth"]))[:, :2]
        cv2.fillConvexPoly(face, cv2.convexHull(np.round(points).astype(np.int32)), (1,))
        inside = face > 0
        return {
            "pose": pose, "expression": expression, "truth": truth,
            "rims": frames & inside, "skin": (kinds == SKIN) & inside & ~near,
        }  # fmt: skip

    def _view(self, head: Any, camera: Any, light: Any) -> tuple[Picture, NDArray[np.uint8]]:
        from exshot_train.cover.renders import kinds_of
        from exshot_train.studio.lenses import glaze
        from exshot_train.studio.lights import blurred, look_up, tone_map
        from exshot_train.studio.relight import relight
        from exshot_train.studio.soup import triangulate
        from exshot_train.studio.wear import Glass

        soup = triangulate(head)
        drawer = self.wardrobe.rasteriser
        passes = drawer.draw(head, soup, camera, drawer.transfer(head, soup, 32))
        lenses = drawer.lenses(head, soup, camera)
        room = look_up(blurred(light, 4), camera.rays())
        linear = relight(passes, camera, light) + room * (1 - passes.coverage[..., None])
        seen = tone_map(
            glaze(linear.astype(np.float32, copy=False), lenses, camera, light, Glass())
        )
        kinds = kinds_of(drawer.kinds(head, soup, camera))
        return np.round(seen * 255).astype(np.uint8), kinds


def errors(result: Picture, case: Dressed) -> Errors:
    """Of a result at the truth's size."""
    apart = np.abs(result.astype(np.float32) - case.truth).mean(axis=2) / 255
    return Errors(float(apart[case.rims].mean()), float(apart[case.skin].mean()))


def edited(editor: Editor, case: Dressed, method: str) -> Picture | None:
    """The pose photo with its patch, or None where a face is not found."""
    try:
        edit = editor.edit(
            Photo.from_array(case.pose),
            Photo.from_array(case.expression),
            EditOptions(method=method),  # pyright: ignore[reportArgumentType]
        )
    except ExshotError:
        return None
    result = case.pose.astype(np.float32)
    share = edit.mask[..., None].astype(np.float32) / 255
    part = result[edit.box.slices]
    result[edit.box.slices] = part + share * (edit.layer.astype(np.float32) - part)
    return np.round(result).astype(np.uint8)


def main() -> None:
    """Read the command line, edit and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=24, help="cases")
    parser.add_argument("--out", type=Path, help="sheet to draw")
    chosen = parser.parse_args()
    editor = Editor()
    rows: list[Picture] = []
    found: dict[str, list[Errors]] = {"untouched": [], **{method: [] for method in _METHODS}}
    for case in cases(chosen.count):
        found["untouched"].append(errors(case.pose, case))
        row = [case.pose, case.expression]
        for method in _METHODS:
            result = edited(editor, case, method)
            if result is not None:
                found[method].append(errors(result, case))
            row.append(case.pose if result is None else result)
        rows.append(np.concatenate([*row, case.truth], axis=1))
    print(f"{'method':10s} {'rims':>7s} {'skin':>7s} {'ratio':>6s}  cases")
    for method, all_errors in found.items():
        rims, skin = (float(np.mean([getattr(e, n) for e in all_errors])) for n in ("rims", "skin"))
        mean = Errors(rims, skin)
        print(f"{method:10s} {rims:7.4f} {skin:7.4f} {mean.ratio:6.2f}  {len(all_errors)}")
    if chosen.out:
        cv2.imwrite(str(chosen.out), np.concatenate(rows)[..., ::-1])


if __name__ == "__main__":
    main()
