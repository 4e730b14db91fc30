"""Mutated photo files for the whole pipeline: ``python tests/fuzz/run_photo_files.py``.

Files of every format, with every kind of metadata block, are damaged at random and go through
reading, writing, `faces`, `edit` and `suggest` of one long-lived `Editor`. Each gives a result or
one of the known sentences; whatever else happens ends the run with the number of the case, which
``--first NUMBER --count 1`` repeats. Memory is looked at all along.
"""

from __future__ import annotations

import argparse
import faulthandler
import io
import random
import re
import struct
import sys
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pillow_heif
import tifffile
from numpy.typing import NDArray
from PIL import Image, ImageCms, PngImagePlugin

from exshot.editor import Editor
from exshot.errors import ErrorCode, ExshotError
from exshot.image.geometry import Box
from exshot.options import EditOptions
from exshot.photo import Photo, PhotoLimits, save_edit
from exshot.photo.picture import Photo as OpenedPhoto
from exshot.result import Edit, EditReport, HeadTurn
from exshot.sequence.read import read_sequence

DEMO = Path(__file__).resolve().parents[2] / "core/exshot/demo"
LIMITS = PhotoLimits(max_pixels=1_000_000, max_side=4000)
SLOW = 60.0  # seconds for one file, on a busy machine
GROWTH = 150 << 20  # bytes beyond those after the warm-up
WARM_UP = 300

KNOWN = re.compile(
    r".* (was not found|is empty|has no pixels|is not in a supported format"
    r"|is a camera raw file, not a finished picture|is damaged and cannot be read"
    r"|is incomplete: the end of the picture is missing|cannot be read: .+"
    r"|stores its pixels in a way that is not supported|is too large: it has .+, the limit is .+)\."
    r"|No face was found in (the (pose|expression) photo|any of the photos)\."
    r"|The face in the (pose|expression) photo is only \d+ pixels wide\."
    r"|There are \d+ faces in the (pose|expression) photo and none was chosen\."
    r"|The picture has more than \d+ pixels a side, which .+ cannot hold\."
)


def seeds() -> dict[str, bytes]:
    """Sound small photos of a face, one for each make of file."""
    pillow_heif.register_heif_opener()
    face = small_face()
    deep = face.astype(np.uint16) * np.uint16(257)
    return {
        "jpeg": _pillow(face, "JPEG", exif=_exif(), icc_profile=_icc(), xmp=XMP, quality=85),
        "jpeg progressive": _pillow(face, "JPEG", progressive=True, exif=_exif()),
        "jpeg cmyk": _pillow(face, "JPEG", mode="CMYK"),
        "jpeg grey": _pillow(face, "JPEG", mode="L", exif=_exif()),
        "png": _pillow(face, "PNG", exif=_exif(), icc_profile=_icc(), pnginfo=_texts()),
        "png palette": _pillow(face, "PNG", mode="P", transparency=3),
        "png 16": _png16(deep),
        "png signals": _with_chunk(_pillow(face, "PNG"), b"cICP", bytes((9, 16, 0, 1))),
        "png gamma": _with_chunk(
            _pillow(face, "PNG", mode="RGBA"), b"gAMA", struct.pack(">I", 45455)
        ),
        "webp": _pillow(face, "WEBP", exif=_exif(), icc_profile=_icc(), xmp=XMP),
        "webp lossless": _pillow(face, "WEBP", mode="RGBA", lossless=True),
        "webp animated": _animated(face),
        "tiff": _pillow(face, "TIFF", exif=_exif(), icc_profile=_icc()),
        "tiff lzw": _pillow(face, "TIFF", compression="tiff_lzw"),
        "tiff jpeg": _pillow(face, "TIFF", compression="jpeg"),
        "tiff 16 tiles": _tiff(deep, tile=(64, 64), compression="zlib", predictor=True),
        "tiff planes": _tiff(deep.transpose(2, 0, 1), planarconfig="separate"),
        "tiff big": _tiff(face, bigtiff=True, compression="zlib"),
        "tiff thumbnail": _thumbnailed(face),
        "heic": _pillow(face, "HEIF", exif=_exif(), xmp=XMP),
        "heic 10": _heic10(deep),
    }


def small_face() -> NDArray[np.uint8]:
    picture = np.asarray(Image.open(DEMO / "expression.jpg").convert("RGB"))
    return cv2.resize(picture, (180, 240), interpolation=cv2.INTER_AREA)  # type: ignore[return-value]


def mutated(data: bytes, dice: random.Random) -> bytes:
    """The file with some damage; more of it near its start, where the structure lies."""
    content = bytearray(data)
    for _ in range(dice.choice((1, 1, 2, 4, 12))):
        dice.choice(_DAMAGES)(content, dice)
        if not content:
            return b"\0"
    return bytes(content)


def _place(content: bytearray, dice: random.Random) -> int:
    end = min(len(content), dice.choice((40, 400, 2000, len(content))))
    return dice.randrange(max(1, end))


def _flip(content: bytearray, dice: random.Random) -> None:
    content[_place(content, dice)] ^= 1 << dice.randrange(8)


