"""Reading a burst: what is in the way is left out, and all photos are searched alike."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from group_photos import write_group
from typer.testing import CliRunner, Result

from exshot.cli.app import app
from exshot.cli.photo_list import named_photos
from exshot.editor import Editor
from exshot.errors import ExshotError
from exshot.photo import Photo
from exshot.sequence.read import read_sequence

Run = Callable[..., Result]


def exshot(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def editor() -> Editor:
    return Editor()


@pytest.fixture
def burst(tmp_path: Path) -> tuple[Path, ...]:
    return write_group(tmp_path)


def test_sidecars_films_and_a_cut_photo_are_left_out(burst: tuple[Path, ...]) -> None:
    folder = burst[0].parent
    for name in ("shot1.aae", "shot1.mov", "shot1.xmp"):
        (folder / name).write_bytes(b"<x/>" * 10)
    (folder / "cut.png").write_bytes(burst[1].read_bytes()[:5000])
    result = exshot("suggest", *sorted(folder.iterdir()), "--json")
    assert result.exit_code == 0, result.output
    left_out = [Path(one["photo"]).name for one in json.loads(result.stdout)["left_out"]]
    assert left_out == ["cut.png", "shot1.aae", "shot1.mov", "shot1.xmp"]
    strict = exshot("suggest", *sorted(folder.iterdir()), "--strict")
    assert strict.exit_code in (21, 24)


def test_a_base_that_cannot_be_read_is_an_error(burst: tuple[Path, ...]) -> None:
    (burst[0].parent / "film.mov").write_bytes(b"film")
    result = exshot(
        "suggest", *burst, burst[0].parent / "film.mov", "--base", burst[0].parent / "film.mov"
    )
    assert result.exit_code == 22


def test_two_photos_must_remain(burst: tuple[Path, ...], tmp_path: Path) -> None:
    (tmp_path / "film.mov").write_bytes(b"film")
    assert exshot("suggest", burst[0], tmp_path / "film.mov").exit_code == 22


def test_a_folder_means_its_photos_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for name in ("IMG_10.jpg", "IMG_9.JPG", ".hidden.jpg", "IMG_9.mov", "notes.txt", "b.HIF"):
        (tmp_path / name).touch()
    names = [path.name for path in named_photos([tmp_path, tmp_path / "IMG_9.JPG"])]
    assert names == ["b.HIF", "IMG_9.JPG", "IMG_10.jpg"]
    names = [path.name for path in named_photos([tmp_path / "IMG_9.JPG", tmp_path])]
    assert names == ["IMG_9.JPG", "b.HIF", "IMG_10.jpg"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(ExshotError, match="holds no photos"):
        named_photos([tmp_path / "empty"])


def test_who_stands_in_the_back_is_found_in_all_photos_or_in_none(
    tmp_path: Path, editor: Editor, photo_pair: tuple[Path, Path]
) -> None:
    near, far = (cv2.imread(str(path)) for path in photo_pair)
    assert near is not None
    assert far is not None
    side = 1200
    paths = []
    for number, share in enumerate((1.0, 0.3)):  # the near one is larger in the first photo
        canvas = np.full((side, 2 * side, 3), 120, np.uint8)
        height = round(side * share)
        first = cv2.resize(near, (round(height * near.shape[1] / near.shape[0]), height))
        canvas[:height, : first.shape[1]] = first
        canvas[300:500, 1800:1950] = cv2.resize(far, (150, 200))
        paths.append(tmp_path / f"{number}.png")
        cv2.imwrite(str(paths[-1]), canvas)
    alone = [len(editor.faces(_open(path))) for path in paths]
    assert alone == [1, 2]  # what made two photos of one burst disagree
    shots = read_sequence(paths, editor)
    assert [len(shot.sightings) for shot in shots] == [2, 2]


def test_a_number_means_one_face_however_far_the_search_went(
    tmp_path: Path, editor: Editor, photo_pair: tuple[Path, Path]
) -> None:
    near, far = (cv2.imread(str(path)) for path in photo_pair)
    assert near is not None
    assert far is not None
    canvas = np.full((1600, 2400, 3), 120, np.uint8)
    canvas[: near.shape[0], : near.shape[1]] = near[:1600]
    canvas[500:740, 1900:2080] = cv2.resize(far, (180, 240))
    cv2.imwrite(str(tmp_path / "a.png"), canvas)
    photo = _open(tmp_path / "a.png")
    usual, all_of_them = editor.find(photo), editor.find(photo, smallest=0)
    assert len(usual.faces) == 1
    assert not usual.whole
    assert len(all_of_them.faces) == 2
    np.testing.assert_allclose(usual.faces[0].mesh, all_of_them.faces[0].mesh)
    said = exshot("faces", tmp_path / "a.png")
    assert "--small-faces" in said.stderr
    assert (
        len(
            json.loads(exshot("faces", tmp_path / "a.png", "--small-faces", "--json").stdout)[
                "faces"
            ]
        )
        == 2
    )


def _open(path: Path):

    return Photo.open(path)


def test_a_folder_without_photos_beside_photos_is_left_out_and_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """``IMG_*`` may match one; it must not end the burst."""
    photo = tmp_path / "IMG_1.jpg"
    photo.write_bytes(b"x")
    folder = tmp_path / "IMG_2"
    folder.mkdir()
    assert named_photos([photo, folder]) == [photo]
    assert f"Left out: The folder {folder} holds no photos." in capsys.readouterr().err
    with pytest.raises(ExshotError):
        named_photos([photo, folder], strict=True)


def test_a_photo_named_beside_its_folder_is_meant_once(tmp_path: Path) -> None:
    (tmp_path / "IMG_1.jpg").write_bytes(b"x")
    assert named_photos([tmp_path, tmp_path / "IMG_1.jpg"]) == [tmp_path / "IMG_1.jpg"]
    twice = [tmp_path / "IMG_1.jpg"] * 2  # that one is a mistake, and told by the reader
    assert named_photos(twice) == twice
