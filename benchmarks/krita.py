"""Times what a user of Krita waits for, in the real window, with photos of 12 megapixels.

    python -m benchmarks.krita [--suite trixie] [--rounds 3] [--canvas none|desktop] [--out FILE]

Needs what `make test-krita` needs. The photos are the demo's, enlarged; for Best of sequence three
of a group of three people. Times are from the click to the layer, or until the preview is drawn;
the longest wait is the longest time in which a 5 ms timer of Krita's main thread stood still. Of a
slider moved twelve times it is told, median and worst, what the engine took, when the picture
began to be painted, and when Qt had put the window together. Two commands of Krita's own that add a
layer, and a script's call that adds an empty one, are timed for comparison. All of it is done with
each of Krita's two canvases: the one without OpenGL, and the one with it, which is emulated here by
the processor that Krita works on (Krita's window has no other graphics card in a test).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import cv2

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT / "tests"))

from editors.folder import SUITES, find_or_build  # noqa: E402
from group_photos import write_group  # noqa: E402
from krita.remote_krita import RemoteKrita  # noqa: E402

SIZE = (3000, 4000)
GROUP_SIZE = (5400, 2215)  # three people side by side
CANVASES = {  # as Krita's settings name what draws it
    "none": "Krita's canvas without OpenGL",
    "desktop": "Krita's canvas with OpenGL, emulated",
}
WATCH = """
import time
class Watch(QtCore.QObject):
    def __init__(self):
        super().__init__()
        self.timer = QtCore.QTimer()
        self.timer.timeout.connect(self.tick)
        self.timer.start(5)
        panel().preview.installEventFilter(self)
        self.begin()
    def begin(self):
        self.start = self.last = time.perf_counter()
        self.wait, self.preview, self.applied = 0.0, None, None
        self.painting, self.engine = None, 0.0
    def tick(self):
        now = time.perf_counter()
        self.wait, self.last = max(self.wait, now - self.last), now
        session = docker().session
        if self.applied is None and session is not None and session.applied_layer:
            self.applied = now - self.start
    def eventFilter(self, widget, event):
        if event.type() == QtCore.QEvent.Type.Paint and self.preview is None:
            session = docker().session
            seen = session.view() if session is not None else None
            if seen is not None and seen.preview is not None and not seen.stale:
                self.painting = time.perf_counter() - self.start
                self.engine = sum(seen.preview.report.timings.values()) / 1000
                QtCore.QTimer.singleShot(0, self.drawn)
        return False
    def drawn(self):
        if self.preview is None:
            self.preview = time.perf_counter() - self.start
document = show(sequence('/share/pose.png', '/share/expression.png'))
arrange()  # else the preview may lie below the docker's edge, and is not drawn
docker().hide()
watch = Watch()
"""
KRITAS_OWN = {
    "Krita's new layer": "krita.action('add_new_paint_layer').trigger()",
    "Krita's copy of a layer": "krita.action('duplicatelayer').trigger()",
    "an empty layer, by a script": """
image = krita.activeDocument()
image.rootNode().addChildNode(image.createNode('empty', 'paintlayer'), None)
""",
}
SLIDER = "slider moved"
SLID = range(40, 160, 10)  # %, a new one each time: what was asked for lately is kept
SETTLING = 1.2  # s after the layer is there, in which Krita draws


class Times:
    """Seconds to the picture (None for what Krita does by itself) and longest waits, by step."""

    def __init__(self, krita: RemoteKrita) -> None:
        self.steps: dict[str, list[tuple[float | None, float]]] = {}
        self.parts: list[tuple[float, float, float]] = []
        """Of each move of the slider: seconds that the engine took for its preview's steps, until
        its picture began to be painted, and until Qt had put the window together."""
        self._krita = krita

    def measure(self, step: str, code: str, what: str) -> None:
        """Run the code and print how long it took until the watch saw it."""
        self._krita(f"watch.begin()\n{code}")
        seconds = self._krita.wait(f"watch.{what}", 120)
        self._note(step, seconds)

    def compare(self, step: str, code: str) -> None:
        """Run what Krita does by itself and print the longest wait."""
        self._krita(f"watch.begin()\n{code}")
        self._note(step, None)

    def table(self) -> dict[str, list[dict[str, float | None]]]:
        """Every round of every step, for a file."""
        steps: dict[str, list[dict[str, float | None]]] = {
            step: [{"seconds": seconds, "longest wait": wait} for seconds, wait in rounds]
            for step, rounds in self.steps.items()
        }
        steps[SLIDER] = [
            {**one, "engine": engine, "painted": painted}
            for one, (engine, painted, _) in zip(steps[SLIDER], self.parts)
        ]
        return steps

    def tell_parts(self) -> None:
        """Print medians and worst times of the slider's moves."""
        for name, times in zip(("engine alone", "until painted", "until shown"), zip(*self.parts)):
            middle, worst = 1000 * median(times), 1000 * max(times)
            print(f"  slider, {name:22} median {middle:4.0f} ms, worst {worst:4.0f} ms", flush=True)

    def _note(self, step: str, seconds: float | None) -> None:
        time.sleep(SETTLING)
        wait = self._krita.ask("watch.wait")
        self.steps.setdefault(step, []).append((seconds, wait))
        told = f"{seconds:6.2f} s" if seconds is not None else 8 * " "
        print(f"{step:32} {told}   longest wait {1000 * wait:4.0f} ms", flush=True)


