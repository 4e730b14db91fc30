"""Fixtures for the tests inside the real Krita."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest
from editors.fixtures import editor_folder_of
from editors.folder import EditorFolder
from krita.docker_use import ready
from krita.remote_krita import RemoteKrita

from exshot import Photo

editor_folder = editor_folder_of()

_SIDE = 800
_PICTURES = "EXSHOT_SCREENSHOTS"


@pytest.fixture(scope="session")
def picture_pair(photo_pair: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``pose.png`` and ``expression.png``, at most 800 pixels a side, 8-bit sRGB."""
    folder = tmp_path_factory.mktemp("pictures")
    for name, path in zip(("pose", "expression"), photo_pair):
        pixels = Photo.open(path).as_uint8()
        scale = min(1.0, _SIDE / max(pixels.shape[:2]))
        small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        cv2.imwrite(str(folder / f"{name}.png"), cv2.cvtColor(small, cv2.COLOR_RGB2BGR))
    return folder


@pytest.fixture(scope="module")
def share(
    editor_folder: EditorFolder, picture_pair: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A folder that both sides see, with the two pictures in it; ``/share`` inside."""
    folder = tmp_path_factory.mktemp("share")
    for picture in picture_pair.iterdir():
        shutil.copy(picture, folder)
    folder.chmod(0o777)
    return folder


@pytest.fixture(scope="module")
def window(editor_folder: EditorFolder, share: Path) -> Iterator[RemoteKrita]:
    """One Krita for all tests here."""
    with RemoteKrita(editor_folder, share) as running:
        yield running
        _keep_pictures(share)


@pytest.fixture
def krita(window: RemoteKrita) -> RemoteKrita:
    """Krita with a new document: photo ``pose`` below, photo ``expression`` above and hidden."""
    window("fresh()")
    window.activate("pose")
    window.wait("state() not in ('none', 'blocked')")
    window("choose('pose', 'pose')")
    ready(window)
    return window


def _keep_pictures(share: Path) -> None:
    """Screenshots go where the variable says; those in ``docs`` show rendered heads only."""
    target = os.environ.get(_PICTURES)
    if target:
        for shot in share.glob("*.png"):
            if shot.stem not in ("pose", "expression"):
                shutil.copy(shot, target)
