"""Edits in every color space of Krita, compared with the library's own result."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from editors.folder import CHECKOUT, ENGINE, SHARE, EditorFolder
from numpy.typing import NDArray

from exshot import Photo

pytestmark = pytest.mark.newer_editors
INSIDE = f"{CHECKOUT}/tests/krita"
Samples = NDArray[np.floating]


@dataclass(frozen=True)
class Result:
    """One edit, each part as large as the image; pictures are RGB in [0, 1], sRGB-encoded."""

    layer: Samples
    mask: Samples
    flat: Samples


@pytest.fixture(scope="module")
def spaces(editor_folder: EditorFolder, share: Path) -> dict[str, dict]:
    """What ``inside/spaces.py`` reports, by name of the space."""
    done = editor_folder.run([f"{INSIDE}/run_script.sh", "spaces"], share, timeout=600)
    report = share / "spaces.json"
    assert report.exists(), done.stdout + done.stderr + _log(share)
    found = json.loads(report.read_text(encoding="utf-8"))
    assert "failure" not in found, found["failure"]
    return found


@pytest.fixture(scope="module")
def library(editor_folder: EditorFolder, share: Path) -> Result:
    """The library's result for the 8-bit pictures."""
    return _library(editor_folder, share, "pose.png", "expression.png")


@pytest.mark.parametrize("name", ["rgb8", "rgb16", "adobe8", "float32", "linear32"])
def test_layer_and_mask_are_the_librarys(
    name: str, spaces: dict[str, dict], library: Result, share: Path
) -> None:
    found = _found(name, spaces, share)
    inside = library.mask > 0
    assert _difference(found.mask[inside], library.mask[inside]) <= 1 / 255
    assert _difference(found.mask[~inside], library.mask[~inside]) <= 1 / 255
    assert _difference(found.layer[inside], library.layer[inside]) <= 1 / 255


@pytest.mark.parametrize("name", ["rgb8", "rgb16", "adobe8", "float32", "linear32"])
def test_what_krita_shows_is_what_the_preview_showed(
    name: str, spaces: dict[str, dict], library: Result, share: Path
) -> None:
    found = _found(name, spaces, share)
    inside = library.mask > 0
    assert _difference(found.flat[inside], library.flat[inside]) <= 1 / 255
    assert _difference(found.flat[~inside], library.flat[~inside]) <= 1 / 255


def test_a_gray_image_gets_a_gray_layer(
    editor_folder: EditorFolder, spaces: dict[str, dict], share: Path
) -> None:
    size = spaces["gray8"]["size"]
    for part in ("pose", "expression"):
        samples = 255 * _read(share, f"gray8.{part}", *size)
        np.save(share / f"gray_{part}.npy", np.round(samples).astype(np.uint8))
    wanted = _library(editor_folder, share, "gray_pose.npy", "gray_expression.npy")
    found = _found("gray8", spaces, share)
    assert spaces["gray8"]["space"][0] == "GRAYA"
    inside = wanted.mask > 0
    assert _difference(found.mask, wanted.mask) <= 1 / 255
    assert _difference(found.layer[inside], wanted.layer[inside]) <= 1 / 255


@pytest.mark.parametrize("name", ["rgb8", "rgb16", "adobe8", "float32", "linear32", "gray8"])
def test_the_new_layer_is_one_of_its_document(name: str, spaces: dict[str, dict]) -> None:
    report = spaces[name]
    assert report["space"] == report["document"]
    assert report["masks"] == ["transparencymask"]
    assert report["names"][0] == "pose"
    assert report["names"][2] == "expression"
    assert report["untouched"]


def test_a_cmyk_image_is_refused_with_a_sentence(spaces: dict[str, dict]) -> None:
    report = spaces["cmyk8"]
    assert report["error"] == "unsupported_mode"
    assert "CMYK" in report["sentence"]
    assert "Convert" in report["hint"]
    assert report["names"] == ["pose", "expression"]


def _found(name: str, spaces: dict[str, dict], share: Path) -> Result:
    report = spaces[name]
    assert "error" not in report, report
    x, y, width, height = report["box"]
    across, down = report["size"]
    layer, mask = np.zeros((down, across, 3), np.float32), np.zeros((down, across), np.float32)
    box = (slice(y, y + height), slice(x, x + width))
    layer[box] = _read(share, f"{name}.patch", width, height)
    mask[box] = np.fromfile(share / f"{name}.mask", np.uint8).reshape(height, width) / 255
    return Result(layer, mask, _read(share, f"{name}.flat", across, down))


def _library(folder: EditorFolder, share: Path, pose: str, expression: str) -> Result:
    names = [f"{SHARE}/{name}" for name in (pose, expression, "library.npz")]
    done = folder.run([f"{ENGINE}/bin/python3", f"{INSIDE}/inside/library_edit.py", *names], share)
    assert done.returncode == 0, done.stderr
    path = share / pose
    below = np.load(path) if path.suffix == ".npy" else Photo.open(path).as_uint8()
    flat = below.astype(np.float32) / 255
    layer, mask = np.zeros_like(flat), np.zeros_like(flat[..., 0])
    with np.load(share / "library.npz") as edit:
        x0, y0, x1, y1 = edit["box"]
        layer[y0:y1, x0:x1] = edit["layer"] / 255
        mask[y0:y1, x0:x1] = edit["mask"] / 255
    shown = flat + mask[..., None] * (layer - flat)
    return Result(layer, mask, shown.astype(np.float32))


def _read(share: Path, name: str, width: int, height: int) -> Samples:
    samples = np.fromfile(share / name, "<u2").reshape(height, width, 4)
    return samples[..., 2::-1].astype(np.float32) / np.float32(65535)


def _difference(one: Samples, other: Samples) -> float:
    return float(np.abs(one - other).mean())


def _log(share: Path) -> str:
    path = share / "runner.log"
    return path.read_text(encoding="utf-8", errors="replace")[-3000:] if path.exists() else ""
