"""``exshot suggest`` and ``exshot best`` on files, and the engine's answer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from engine.engines import REAL_ENGINE
from shared_data import CHECKOUT, find_shared_data
from typer.testing import CliRunner

from exshot import EditOptions, Editor, Photo, flatten
from exshot.cli.app import app
from exshot.errors import ErrorCode, ExshotError
from exshot.sequence import look, match_persons, suggest
from exshot.sequence.combine import combine
from exshot.sequence.read import read_sequence
from exshot_contract.messages import SamePerson, Suggest, SuggestResult
from exshot_host.engine.client import EngineClient

DEMO = CHECKOUT / "core/exshot/demo"
DATA = find_shared_data()
needs_data = pytest.mark.skipif(DATA is None, reason="the shared data are not here")


@pytest.fixture(scope="module")
def burst(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """The demo pair: a face that does not smile, and the same person laughing."""
    folder = tmp_path_factory.mktemp("burst")
    paths = []
    for name in ("pose", "expression"):
        pixels = picture(DEMO / f"{name}.jpg")
        path = folder / f"{name}.png"
        cv2.imwrite(str(path), cv2.resize(pixels, None, fx=0.5, fy=0.5))
        paths.append(path)
    return tuple(paths)


@pytest.fixture(scope="module")
def group(tmp_path_factory: pytest.TempPathFactory) -> tuple[tuple[Path, ...], list[list[str]]]:
    """Three shots of four people side by side, the third with two places swapped."""
    assert DATA is not None
    moments = {
        "w2": ("00_pose", "00_truth", "02_pose"), "s18": ("00_truth", "00_pose", "01_truth"),
        "d9": ("00_truth", "01_pose", "09_pose"), "d20": ("00_pose", "02_truth", "04_truth"),
    }  # fmt: skip
    orders = [["w2", "s18", "d9", "d20"]] * 2 + [["d9", "s18", "w2", "d20"]]
    folder = tmp_path_factory.mktemp("group")
    paths = []
    for shot, order in enumerate(orders):
        tiles = [_tile(DATA / f"video_triplets/{who}/{moments[who][shot]}.jpg") for who in order]
        paths.append(folder / f"shot{shot}.png")
        cv2.imwrite(str(paths[-1]), np.hstack(tiles))
    return tuple(paths), orders


def _tile(path: Path) -> np.ndarray:
    pixels = picture(path)
    height, width = pixels.shape[:2]
    side = min(height, width)
    left = round((width - side) * 0.6)
    return cv2.resize(pixels[:side, left : left + side], (480, 480), interpolation=cv2.INTER_AREA)


def picture(path: Path | str) -> np.ndarray:
    pixels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert pixels is not None, path
    return pixels


def run(*arguments: object) -> dict:
    result = CliRunner().invoke(app, [str(word) for word in arguments])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_pair_is_judged_and_combined(burst: Sequence[Path], tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.jpg"
    found = run("suggest", *burst, "--base", burst[0], "--json", "--sheet", sheet)
    assert found["base"] == str(burst[0])
    (face,) = found["faces"]
    assert face["choices"][0]["photo"] == str(burst[1])
    assert 0 <= face["now"]["score"] < face["choices"][0]["score"] <= 1
    assert picture(sheet).shape[1] == 2 * 192
    out = tmp_path / "best.png"
    made = run("best", *burst, "--base", burst[0], "-o", out, "--layers", tmp_path / "f", "--json")
    assert made["out"] == str(out)
    pose = Photo.open(burst[0])
    edit = Editor().edit(pose, Photo.open(burst[1]))
    assert np.array_equal(Photo.open(out).pixels, flatten(pose, edit))
    (layer,) = made["layers"]
    assert picture(layer).shape[2] == 4


def test_nothing_is_written_where_nothing_is_better(burst: Sequence[Path], tmp_path: Path) -> None:
    out = tmp_path / "best.png"
    made = run("best", *burst, "--base", burst[1], "-o", out, "--json")
    assert made["out"] is None
    assert not out.exists()


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """Two shots of the demo's person side by side with herself: resting left and laughing right,
    then the other way round. Nothing but the place says who of the two is who."""
    folder = tmp_path_factory.mktemp("twins")
    resting, laughing = (
        cv2.resize(picture(DEMO / f"{name}.jpg"), None, fx=0.5, fy=0.5)
        for name in ("pose", "expression")
    )
    paths = folder / "rest=left:0.png", folder / "second.png"
    cv2.imwrite(str(paths[0]), np.hstack([resting, laughing]))
    cv2.imwrite(str(paths[1]), np.hstack([laughing, resting]))
    return paths


def test_the_user_corrects_who_is_who(twins: Sequence[Path], tmp_path: Path) -> None:
    first, second = twins
    lefts = [_leftmost(path) for path in twins]

    def taken(*same: str) -> list[tuple[int, int]]:
        words = [part for text in same for part in ("--same", text)]
        found = run("suggest", *twins, "--base", first, "--json", *words)
        faces = [(face["face"], face["choices"]) for face in found["faces"]]
        return [(number, choices[0]["face"]) for number, choices in faces if choices]

    straight = f"{first}:{lefts[0]}={second}:{lefts[1]}"
    crossed = f"{first}:{lefts[0]}={second}:{1 - lefts[1]}"
    assert taken(straight) == [(lefts[0], lefts[1])], "the left one rests, then laughs"
    assert taken(crossed) == [], "who rests rests again, and who laughs laughs"
    out = tmp_path / "best.png"
    made = run("best", *twins, "--base", first, "-o", out, "--same", crossed, "--json")
    assert made["out"] is None
    made = run("best", *twins, "--base", first, "-o", out, "--same", straight, "--json")
    assert made["out"] == str(out)


def _leftmost(path: Path) -> int:
    faces = Editor().faces(Photo.open(path))
    assert len(faces) == 2
    return min((0, 1), key=lambda index: faces[index].box.x0)


@pytest.mark.parametrize(
    ("corrections", "words"),
    [
        (["{0}:0"], "does not name two faces"),
        (["{0}:0={0}:1"], "two faces of one photo"),
        (["{0}:0=other.png:0"], "none of the photos"),
        (["{0}:0={1}:7"], "has no face 7"),
        (["{0}:0={1}:0", "{0}:0={1}:1"], "one person into a photo twice"),
    ],
)
def test_a_correction_that_cannot_be_meant(
    twins: Sequence[Path], corrections: list[str], words: str
) -> None:
    flags = [part for text in corrections for part in ("--same", text.format(*twins))]
    result = CliRunner().invoke(app, ["suggest", *map(str, twins), *flags])
    assert result.exit_code == 2
    assert words in " ".join(result.output.split())


def test_the_engine_heeds_corrections_and_forgives_outdated_ones(twins: Sequence[Path]) -> None:
    lefts = [_leftmost(path) for path in twins]
    with EngineClient(name="test", command=REAL_ENGINE) as client:
        names = []
        for path in twins:
            photo = Photo.open(path)
            data = photo.as_uint8().tobytes()
            sent = client.submit_photo(photo.width, photo.height, "rgb", 8, [data])
            client.wait(sent)
            names.append(sent.photo_name)
        gone = SamePerson(names[0], 5, names[1], 0)
        for right, expected in ((lefts[1], [lefts[0]]), (1 - lefts[1], [])):
            same = SamePerson(names[0], lefts[0], names[1], right)
            answer = client.call(Suggest(tuple(names), names[0], (gone, same)))
            assert isinstance(answer, SuggestResult)
            assert [one.base_face for one in answer.suggestions] == expected


@needs_data
def test_everyone_in_a_group_is_recognised_and_gets_a_layer(
    group: tuple[tuple[Path, ...], list[list[str]]], tmp_path: Path
) -> None:
    paths, orders = group
    shots = read_sequence(paths, Editor())
    sightings = [one for shot in shots for one in shot.sightings]
    assert len(sightings) == 12
    persons = match_persons(sightings)
    assert len(persons) == 4
    for person in persons:
        owners = {
            orders[one.photo][int(one.face.mesh[:, 0].mean() // 480)] for one in person.sightings
        }
        assert len(owners) == 1
        assert len(person.sightings) == 3
    out = tmp_path / "best.png"
    made = run("best", *paths, "--base", paths[1], "-o", out, "--layers", tmp_path / "f", "--json")
    changed = [face for face in made["faces"] if face["choices"]]
    assert len(changed) >= 2
    assert len(made["layers"]) == len(changed)
    before, after = picture(paths[1]), picture(out)
    covered = np.zeros(before.shape[:2], bool)
    for layer in made["layers"]:
        covered |= picture(layer)[..., 3] > 0
    assert np.array_equal(before[~covered], after[~covered])
    assert (before != after).any()


def test_the_engine_answers_as_the_library_does(burst: Sequence[Path]) -> None:
    editor, photos = Editor(), [Photo.open(path) for path in burst]
    expected = suggest(
        match_persons([s for k, p in enumerate(photos) for s in look(p, editor.faces(p), k)]), 0
    )
    assert expected is not None
    with EngineClient(name="test", command=REAL_ENGINE) as client:
        names = []
        for photo in photos:
            sent = client.submit_photo(
                photo.width, photo.height, "rgb", 8, [photo.as_uint8().tobytes()]
            )
            client.wait(sent)
            names.append(sent.photo_name)
        answer = client.call(Suggest(tuple(names), names[0]))
    assert isinstance(answer, SuggestResult)
    assert answer.base == names[0]
    (found,) = answer.suggestions
    (choice,) = expected.faces[0].choices
    assert (found.photo, found.face) == (names[1], choice.sighting.index)
    assert found.reasons == choice.reasons


def test_patches_that_overlap_give_what_one_after_the_other_gives(burst: Sequence[Path]) -> None:
    photo = Photo.open(burst[0])
    first = Editor().edit(photo, Photo.open(burst[1]))
    rng = np.random.default_rng(0)
    layer = rng.integers(0, 256, first.layer.shape).astype(np.uint8)
    mask = rng.integers(0, 256, first.mask.shape).astype(np.uint8)
    second = type(first)(layer, mask, first.box, first.report)
    step = flatten(Photo.from_array(flatten(photo, first)), second).astype(int)
    at_once = flatten(photo, combine(photo, [first, second])).astype(int)
    assert np.abs(step - at_once).max() <= 2
    outside = np.ones(step.shape[:2], bool)
    outside[first.box.slices] = False
    assert np.array_equal(at_once[outside], photo.pixels[outside])


def test_a_patch_that_changes_nothing_does_not_enlarge_the_others(burst: Sequence[Path]) -> None:
    photo = Photo.open(burst[0])
    drawn = Editor().edit(photo, Photo.open(burst[1]))
    nothing = Editor().edit(photo, photo, EditOptions(strength=0))
    assert combine(photo, [nothing, drawn]).box == drawn.box
    assert not combine(photo, [nothing]).mask.any()


@pytest.mark.parametrize(
    ("count", "sentence"), [(1, "1 photo was named"), (0, "0 photos"), (101, "101 photos")]
)
def test_a_list_that_is_no_sequence(count: int, sentence: str) -> None:
    with pytest.raises(ExshotError) as error:
        read_sequence([Path(f"{k}.jpg") for k in range(count)], Editor())
    assert error.value.code == ErrorCode.BAD_OPTION
    assert sentence in error.value.sentence


def test_photos_without_a_face_and_a_photo_named_twice(
    tmp_path: Path, burst: Sequence[Path]
) -> None:
    for name in "ab":
        cv2.imwrite(str(tmp_path / f"{name}.png"), np.full((200, 200, 3), 128, np.uint8))
    with pytest.raises(ExshotError) as error:
        read_sequence([tmp_path / "a.png", tmp_path / "b.png"], Editor())
    assert error.value.code == ErrorCode.NO_FACE
    with pytest.raises(ExshotError, match="twice"):
        read_sequence([burst[0], burst[0]], Editor())
    result = CliRunner().invoke(
        app, ["suggest", *map(str, burst), "--base", str(tmp_path / "a.png")]
    )
    assert result.exit_code == 2
