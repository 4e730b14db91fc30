"""Which picture of a TIFF is the photo, and layouts of samples that Pillow does not read.

A TIFF may begin with a thumbnail and hold the photo in a later page or a sub-directory. And
samples may lie plane after plane, or there may be more channels than colours and alpha. What is
read here is handed to Pillow as a grey picture of the same data, so that one decoder and one set of
checks serve every file. Source: TIFF 6.0, TIFF technical note 1, DNG 1.7.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from PIL import TiffImagePlugin
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from exshot.image.pixels import Pixels
from exshot.photo.origin import ColorSpace
from exshot.photo.spliced import Part, SplicedFile

_HEADERS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_MOST_PAGES = 64
_MOST_ENTRIES = 4096
_MOST_SAMPLES = 32
_REDUCED, _MASK = 1, 4  # bits of NewSubfileType
_RAW_PHOTOMETRIC = (32803, 34892)  # colour filter array, linear raw
_RAW_COMPRESSION = (32767, 32769, 32770, 34713, 65000, 65535)  # Sony, Nikon, Samsung, Kodak, Pentax
_OF_PIXELS = (6, 7, 34712, 50001)  # JPEG, JPEG 2000, WebP: pixels, not samples, are compressed
_WIDTH, _LENGTH, _BITS, _COMPRESSION, _PHOTOMETRIC = 256, 257, 258, 259, 262
_OFFSETS, _SAMPLES, _ROWS, _COUNTS, _PLANAR = 273, 277, 278, 279, 284
_PREDICTOR, _TILE_WIDTH, _TILE_OFFSETS, _TILE_COUNTS = 317, 322, 324, 325
_SUB_DIRECTORIES, _EXTRA, _FORMAT, _DNG_VERSION = 330, 338, 339, 50706
_DECODING = (
    *(_WIDTH, _LENGTH, _COMPRESSION, 266, _OFFSETS, _ROWS, _COUNTS, _PREDICTOR),
    *(_TILE_WIDTH, 323, _TILE_OFFSETS, _TILE_COUNTS),
)
_LONG_TAGS = (_OFFSETS, _COUNTS, _TILE_OFFSETS, _TILE_COUNTS)
_COLORS = {0: 1, 1: 1, 2: 3, 5: 4}  # channels of each photometric interpretation
_ASSOCIATED, _UNASSOCIATED = 1, 2  # kinds of alpha


@dataclass(frozen=True)
class Page:
    """One picture of a TIFF: where its directory lies, and its tags."""

    offset: int
    tags: ImageFileDirectory_v2

    @property
    def size(self) -> tuple[int, int]:
        width, height = self.tags.get(_WIDTH, 0), self.tags.get(_LENGTH, 0)
        return (width, height) if isinstance(width, int) and isinstance(height, int) else (0, 0)

    @property
    def is_photo(self) -> bool:
        kind = self.tags.get(254, 0)
        return not (isinstance(kind, int) and kind & (_REDUCED | _MASK))

    @property
    def is_mask(self) -> bool:
        kind = self.tags.get(254, 0)
        return isinstance(kind, int) and bool(kind & _MASK)

    @property
    def is_beyond_pillow(self) -> bool:
        """Whether Pillow would open it and get it wrong: planes that are deep, or too many."""
        bits = _numbers(self.tags.get(_BITS))
        return (
            self.tags.get(_PLANAR) == 2
            and len(bits) > 1
            and (max(bits) > 8 or _EXTRA in self.tags)
            and self.tags.get(_PHOTOMETRIC) in _COLORS
        )

    @property
    def is_packed_oddly(self) -> bool:
        """Whether its compression is none that Pillow knows."""
        return self.tags.get(_COMPRESSION, 1) not in TiffImagePlugin.COMPRESSION_INFO

    @property
    def is_raw(self) -> bool:
        """Whether it holds what the sensor saw rather than a picture."""
        return (
            self.tags.get(_PHOTOMETRIC) in _RAW_PHOTOMETRIC
            or self.tags.get(_COMPRESSION) in _RAW_COMPRESSION
        )


@dataclass(frozen=True)
class TiffPages:
    """The pages of a TIFF, sub-directories after the page that holds them."""

    pages: tuple[Page, ...]

    @property
    def first(self) -> Page:
        return self.pages[0]

    @property
    def is_camera_raw(self) -> bool:
        return any(page.is_raw or _DNG_VERSION in page.tags for page in self.pages)

    def photo(self) -> Page | None:
        """The page to take for the photo: the first, unless that is a reduced copy of another."""
        others = [page for page in self.pages if page.is_photo and not page.is_raw]
        if self.first.is_photo:
            return self.first
        return max(others, key=lambda page: page.size[0] * page.size[1], default=None)


def tiff_pages(file: BinaryIO) -> TiffPages | None:
    """Read the directories of a TIFF file; None where it is none, or damaged.

    The file is left at its start.
    """
    try:
        pages = tuple(page for page in _pages(file) if min(page.size) > 0)
    except Exception:  # as many kinds as there are ways to be damaged
        return None
    finally:
        file.seek(0)
    return TiffPages(pages) if pages else None


def _pages(file: BinaryIO) -> Iterator[Page]:
    file.seek(0)
    header = file.read(8)
    if header[:4] not in _HEADERS:
        return
    if header[2] == 43 or header[3] == 43:  # BigTIFF
        header += file.read(8)
    waiting, seen = [_first_offset(header)], set()
    while waiting and len(seen) < _MOST_PAGES:
        offset = waiting.pop(0)
        if not offset or offset in seen:
            continue
        seen.add(offset)
        tags = _empty_directory(header)
        file.seek(offset)
        try:
            tags.load(file)
            below = _sub_directories(file, offset, header)
        except Exception:  # a broken sub-directory must not cost the others
            if len(seen) == 1:
                raise
            continue
        yield Page(offset, tags)
        waiting = [*below, tags.next, *waiting]


def _first_offset(header: bytes) -> int:
    order = "little" if header[:2] == b"II" else "big"
    return int.from_bytes(header[8:16] if len(header) == 16 else header[4:8], order)


def _empty_directory(header: bytes) -> ImageFileDirectory_v2:
    """A directory to read tags into. Pillow takes only little-endian files for BigTIFF."""
    if len(header) < 16 or header[:2] == b"II":
        return ImageFileDirectory_v2(header)
    tags = ImageFileDirectory_v2(b"MM\0*\0\0\0\0")
    tags._bigtiff = True
    return tags


def _sub_directories(file: BinaryIO, offset: int, header: bytes) -> list[int]:
    """Where a directory's sub-directories lie; Pillow does not know BigTIFF's type for that."""
    order = "<" if header[:2] == b"II" else ">"
    wide = len(header) == 16
    count_form, entry_form = ("Q", "HHQQ") if wide else ("H", "HHII")
    entry_size = struct.calcsize(order + entry_form)
    file.seek(offset)
    (count,) = struct.unpack(order + count_form, file.read(8 if wide else 2))
    entries = file.read(min(count, _MOST_ENTRIES) * entry_size)
    for tag, kind, values, at in struct.iter_unpack(order + entry_form, entries):
        if tag == _SUB_DIRECTORIES and kind in (4, 13, 16, 18) and 0 < values <= _MOST_PAGES:
            if values == 1:
                return [at]
            size = 8 if kind in (16, 18) else 4
            file.seek(at)
            form = f"{order}{values}{'Q' if size == 8 else 'I'}"
            return list(struct.unpack(form, file.read(values * size)))
    return []


def from_page(file: BinaryIO, page: Page) -> BinaryIO:
    """The same TIFF beginning with that page, for Pillow to open."""
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    start = file.read(4)
    order = "little" if start[:2] == b"II" else "big"
    wide = 43 in (start[2], start[3])
    at, length = (8, 8) if wide else (4, 4)
    file.seek(0)
    head = file.read(at) + page.offset.to_bytes(length, order)
    return SplicedFile(file, [head, Part(at + length, size - at - length)])  # type: ignore[return-value]


@dataclass(frozen=True)
class Samples:
    """Attributes:
    stored: ``(H, W)`` grey, ``(H, W, 3 or 4)`` RGB with alpha, ``(H, W, 4)`` CMYK; uint8/uint16.
    space: ``GRAY``, ``RGB`` or ``CMYK``.
    left_out: channels beyond colours and alpha.
    """

    stored: Pixels
    space: ColorSpace
    left_out: int


def plain_samples(file: BinaryIO, page: Page) -> Samples | None:
    """8- or 16-bit samples of a page in whatever order they lie; None for other kinds."""
    tags = page.tags
    bits = tags.get(_BITS, (1,))
    count = tags.get(_SAMPLES, len(bits))
    colors = _COLORS.get(tags.get(_PHOTOMETRIC, -1), 0)
    kinds = set(tags.get(_FORMAT, (1,)))
    if not colors or not colors <= count <= _MOST_SAMPLES or kinds != {1}:
        return None
    if tags.get(_COMPRESSION) in _OF_PIXELS and count > 1:
        return None
    if set(bits) not in ({8}, {16}) or tags.get(_PREDICTOR, 1) not in (1, 2):
        return None
    separate = tags.get(_PLANAR, 1) == 2 and count > 1
    samples = _by_plane(file, page, count, bits[0]) if separate else _by_pixel(file, page, count)
    if tags.get(_PHOTOMETRIC) == 0:  # white is zero
        samples[..., 0] = np.iinfo(samples.dtype).max - samples[..., 0]
    return _named(samples, colors, tags.get(_EXTRA, ()))


def _by_plane(file: BinaryIO, page: Page, count: int, bits: int) -> Pixels:
    places = (_TILE_OFFSETS, _TILE_COUNTS) if _TILE_OFFSETS in page.tags else (_OFFSETS, _COUNTS)
    offsets, sizes = (_numbers(page.tags.get(tag)) for tag in places)
    each = len(offsets) // count
    if not each or len(offsets) != each * count or len(sizes) != len(offsets):
        raise ValueError("planes of unequal size")
    planes = []
    for number in range(count):
        part = slice(number * each, (number + 1) * each)
        changed = {places[0]: offsets[part], places[1]: sizes[part]}
        planes.append(_grey(file, page, {**changed, _BITS: (bits,)}))
    return np.stack(planes, axis=-1)


def _by_pixel(file: BinaryIO, page: Page, count: int) -> Pixels:
    """All samples of a row side by side, as if each were a pixel."""
    width, height = page.size
    bits = page.tags.get(_BITS, (8,))[:1]
    changed: dict[int, Any] = {_WIDTH: width * count, _BITS: bits}
    if _TILE_WIDTH in page.tags:
        changed[_TILE_WIDTH] = page.tags[_TILE_WIDTH] * count
        changed[_WIDTH] = -(-width // page.tags[_TILE_WIDTH]) * changed[_TILE_WIDTH]
    differences = page.tags.get(_PREDICTOR, 1) == 2
    if differences:
        changed[_PREDICTOR] = 1
    stored = _grey(file, page, changed).reshape(height, -1, count)
    if differences:  # to the left neighbour of the same channel, within each tile
        across = page.tags.get(_TILE_WIDTH, stored.shape[1])
        for left in range(0, stored.shape[1], across):
            tile = stored[:, left : left + across]
            np.cumsum(tile, axis=1, dtype=stored.dtype, out=tile)
    return np.ascontiguousarray(stored[:, :width])


def _grey(file: BinaryIO, page: Page, changed: dict[int, Any]) -> Pixels:
    """Decode a page with some of its tags changed, as one grey picture."""
    size = file.seek(0, io.SEEK_END)
    order = "<" if page.tags.prefix == b"II" else ">"
    wanted = {tag: page.tags[tag] for tag in _DECODING if tag in page.tags} | changed
    wanted |= {_PHOTOMETRIC: 1, _SAMPLES: 1, _PLANAR: 1}
    gap = bytes(size % 2)
    start = size + len(gap)
    directory = _directory({tag: _numbers(value) for tag, value in wanted.items()}, order, start)
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", start)
    spliced = SplicedFile(file, [head, Part(8, size - 8), gap + directory])
    with TiffImagePlugin.TiffImageFile(spliced) as image:  # type: ignore[arg-type]
        if image.mode not in ("L", "I;16", "I;16B", "I;16L", "I;16N"):
            raise ValueError(f"unexpected mode {image.mode}")
        return np.array(image).astype(np.uint8 if image.mode == "L" else np.uint16)


def _directory(tags: dict[int, tuple[int, ...]], order: str, start: int) -> bytes:
    """A TIFF directory of whole numbers that will lie at ``start``."""
    entries, data = b"", b""
    after = start + 2 + 12 * len(tags) + 4
    for tag, values in sorted(tags.items()):
        short = tag not in _LONG_TAGS and max(values) <= 0xFFFF
        content = struct.pack(f"{order}{len(values)}{'H' if short else 'I'}", *values)
        entries += struct.pack(order + "HHI", tag, 3 if short else 4, len(values))
        if len(content) > 4:
            entries += struct.pack(order + "I", after + len(data))
            data += content + bytes(len(content) % 2)
        else:
            entries += content.ljust(4, b"\0")
    return struct.pack(order + "H", len(tags)) + entries + bytes(4) + data


def _numbers(value: Any) -> tuple[int, ...]:
    return (value,) if isinstance(value, int) else tuple(value or ())


def _named(samples: Pixels, colors: int, extra: Any) -> Samples:
    """Colours, the first alpha channel, and how many channels are left over."""
    extra = _numbers(extra)
    spaces: dict[int, ColorSpace] = {1: "GRAY", 3: "RGB", 4: "CMYK"}
    space = spaces[colors]
    count = samples.shape[2]
    alphas = [i for i, kind in enumerate(extra) if kind in (_ASSOCIATED, _UNASSOCIATED)]
    if space == "CMYK" or not alphas or colors + alphas[0] >= count:
        kept = samples[..., :colors]
        stored = kept[..., 0] if colors == 1 else kept
        return Samples(np.ascontiguousarray(stored), space, count - colors)
    alpha = samples[..., colors + alphas[0]]
    color = samples[..., :colors]
    if extra[alphas[0]] == _ASSOCIATED:
        top = float(np.iinfo(samples.dtype).max)
        straight = color * (top / np.maximum(alpha, 1))[..., None]
        color = np.clip(np.rint(straight), 0, top).astype(samples.dtype)
    return Samples(np.dstack([color, alpha]), space, count - colors - 1)
