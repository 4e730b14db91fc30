"""Layers with masks, opacity, modes and groups: an edit starts from what Krita shows."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from editors.folder import CHECKOUT, EditorFolder
from numpy.typing import NDArray

from exshot import Editor, Photo, flatten

LARGEST = 1 / 255  # mean difference allowed
BACKDROP = np.array([40, 120, 200]) / 255  # RGB, of the layer below both photos
Samples = NDArray[Any]


@pytest.fixture(scope="module")
def shown(editor_folder: EditorFolder, share: Path) -> dict[str, dict]:
    """What ``inside/shown.py`` reports, by name of the case."""
    done = editor_folder.run([f"{CHECKOUT}/tests/krita/run_script.sh", "shown"], share, timeout=600)
    report = share / "shown.json"
    assert report.exists(), done.stdout + done.stderr
    found = json.loads(report.read_text(encoding="utf-8"))
    assert "failure" not in found, found["failure"]
    return found


@pytest.mark.newer_editors
@pytest.mark.parametrize(
    "case",
    [
        "filtered_pose",
        "filtered_expression",
        "masked_pose",
        "moved_expression",
        "moved_pose",
        "clipped_pose",
        "faint_expression",
        "filtered_group_as_pose",
        "masked_group_as_pose",
        "open_group_as_pose",
        "filtered_group_as_expression",
        "clone_as_pose",
        "file_as_expression",
        "pose_in_a_filtered_group",
        "pose_in_a_masked_group",
        "pose_in_a_faint_group",
        "pose_in_a_multiplied_group",
        "pose_in_an_open_group",
        "adjustment_above",
    ],
)
def test_the_picture_is_the_librarys_edit_of_what_was_shown(
    case: str, shown: dict[str, dict], share: Path
) -> None:
    assert "error" not in shown[case], shown[case]
    size = shown[case]["size"]
    before, wanted = read(share, f"{case}.pose", size), from_library(share, case, size)
    flat = read(share, f"{case}.flat", size)
    assert difference(flat, before) > LARGEST / 10, "nothing was changed"
    assert difference(flat, wanted) <= LARGEST


@pytest.mark.newer_editors
@pytest.mark.parametrize(
    ("case", "done"),
    [
        ("pose_in_a_filtered_group", lambda edited, change, before: 65535 - edited),
        ("adjustment_above", lambda edited, change, before: 65535 - edited),
        ("pose_in_a_masked_group", lambda edited, change, before: before + change),
        ("pose_in_a_faint_group", lambda edited, change, before: before + 0.6 * change),
        ("pose_in_a_multiplied_group", lambda edited, change, before: edited * BACKDROP),
    ],
)
def test_what_is_done_to_the_pose_layer_is_done_to_the_new_one(
    case: str,
    done: Callable[[Samples, Samples, Samples], Samples],
    shown: dict[str, dict],
    share: Path,
) -> None:
    """``done``: what the image shows then, from the library's edit, from what that changes, and
    from what the image showed before."""
    size = shown[case]["size"]
    edited = from_library(share, case, size).astype(float)
    before, pose = (read(share, f"{case}.{part}", size) for part in ("before", "pose"))
    wanted = done(edited, edited - pose, before.astype(float))
    assert difference(read(share, f"{case}.adjusted", size), wanted) <= LARGEST


@pytest.mark.newer_editors
@pytest.mark.parametrize("case", ["faint_pose", "multiplied_pose", "styled_pose"])
def test_a_pose_layer_that_is_mixed_is_refused_with_an_offer(
    case: str, shown: dict[str, dict], share: Path
) -> None:
    report = shown[case]
    assert report["error"] == "bad_option"
    assert report["sentence"].startswith("The layer “pose” is mixed with what lies below it")
    assert "100 % opacity" in report["hint"]
    before, after = (read(share, f"{case}.{part}", report["size"]) for part in ("pose", "flat"))
    assert np.array_equal(before, after)


def from_library(share: Path, case: str, size: list[int]) -> Samples:
    """The library's edit of the pictures that were shown, 16-bit RGB."""
    pose, expression = (
        Photo.from_array(np.round(read(share, f"{case}.{part}", size) / 257).astype(np.uint8))
        for part in ("pose", "expression")
    )
    return flatten(pose, Editor().edit(pose, expression)).astype(np.uint16) * 257


def read(share: Path, name: str, size: list[int]) -> Samples:
    """RGB samples that were left by the script."""
    samples = np.fromfile(share / name, "<u2").reshape(*size, 4)
    return np.ascontiguousarray(samples[..., 2::-1])


def difference(one: Samples, other: Samples) -> float:
    return float(np.abs(one.astype(float) - other.astype(float)).mean() / 65535)
