"""From a photo's path to an opened picture: the file, its format, the page that is the photo."""

from __future__ import annotations

import io
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import pillow_heif
from PIL import Image, UnidentifiedImageError

from exshot.errors import ErrorCode
from exshot.image.windows_names import reachable
from exshot.path_text import reason_of
from exshot.photo import refusals
from exshot.photo.camera_raw import is_raw_name, starts_like_raw
from exshot.photo.origin import PhotoLimits
from exshot.photo.png_file import PngExtras, png_extras
from exshot.photo.tiff_pages import Page, TiffPages, from_page, tiff_pages

FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "HEIF")
_THUMBNAIL_SIDE = 1024  # pixels; a raw file's only readable picture that is no larger is none


@dataclass(frozen=True)
class Source:
    """A photo's file as Pillow shall see it.

    Attributes:
        file: begins with the picture that is the photo.
        page: of a TIFF, that picture's directory.
        png: of a PNG, what it says besides its pixels.
        notes: what is odd about the file, in sentences.
    """

    file: BinaryIO
    page: Page | None = None
    png: PngExtras | None = None
    notes: tuple[str, ...] = field(default=())


class _Watched(io.RawIOBase):
    """A file that remembers that it could not be read: decoders take that for damage."""

    def __init__(self, file: io.FileIO) -> None:
        super().__init__()
        self._file = file
        self.failure: OSError | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._file.fileno()

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._file.seek(offset, whence)

    def readinto(self, buffer: memoryview, /) -> int | None:  # type: ignore[override]
        with self._noted():
            return self._file.readinto(buffer)

    def readall(self) -> bytes:
        with self._noted():
            return self._file.readall()

    def close(self) -> None:
        self._file.close()
        super().close()

    @contextmanager
    def _noted(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.failure = error
            raise


@contextmanager
def opened_file(path: Path, limits: PhotoLimits) -> Iterator[BinaryIO]:
    """A regular file with something in it, open for reading. Raises `ExshotError`.

    Whatever the block raises after its disk or cloud has failed is said to be that.
    """
    try:
        info = reachable(path).stat()
        if not stat.S_ISREG(info.st_mode):
            raise refusals.no_file(path, _kind(info.st_mode))
        watched = _Watched(reachable(path).open("rb", buffering=0))
    except (FileNotFoundError, NotADirectoryError):
        if path.is_symlink():
            raise refusals.not_readable(path, "it is a link to nothing") from None
        raise refusals.not_found(path) from None
    except (OSError, ValueError, RuntimeError) as error:  # ValueError: a null character in a name
        raise refusals.not_readable(path, reason_of(error)) from error
    with io.BufferedReader(watched) as file:
        if info.st_size == 0:
            raise refusals.empty(path)
        if info.st_size > limits.max_file_bytes:
            sizes = (f"{size / 2**20:.0f} MiB" for size in (info.st_size, limits.max_file_bytes))
            raise refusals.too_large(path, *sizes)
        try:
            yield file
        except Exception as error:
            if watched.failure is None:
                raise
            raise refusals.not_read_through(path, reason_of(watched.failure)) from error


def _kind(mode: int) -> str:
    kinds = ((stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"))
    return next((name for test, name in kinds if test(mode)), "a device")


def find_source(path: Path, file: BinaryIO) -> Source:
    """Look at the file's structure. Raises `ExshotError` for camera raw files."""
    if starts_like_raw(file):
        raise refusals.camera_raw(path)
    pages = tiff_pages(file)
    if pages is None:
        extras = png_extras(file)
        if extras is None:
            return Source(file)
        told = (
            ("Long texts in the file were left out.", extras.dropped),
            ("The file is animated; its first picture was taken.", extras.animated),
        )
        notes = tuple(note for note, so in told if so)
        return Source(extras.file, png=extras, notes=notes)
    page = _photo_page(path, pages)
    if page is pages.first:
        others = sum(1 for one in pages.pages if one.is_photo) - 1
        note = f"The file holds {others + 1} pictures; the first was taken."
        return Source(file, page=page, notes=(note,) if others > 0 else ())
    start = "mask" if pages.first.is_mask else "thumbnail"
    note = f"The file begins with a {start}; its full picture was taken."
    return Source(from_page(file, page), page=page, notes=(note,))


def _photo_page(path: Path, pages: TiffPages) -> Page:
    page = pages.photo()
    if page is None:
        if pages.is_camera_raw or is_raw_name(path) or len(pages.pages) > 1:
            raise refusals.camera_raw(path)
        return pages.first  # nothing else is there: then it is what the user has
    raw = [max(one.size) for one in pages.pages if one.is_raw]
    lone = page is pages.first and max(page.size) <= _THUMBNAIL_SIDE
    if page.is_raw or (raw and max(page.size) < 0.7 * max(raw)) or (is_raw_name(path) and lone):
        raise refusals.camera_raw(path)
    return page


def open_image(file: BinaryIO) -> Image.Image:
    """Open with Pillow's plug-ins for `FORMATS`; nothing is decoded yet.

    As `PIL.Image.open`, without its limit of its own on the size: `PhotoLimits` is the limit.

    Raises:
        UnidentifiedImageError: no plug-in takes it.
    """
    pillow_heif.register_heif_opener()
    Image.preinit()
    file.seek(0)
    prefix = file.read(16)
    for name in FORMATS:
        if name not in Image.OPEN:
            Image.init()
        factory, accept = Image.OPEN[name]
        try:
            if accept is None or accept(prefix) is True or accept(prefix) == 1:
                file.seek(0)
                return factory(file, "")
        except (SyntaxError, IndexError, TypeError, struct.error):
            continue
    raise UnidentifiedImageError("no format takes it")


def is_named_like_raw(path: Path, code: ErrorCode) -> bool:
    """Whether a refusal is better put as: this is a camera raw file."""
    unknown = (ErrorCode.UNSUPPORTED_FORMAT, ErrorCode.UNREADABLE_IMAGE, ErrorCode.UNSUPPORTED_MODE)
    return is_raw_name(path) and code in unknown
