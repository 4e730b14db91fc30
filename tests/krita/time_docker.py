"""Times the docker on photos of 12 megapixels in the real Krita, from the click to the picture.

    PYTHONPATH=core:tests python tests/krita/time_docker.py

Stalls are the longest times in which a 5 ms timer of Krita's main thread did not run.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import cv2
from editors.folder import find_or_build
from group_photos import write_group
from krita.remote_krita import RemoteKrita
from shared_data import CHECKOUT

SIZE = (3000, 4000)
GROUP_SIZE = (5400, 2215)  # three people side by side
WATCH = """
import time
class Watch:
    def __init__(self):
        self.timer = QtCore.QTimer()
        self.timer.timeout.connect(self.tick)
        self.timer.start(5)
        self.begin()
    def begin(self):
        self.start = self.last = time.perf_counter()
        self.stall, self.preview, self.applied = 0.0, None, None
    def tick(self):
        now = time.perf_counter()
        self.stall, self.last = max(self.stall, now - self.last), now
        session = docker().session
        if session is None:
            return
        seen = session.view()
        if self.preview is None and seen.preview is not None and not seen.stale:
            self.preview = now - self.start
        if self.applied is None and session.applied_layer:
            self.applied = now - self.start
document = show(sequence('/share/pose.png', '/share/expression.png'))
docker().hide()
watch = Watch()
"""


def measure(krita: RemoteKrita, label: str, code: str, what: str) -> None:
    """Run the code and print how long it took until the watch saw it."""
    krita(f"watch.begin()\n{code}")
    seconds = krita.wait(f"watch.{what}", 120)
    stall = krita.ask("watch.stall")
    print(f"{label:32} {seconds:6.2f} s   longest stall {1000 * stall:4.0f} ms", flush=True)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        share = Path(name)
        for part in ("pose", "expression"):
            picture = cv2.imread(str(CHECKOUT / f"core/exshot/demo/{part}.jpg"))
            assert picture is not None
            cv2.imwrite(str(share / f"{part}.png"), cv2.resize(picture, SIZE))
        for path in write_group(share):
            picture = cv2.imread(str(path))
            assert picture is not None
            cv2.imwrite(str(path), cv2.resize(picture, GROUP_SIZE))
        with RemoteKrita(find_or_build(), share) as krita:
            krita(WATCH)
            measure(krita, "docker to preview, first", "docker().show()", "preview")
            krita("docker().hide()")
            krita.wait("docker().session is None")
            measure(krita, "docker to preview, again", "docker().show()", "preview")
            slider = "panel().form.controls['strength'].slider.setValue"
            for value in (50, 80, 120, 100):
                measure(krita, f"slider to {value} %", f"{slider}({value})", "preview")
            for _ in range(3):
                again = "docker().session.applied_layer = None; panel().apply.click()"
                measure(krita, "apply to layer", again, "applied")
                krita("trigger('edit_undo')")
            krita("show(burst([f'/share/shot{k}.png' for k in range(3)]))")
            krita.wait("docker()._host.document == krita.activeDocument()")
            for _ in range(2):
                krita.wait("state() == 'ready' and not view().stale", 90)
                again = "docker().session.applied_layer = None; panel().best.click()"
                measure(krita, "best of sequence, three photos", again, "applied")
                krita("trigger('edit_undo')")
            krita("watch.timer.stop()")


if __name__ == "__main__":
    main()