def _byte(content: bytearray, dice: random.Random) -> None:
    content[_place(content, dice)] = dice.choice((0, 1, 0x7F, 0x80, 0xFF, dice.randrange(256)))


def _number(content: bytearray, dice: random.Random) -> None:
    at = _place(content, dice)
    value = dice.choice(
        (0, 1, 0xFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, dice.getrandbits(32))
    )
    packed = struct.pack(dice.choice("<>") + "I", value)
    content[at : at + 4] = packed[: len(content) - at]


def _cut(content: bytearray, dice: random.Random) -> None:
    del content[dice.randrange(len(content)) :]


def _remove(content: bytearray, dice: random.Random) -> None:
    at = _place(content, dice)
    del content[at : at + dice.choice((1, 2, 8, 100))]


def _insert(content: bytearray, dice: random.Random) -> None:
    at = _place(content, dice)
    content[at:at] = bytes(dice.randrange(256) for _ in range(dice.choice((1, 4, 30))))


def _repeat(content: bytearray, dice: random.Random) -> None:
    at, size = _place(content, dice), dice.choice((4, 12, 60, 400))
    content[at:at] = content[at : at + size]


_DAMAGES: tuple[Callable[[bytearray, random.Random], None], ...] = (
    *(_flip, _flip, _byte, _byte, _number, _number),
    *(_cut, _remove, _insert, _repeat),
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=23)
    arguments = parser.parse_args()
    faulthandler.enable()
    with tempfile.TemporaryDirectory() as name:
        run = Run(Path(name), arguments.seed)
        warm = highest = 0
        start = time.monotonic()
        for done in range(arguments.count):
            number = arguments.first + done
            faulthandler.dump_traceback_later(SLOW, exit=True)
            try:
                run.case(number)
            except BaseException:
                print(f"case {number} of seed {arguments.seed}", file=sys.stderr)
                raise
            if done == WARM_UP:
                warm = resident()
            highest = max(highest, resident())
        faulthandler.cancel_dump_traceback_later()
        if warm and resident() > warm + GROWTH:
            sys.exit(f"memory grew from {warm >> 20} to {resident() >> 20} MiB")
        used = sum(count for what, count in run.outcomes.items() if what.endswith(": used"))
        print(f"{arguments.count} files from {arguments.first} on: {used} used, the rest refused:")
        print(", ".join(f"{count} {what}" for what, count in run.refusals.most_common()))
        print(f"memory {warm >> 20} MiB after {WARM_UP}, {resident() >> 20} at the end")
        print(f"slowest {run.slowest[0]:.1f} s (case {run.slowest[1]})")
        print(f"{time.monotonic() - start:.0f} s")


# --- How the seeds are made -----------------------------------------------------------------------

XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF'
    b' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
    b' xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#" stArea:x="0.2" stArea:y="0.3"'
    b' stArea:w="0.1" stArea:h="0.1"/></rdf:RDF></x:xmpmeta>'
)


def _exif() -> bytes:
    exif = Image.Exif()
    exif[271], exif[274] = "Maker", 6
    exif.get_ifd(0x8769).update(
        {0x9003: "2024:05:06 07:08:09", 0x9011: "+02:00", 0x9291: "25", 0x927C: b"note" * 20}
    )
    exif.get_ifd(0x8825)[1] = "N"
    return exif.tobytes()


def _icc() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def _texts() -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", XMP.decode(), zip=True)
    info.add_text("Comment", "text " * 50, zip=True)
    return info


def _pillow(pixels: NDArray[np.uint8], kind: str, *, mode: str = "RGB", **options: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(file, kind, **options)
    return file.getvalue()


def _animated(pixels: NDArray[np.uint8]) -> bytes:
    more = [Image.fromarray(255 - pixels)]
    return _pillow(pixels, "WEBP", save_all=True, append_images=more)


def _png16(pixels: NDArray[np.uint16]) -> bytes:
    return cv2.imencode(".png", pixels[..., ::-1])[1].tobytes()


def _with_chunk(data: bytes, name: bytes, content: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(name + content))
    return data[:33] + struct.pack(">I", len(content)) + name + content + checksum + data[33:]


def _tiff(pixels: NDArray[np.generic], *, bigtiff: bool = False, **options: object) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, pixels, photometric="rgb", bigtiff=bigtiff, **options)  # type: ignore[arg-type]
    return file.getvalue()


def _thumbnailed(pixels: NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        writer.write(
            np.ascontiguousarray(pixels[::8, ::8]), photometric="rgb", subifds=1, subfiletype=1
        )
        writer.write(pixels, photometric="rgb", subfiletype=0)
    return file.getvalue()


def _heic10(pixels: NDArray[np.uint16]) -> bytes:
    height, width = pixels.shape[:2]
    file = io.BytesIO()
    image = pillow_heif.from_bytes(mode="RGB;16", size=(width, height), data=pixels.tobytes())
    image.save(
        file,
        color_primaries=9,
        transfer_characteristics=16,
        matrix_coefficients=9,
        full_range_flag=1,
    )
    return file.getvalue()
