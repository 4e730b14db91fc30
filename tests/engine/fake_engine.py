"""The real engine process around an editor that needs no models and can be told to misbehave.

Run as a program. Faults are chosen by the edit's strength and by variables of the environment:

- strength 1.5: the edit takes for ever, until it is cancelled
- strength 1.4: the process dies of a signal; with ``FAKE_DIE_ONCE=FILE`` only the first time
- strength 1.3: the edit raises an exception of its own
- ``FAKE_NOISE=1``: every call prints to stdout, from Python and from below
- ``FAKE_HELLO=hang|exit|garbage|version``: what the process does instead of saying hello
- ``FAKE_DAMAGED=FILE``: while the file exists, a model is damaged
- ``FAKE_LOG=FILE``: the strength of every edit and the sizes of all previews are noted there
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

WIDE = 640  # pixels; photos from here on are searched for large faces only
CORE = Path(__file__).resolve().parents[2] / "core"
sys.path.insert(0, str(CORE))


class FakeEditor:
    """`exshot.editor.Editor`'s shape. The top left pixel's red value is the number of faces."""

    def find(self, photo, *, smallest=None, progress=None, cancel=None):  # type: ignore[no-untyped-def]
        from exshot.face.fitter import FoundFaces

        found = self.faces(photo, progress=progress, cancel=cancel)
        left_out = photo.width >= WIDE
        return FoundFaces(found, 48.2 if left_out else 0.0, whole=not left_out)

    def faces(self, photo, *, progress=None, cancel=None):  # type: ignore[no-untyped-def]
        import numpy as np

        from exshot.face.face import MESH_VERTICES, Face, HeadPose
        from exshot.image.geometry import Box

        _noise()
        found = []
        for index in range(int(photo.as_uint8()[0, 0, 0])):
            width = photo.width / (2 + index)
            angles = np.linspace(0, 2 * np.pi, MESH_VERTICES, dtype=np.float32)
            mesh = np.zeros((MESH_VERTICES, 3), np.float32)
            mesh[:, 0] = photo.width * (index + 1) / 4 + width / 4 * np.cos(angles)
            mesh[:, 1] = photo.height / 2 + width / 4 * np.sin(angles)
            low, high = mesh.min(0), mesh.max(0)
            box = Box(int(low[0]), int(low[1]), int(high[0]) + 1, int(high[1]) + 1)
            pose = HeadPose(1.0, np.eye(3, dtype=np.float32), np.zeros(3, np.float32), 1, 2, 3)
            found.append(Face(mesh, np.zeros(52, np.float32), pose, box, 0.9 - index / 10))
        return tuple(found)

    def edit(self, pose, expression, options, *, progress=None, cancel=None):  # type: ignore[no-untyped-def]
        """The middle half of the pose photo, inverted, under a full mask."""
        import numpy as np

        from exshot.image.geometry import Box
        from exshot.result import Edit

        self._work(options, progress, cancel)
        width, height = pose.width, pose.height
        box = Box(width // 4, height // 4, width * 3 // 4, height * 3 // 4)
        top = np.iinfo(pose.pixels.dtype).max
        layer = top - pose.pixels[box.slices]
        strength = 255 if options.strength else 0
        mask = np.full((box.height, box.width), strength, np.uint8)
        return Edit(layer, mask, box, _report(options))

    def preview(self, pose, expression, options, *, size=512, progress=None, cancel=None):  # type: ignore[no-untyped-def]
        """Grey before; after is as bright as the strength."""
        import numpy as np

        from exshot.image.geometry import Box
        from exshot.result import Preview

        _note(f"preview {size}")
        self._work(options, progress, cancel)
        before = np.full((size, size, 3), 100, np.uint8)
        after = np.full((size, size, 3), round(100 * options.strength), np.uint8)
        return Preview(before, after, Box(0, 0, pose.width, pose.width), _report(options))

    def _work(self, options, progress, cancel):  # type: ignore[no-untyped-def]
        from exshot.progress import Checkpoint

        _noise()
        _note(f"strength {options.strength}")
        checkpoint = Checkpoint(progress, cancel)
        checkpoint(0.25, "Working")
        while options.strength == 1.5:
            checkpoint(0.5, "Working for ever")
            time.sleep(0.01)
        if options.strength == 1.4:
            _die()
        if options.strength == 1.3:
            raise ZeroDivisionError
        checkpoint(1.0, "Done")


class FakeLoader:
    """`EditorLoader`'s shape."""

    def begin(self) -> None:
        pass

    def get(self) -> FakeEditor:
        from exshot.errors import ErrorCode, ExshotError

        if Path(os.environ.get("FAKE_DAMAGED", "/nonexistent")).exists():
            raise ExshotError(ErrorCode.MODEL_DAMAGED, "A model is damaged.", "Install again.")
        return FakeEditor()


def _report(options):  # type: ignore[no-untyped-def]
    from exshot.result import EditReport, EditWarning, HeadTurn

    warning = EditWarning("different_light", "The light differs.", "Match the colours.")
    if options.strength == 1.1:
        warning = EditWarning("different_person", "They may be two people.", "Look again.")
    return EditReport(
        method="warp",
        pose_face=options.pose_face or 0,
        expression_face=options.expression_face or 0,
        head_turn=HeadTurn(1.0, 2.0, 3.0),
        hidden_share=0.1,
        warnings=(warning,),
        timings={"draw": 1.0},
    )


def _noise() -> None:
    if os.environ.get("FAKE_NOISE"):
        print("a library says hello")
        os.write(1, b"so does native code\n")


def _note(text: str) -> None:
    path = os.environ.get("FAKE_LOG")
    if path:
        with open(path, "a", encoding="utf-8") as file:  # noqa: PTH123
            file.write(text + "\n")


def _die() -> None:
    once = os.environ.get("FAKE_DIE_ONCE")
    if once:
        if Path(once).exists():
            return
        Path(once).touch()
    os.kill(os.getpid(), signal.SIGKILL)


def _misbehave(how: str) -> None:
    if how == "hang":
        time.sleep(600)
    elif how == "exit":
        print("a library could not be loaded", file=sys.stderr)
        sys.exit(3)
    elif how == "garbage":
        os.write(1, b"Welcome to the engine!\n" * 10)
        time.sleep(600)
    elif how == "version":
        os.write(1, b"XSHT\x63\x00\x00\x00\x02\x00\x00\x00" + bytes(8) + b"{}")
        time.sleep(600)


def main() -> None:
    _misbehave(os.environ.get("FAKE_HELLO", ""))
    from exshot.engine import run

    run.EditorLoader = FakeLoader  # type: ignore[misc, assignment]
    run.main()


if __name__ == "__main__":
    main()
