"""Times what a user of GIMP waits for, in the real window, with a 12-megapixel pair.

    python -m benchmarks.gimp [POSE EXPRESSION] [--out FILE]

Needs what `make test-gimp` needs. The photos (default: the demo pair) are enlarged to 4000 x 3000.
Times are seen from the screen: from the key that confirms the menu, the value or the dialog to the
first changed pixel of the preview, or to the layer in the image. The first edit also starts the
engine; GIMP starts a new process for every call, so every dialog does.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path

from PIL import Image

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT / "tests"))

from editors.folder import find_or_build  # noqa: E402
from gimp.running_gimp import RunningGimp  # noqa: E402
from gimp.test_window import SETUP  # noqa: E402

SIZE = (4000, 3000)
ROUNDS = 3
# The first preview is the last change of its place on the screen before the user does anything.
ONCE = """
import screen, time
screen.window(" GIMP$")
screen.keys("alt+r", "x", "Down")
start = time.monotonic()
screen.xdotool("key", "Return")
dialog = screen.window("^Edit Expression$")
opened = time.monotonic() - start
x, y, _, _ = screen.place(dialog)
box = (x + 24, y + 24, 400, 400)
shown, last, since = None, None, time.monotonic()
while time.monotonic() < min(start + 60, since + 8):
    now = screen.look(*box)
    if now != last:
        last, since = now, time.monotonic()
        shown = since - start
    time.sleep(0.005)
slides = []
for value in (50, 80, 20, 100):
    screen.keys("alt+t", "ctrl+a")
    screen.xdotool("type", str(value))
    before = screen.look(*box)
    begun = time.monotonic()
    screen.xdotool("key", "Tab")
    screen.until_changed(box, before)
    slides.append(time.monotonic() - begun)
    screen.until_still(box, 10, 0.7)
count = len(KEPT["image"].get_layers())
begun = time.monotonic()
screen.xdotool("key", "alt+a")
while len(KEPT["image"].get_layers()) == count and time.monotonic() < begun + 60:
    time.sleep(0.01)
applied = time.monotonic() - begun
screen.gone("^Edit Expression$")
screen.window(" GIMP$")
screen.keys("ctrl+z")
time.sleep(1)
result = {"dialog": opened, "preview": shown, "slider": slides, "apply": applied}
"""


def main() -> None:
    """Print the medians and write JSON."""
    parser = argparse.ArgumentParser(description="Times ExShot in the window of GIMP.")
    parser.add_argument("photos", nargs="*", type=Path)
    parser.add_argument("--out", type=Path, default=CHECKOUT / "out/gimp.json")
    arguments = parser.parse_args()
    demo = CHECKOUT / "core/exshot/demo"
    photos = arguments.photos or [demo / "pose.jpg", demo / "expression.jpg"]
    with tempfile.TemporaryDirectory() as name:
        share = Path(name)
        for photo, role in zip(photos, ("pose", "expression")):
            _enlarge(Image.open(photo)).save(share / f"{role}.jpg", quality=95)
        with RunningGimp(find_or_build(), share, "window") as gimp:
            gimp.do(SETUP)
            rounds = [gimp.do(ONCE) for _ in range(ROUNDS)]
    slides = [value for one in rounds for value in one["slider"]]
    table = {
        "menu to dialog": statistics.median(one["dialog"] for one in rounds),
        "menu to preview": statistics.median(one["preview"] for one in rounds),
        "value to preview": statistics.median(slides),
        "Apply to layer": statistics.median(one["apply"] for one in rounds),
    }
    for step, seconds in table.items():
        print(f"{step:18} {seconds:6.2f} s")
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps({"seconds": table, "rounds": rounds}, indent=1) + "\n")


def _enlarge(photo: Image.Image) -> Image.Image:
    """The photo in the middle of a grey 12-megapixel picture, as large as it fits."""
    scale = min(SIZE[0] / photo.width, SIZE[1] / photo.height)
    large = photo.convert("RGB").resize(
        (round(photo.width * scale), round(photo.height * scale)), Image.Resampling.LANCZOS
    )
    canvas = Image.new("RGB", SIZE, (128, 128, 128))
    canvas.paste(large, ((SIZE[0] - large.width) // 2, (SIZE[1] - large.height) // 2))
    return canvas


if __name__ == "__main__":
    main()
