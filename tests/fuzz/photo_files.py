"""What fuzzing checks of a photo file: a result, or one of the sentences that are known.

`Run` uses the library's `Editor`; `fuzz.long_lived.LongRun` the commands and a real engine.
"""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from pathlib import Path

import numpy as np
from fuzz.damage import mutated
from fuzz.photo_seeds import seeds

from exshot.editor import Editor
from exshot.errors import ErrorCode, ExshotError
from exshot.image.geometry import Box
from exshot.options import EditOptions
from exshot.photo import Photo, PhotoLimits, save_edit
from exshot.photo.picture import Photo as OpenedPhoto
from exshot.result import Edit, EditReport, HeadTurn
from exshot.sequence.read import read_sequence

LIMITS = PhotoLimits(max_pixels=1_000_000, max_side=4000)

KNOWN = re.compile(
    r".* (was not found|is empty|has no pixels|is not in a supported format"
    r"|is a camera raw file, not a finished picture|is damaged and cannot be read"
    r"|is incomplete: the end of the picture is missing|cannot be read: .+"
    r"|stores its pixels in a way that is not supported|is too large: it has .+, the limit is .+)\."
    r"|No face was found in (the (pose|expression) photo|any of the photos)\."
    r"|No face was found in \S+\.bin\."
    r"|The face in the (pose|expression) photo is only \d+ pixels wide\."
    r"|There are \d+ faces in the (pose|expression) photo and none was chosen\."
    r"|The picture has more than \d+ pixels a side, which .+ cannot hold\."
)


class Run:
    """One editor, and what became of the cases so far."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.seed = seed
        self.outcomes: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()
        self.slowest = (0.0, -1)
        self._editor = Editor()
        self._seeds = seeds()
        self._sound = folder / "sound.jpg"
        self._sound.write_bytes(self._seeds["jpeg"])

    def case(self, number: int) -> None:
        """One mutated file through everything; raises where that ends in no known way."""
        dice = random.Random(f"{self.seed} {number}")
        name = dice.choice(sorted(self._seeds))
        path = self.folder / "mutated.bin"
        path.write_bytes(mutated(self._seeds[name], dice))
        start = time.monotonic()
        try:
            self._use(path, dice)
            self.outcomes[f"{name}: used"] += 1
        except ExshotError as error:
            if error.code is ErrorCode.INTERNAL or not KNOWN.fullmatch(error.sentence):
                raise AssertionError(f"unknown sentence: {error.sentence}") from error
            self.outcomes[f"{name}: refused"] += 1
            self.refusals[error.code.value] += 1
        self.slowest = max(self.slowest, (time.monotonic() - start, number))

    def _use(self, path: Path, dice: random.Random) -> None:
        photo = Photo.open(path, limits=LIMITS)
        suffix = dice.choice((".jpg", ".png", ".tif", ".webp", ".heic"))
        save_edit(photo, _patch(photo), self.folder / f"out{suffix}", overwrite=True)
        what = dice.choice(("faces",) * 6 + ("edit", "suggest"))
        if what == "faces":
            self._editor.faces(photo)
        elif what == "edit":
            method = dice.choice(("warp", "auto"))
            made = self._editor.edit(photo, Photo.open(self._sound), EditOptions(method=method))
            save_edit(photo, made, self.folder / f"out{suffix}", overwrite=True)
        else:
            read_sequence([path, self._sound], self._editor)


def _patch(photo: OpenedPhoto) -> Edit:
    box = Box(0, 0, min(4, photo.width), min(4, photo.height))
    layer = np.zeros((box.height, box.width, 3), photo.pixels.dtype)
    mask = np.full((box.height, box.width), 255, np.uint8)
    return Edit(layer, mask, box, EditReport("warp", 0, 0, HeadTurn(0, 0, 0), 0.0, (), {}))


def resident() -> int:
    """Bytes of memory that this process has; 0 where that cannot be told."""
    try:
        fields = Path("/proc/self/statm").read_text().split()
    except OSError:
        return 0
    return int(fields[1]) * 4096
