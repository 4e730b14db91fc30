"""A stand-in for the pipeline, so that the command line is tested apart from the networks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner, Result

from exshot.errors import ErrorCode, ExshotError
from exshot.face.face import MESH_VERTICES, Face, HeadPose
from exshot.face.fitter import FoundFaces
from exshot.image.geometry import Box
from exshot.options import EditOptions
from exshot.photo import Photo
from exshot.progress import CancelToken, Checkpoint, ProgressCallback
from exshot.result import Edit, EditReport, EditWarning, HeadTurn

LAYER_COLOR = (250, 10, 20)


@dataclass
class FakeEditor:
    """Paints a red square; what it was asked is kept in ``calls``."""

    calls: list[EditOptions] = field(default_factory=list)
    fails_on_width: int | None = None
    raises: BaseException | None = None
    face_count: int = 1
    warnings: tuple[EditWarning, ...] = ()

    def faces(
        self,
        photo: Photo,
        *,
        progress: ProgressCallback | None = None,
        cancel: CancelToken | None = None,
    ) -> tuple[Face, ...]:
        return self.find(photo, progress=progress, cancel=cancel).faces

    def find(
        self,
        photo: Photo,
        *,
        smallest: float | None = None,
        progress: ProgressCallback | None = None,
        cancel: CancelToken | None = None,
    ) -> FoundFaces:
        faces = tuple(_face(index) for index in range(self.face_count))
        return FoundFaces(faces, 100.0, whole=smallest is not None)

    def edit(
        self,
        pose: Photo,
        expression: Photo,
        options: EditOptions,
        *,
        progress: ProgressCallback | None = None,
        cancel: CancelToken | None = None,
    ) -> Edit:
        Checkpoint(progress, cancel)(0.5, "Half")
        self.calls.append(options)
        if self.raises is not None:
            raise self.raises
        if expression.width == self.fails_on_width:
            raise ExshotError(ErrorCode.NO_FACE, "No face was found.", "Use another photo.")
        report = EditReport("warp", 0, 0, HeadTurn(7.0, -2.0, 0.5), 0.12, self.warnings, {"fit": 3})
        layer = np.full((20, 30, 3), LAYER_COLOR, np.uint8)
        return Edit(layer, np.full((20, 30), 255, np.uint8), Box(40, 30, 70, 50), report)


def _face(index: int) -> Face:
    rng = np.random.default_rng(index)
    mesh = rng.uniform(20, 80, (MESH_VERTICES, 3)).astype(np.float32)
    pose = HeadPose(1.0, np.eye(3, dtype=np.float32), np.zeros(3, np.float32), 5.0, -3.0, 1.0)
    return Face(mesh, np.linspace(0, 1, 52, dtype=np.float32), pose, Box(20, 20, 81, 81), 0.98)


@pytest.fixture
def fake_editor(monkeypatch: pytest.MonkeyPatch) -> FakeEditor:
    """Every command in this test gets this editor."""
    editor = FakeEditor()
    monkeypatch.setattr("exshot.editor.Editor", lambda: editor)
    return editor


@pytest.fixture
def exshot() -> Callable[..., Result]:
    """Run a command in this process: ``exshot("edit", "a.jpg", ...)``."""
    from exshot.cli.app import app

    runner = CliRunner()

    def run(*arguments: object) -> Result:
        return runner.invoke(app, [str(argument) for argument in arguments])

    return run


@pytest.fixture
def pair(tmp_path: Path, photo_array: np.ndarray) -> tuple[Path, Path]:
    """Two small photos without a face, named ``pose.png`` and ``expression.png``."""
    paths = tmp_path / "pose.png", tmp_path / "expression.png"
    for path, pixels in zip(paths, (photo_array, photo_array[::-1]), strict=True):
        path.write_bytes(cv2.imencode(".png", pixels[..., ::-1])[1].tobytes())
    return paths
