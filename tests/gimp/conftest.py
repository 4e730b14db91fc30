"""Fixtures for tests inside the real GIMP."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from editors.fixtures import editor_folder_of
from editors.folder import EditorFolder
from gimp.running_gimp import RunningGimp
from PIL import Image
from shared_data import CHECKOUT, find_shared_data

editor_folder = editor_folder_of("trixie", "forky")


@pytest.fixture(scope="session")
def photos() -> tuple[Path, Path]:
    """A pose and an expression photo of one person: a real pair, else the demo pair."""
    data = find_shared_data()
    if data is not None:
        folder = data / "london/val"
        return folder / "030_neutral.jpg", folder / "030_smiling.jpg"
    return demo_photos()


def demo_photos() -> tuple[Path, Path]:
    """The rendered heads that come with ExShot; skips where this checkout has none."""
    folder = CHECKOUT / "core/exshot/demo"
    found = [next(folder.glob(f"*{role}*.jpg"), None) for role in ("pose", "expression")]
    if found[0] is None or found[1] is None:
        pytest.skip("neither the shared data nor the demo pair is here")
    return found[0], found[1]


@pytest.fixture(scope="session")
def gimp(
    editor_folder: EditorFolder, photos: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningGimp]:
    """A GIMP without a window, ``pose.jpg`` and ``expression.jpg`` in its share."""
    share = tmp_path_factory.mktemp("gimp")
    for photo, name in zip(photos, ("pose.jpg", "expression.jpg")):
        shutil.copy(photo, share / name)
    with RunningGimp(editor_folder, share, "console") as running:
        yield running


@pytest.fixture
def demo_pair_in_share(gimp: RunningGimp) -> tuple[Path, Path]:
    """``demo0.png``, who does not smile, and ``demo1.png``, who does, half as large."""
    paths = []
    for number, path in enumerate(demo_photos()):
        picture = Image.open(path).convert("RGB")
        paths.append(gimp.share / f"demo{number}.png")
        picture.resize((picture.width // 2, picture.height // 2)).save(paths[-1])
    return paths[0], paths[1]