def time_docker(krita: RemoteKrita, rounds: int) -> Times:
    """One round of everything in a Krita that has just started, several of what adds layers."""
    krita(WATCH)
    times = Times(krita)
    times.measure("docker to preview, first", "docker().show()", "preview")
    krita("docker().hide()")
    krita.wait("docker().session is None")
    times.measure("docker to preview, again", "docker().show()", "preview")
    for value in SLID:
        slider = f"panel().form.controls['strength'].slider.setValue({value})"
        times.measure(SLIDER, slider, "preview")
        times.parts.append(krita.ask("[watch.engine, watch.painting, watch.preview]"))
    times.tell_parts()
    for _ in range(rounds):
        again = "docker().session.applied_layer = None; panel().apply.click()"
        times.measure("apply to layer", again, "applied")
        krita("trigger('edit_undo')")
    krita("docker().hide()")
    krita.wait("docker().session is None")
    for _ in range(rounds):
        for step, code in KRITAS_OWN.items():
            times.compare(step, code)
            krita("trigger('edit_undo')")
            time.sleep(SETTLING)
    krita("docker().show()")
    krita("show(burst([f'/share/shot{k}.png' for k in range(3)]))")
    krita.wait("docker()._host.document == krita.activeDocument()")
    for _ in range(rounds):
        krita.wait("state() == 'ready' and not view().stale", 90)
        again = "docker().session.applied_layer = None; panel().best.click()"
        times.measure("best of sequence, three photos", again, "applied")
        krita("trigger('edit_undo')")
    krita("watch.timer.stop()")
    return times


def main() -> None:
    """Print every step and write JSON."""
    parser = argparse.ArgumentParser(description="Times ExShot in the window of Krita.")
    parser.add_argument("--suite", default="trixie", choices=list(SUITES))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--canvas", choices=list(CANVASES), help="only this one")
    parser.add_argument("--out", type=Path, default=CHECKOUT / "out/krita.json")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        share = Path(name)
        for part in ("pose", "expression"):
            _enlarge(CHECKOUT / f"core/exshot/demo/{part}.jpg", share / f"{part}.png", SIZE)
        for path in write_group(share):
            _enlarge(path, path, GROUP_SIZE)
        tables = {}
        for canvas in [arguments.canvas] if arguments.canvas else CANVASES:
            print(f"{CANVASES[canvas]}:", flush=True)
            env = {"CANVAS_RENDERER": canvas}
            with RemoteKrita(find_or_build(arguments.suite), share, env=env) as krita:
                tables[CANVASES[canvas]] = time_docker(krita, arguments.rounds).table()
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"editor": SUITES[arguments.suite], "steps": tables}, indent=1)
    arguments.out.write_text(text + "\n", encoding="utf-8")


def _enlarge(source: Path, target: Path, size: tuple[int, int]) -> None:
    picture = cv2.imread(str(source))
    assert picture is not None
    cv2.imwrite(str(target), cv2.resize(picture, size))


if __name__ == "__main__":
    main()
