"""The messages between an editor and the engine. Both ends import this very file.

Requests are answered by `Progress` (any number), then by exactly one result or `Error`, all with
the request's number. How they travel is in `wire`; docs/protocol.md says it for other languages.

Pixels: rows from the top, tightly packed, sRGB-encoded, not premultiplied; 16-bit samples are
little-endian. Coordinates are pixels of the photo, ``(x, y)`` from the top left, boxes half-open.

This module must not use ``from __future__ import annotations``: `wire` reads the fields' types.
"""

from dataclasses import dataclass, field
from typing import BinaryIO, Optional, cast

from exshot_contract import wire
from exshot_contract.limits import MAX_FACES, MAX_PAYLOAD, MAX_PREVIEW, MAX_SIDE, MAX_THUMBNAIL
from exshot_contract.options import Options
from exshot_contract.wire import Buffer, Message, Registry

VERSION = wire.VERSION
CHANNELS = {"rgb": 3, "rgba": 4, "bgra": 4, "mask": 1}
"""Orders of samples in a pixel; ``mask`` is one 8-bit sample, 255 where something applies."""


# --- What messages are made of --------------------------------------------------------------------


@dataclass(frozen=True)
class FaceInfo:
    """One face: box, score in [0, 1], head pose in degrees, and its oval for drawing.

    ``outline`` is ``x0, y0, x1, y1, …``: the face oval's points in order, pixels of the photo.
    """

    x0: int
    y0: int
    x1: int
    y1: int
    score: float
    yaw: float
    pitch: float
    roll: float
    outline: tuple[float, ...] = ()


@dataclass(frozen=True)
class Notice:
    """Something the user should know about a result that was still made."""

    code: str
    sentence: str
    hint: str


@dataclass(frozen=True)
class Report:
    """How an edit was made. ``yaw, pitch, roll``: head pose of the expression photo minus that of
    the pose photo, degrees. ``timings``: milliseconds by step."""

    method: str
    pose_face: int
    expression_face: int
    yaw: float
    pitch: float
    roll: float
    hidden_share: float
    warnings: tuple[Notice, ...] = ()
    timings: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class SamePerson:
    """The user says that two faces of different photos are one person's.

    ``face`` and ``other_face`` are indexes in the photos ``photo`` and ``other``.
    """

    photo: str
    face: int
    other: str
    other_face: int


# --- Requests -------------------------------------------------------------------------------------


class Request(Message):
    """Base of what an editor asks."""


@dataclass(frozen=True)
class Hello(Request):
    """The first request. ``client`` names the asker for the log, e.g. ``"gimp 3.0.4"``."""

    TYPE = "hello"

    client: str = ""
    client_version: str = ""


@dataclass(frozen=True)
class PutPhoto(Request):
    """Hand over a photo, or a mask, once. Answered by `Done`.

    ``photo`` is a name for exactly these pixels, at most 64 letters or digits; clients use a digest
    of the content. Sending a name that the engine already has costs nothing but the transfer.
    ``order`` is a key of `CHANNELS`, ``depth`` 8 or 16 bits (masks: 8).
    """

    TYPE = "put_photo"

    photo: str
    width: int
    height: int
    order: str = "rgba"
    depth: int = 8
    pixels: Buffer = field(default=b"", repr=False)

    def check(self) -> None:
        _check_name(self.photo, required=True)
        _check_size(self.width, self.height)
        if self.order not in CHANNELS:
            raise ValueError(f"put_photo.order is not one of {', '.join(CHANNELS)}.")
        if self.depth not in ((8,) if self.order == "mask" else (8, 16)):
            raise ValueError("put_photo.depth is not 8 or 16 bits.")

    def part_sizes(self) -> dict[str, int]:
        return {"pixels": pixel_bytes(self.width, self.height, self.order, self.depth)}


@dataclass(frozen=True)
class Faces(Request):
    """Find the faces of a photo. ``thumbnail``: side of a square picture of each, 0 for none."""

    TYPE = "faces"

    photo: str
    thumbnail: int = 0

    def check(self) -> None:
        _check_name(self.photo, required=True)
        if not 0 <= self.thumbnail <= MAX_THUMBNAIL:
            raise ValueError(f"faces.thumbnail is outside 0 to {MAX_THUMBNAIL}.")


@dataclass(frozen=True)
class Edit(Request):
    """Put the expression of one photo onto the head of another.

    ``preview`` 0 asks for the full patch (`EditResult`), a size for a square picture of the face
    (`PreviewResult`). A preview supersedes older ones, queued or running, of the same ``dialog``.
    ``limit`` names a mask (`PutPhoto` with order ``mask``) that multiplies the patch's mask; its
    top left pixel lies at ``limit_x, limit_y`` of the pose photo, and outside it nothing changes.
    ``order`` (not ``mask``) is that of the returned layer; added alpha is opaque.
    """

    TYPE = "edit"

    pose: str
    expression: str
    options: Options = field(default_factory=Options)
    preview: int = 0
    dialog: str = ""
    limit: str = ""
    limit_x: int = 0
    limit_y: int = 0
    order: str = "rgba"

    def check(self) -> None:
        _check_name(self.pose, required=True)
        _check_name(self.expression, required=True)
        _check_name(self.dialog)
        _check_name(self.limit)
        if self.preview and not 16 <= self.preview <= MAX_PREVIEW:
            raise ValueError(f"edit.preview is not 0 or 16 to {MAX_PREVIEW}.")
        if abs(self.limit_x) > MAX_SIDE or abs(self.limit_y) > MAX_SIDE:
            raise ValueError("edit.limit_x or limit_y is out of range.")
        if self.order not in ("rgb", "rgba", "bgra"):
            raise ValueError("edit.order is not rgb, rgba or bgra.")


@dataclass(frozen=True)
class Suggest(Request):
    """Ask which photos to combine. Answered by `SuggestResult`.

    ``base`` names the photo to start from; empty leaves the choice to the engine. ``same`` corrects
    who is who; where corrections contradict each other, the earlier one holds.
    """

    TYPE = "suggest"

    photos: tuple[str, ...]
    base: str = ""
    same: tuple[SamePerson, ...] = ()

    def check(self) -> None:
        _check_names(self.photos)
        if self.base and self.base not in self.photos:
            raise ValueError("The base is none of the photos.")
        for one in self.same:
            if not {one.photo, one.other} <= set(self.photos):
                raise ValueError("A correction is about none of the photos.")
            if min(one.face, one.other_face) < 0:
                raise ValueError("A correction has a negative face index.")


@dataclass(frozen=True)
class Cancel(Request):
    """Stop a request, queued or running; that one ends with an `Error` ``cancelled``."""

    TYPE = "cancel"

    target: int


@dataclass(frozen=True)
class Release(Request):
    """Forget photos and masks and all that was computed from them. Unknown names are fine."""

    TYPE = "release"

    photos: tuple[str, ...]

    def check(self) -> None:
        _check_names(self.photos)


@dataclass(frozen=True)
class Shutdown(Request):
    """Cancel everything, answer `Done` and end the process."""

    TYPE = "shutdown"


# --- Replies --------------------------------------------------------------------------------------


class Reply(Message):
    """Base of what the engine answers."""


@dataclass(frozen=True)
class HelloResult(Reply):
    """Who answers. ``photo_memory``: bytes of photos kept before the oldest go."""

    TYPE = "result.hello"

    version: str
    pid: int
    log: str = ""
    max_payload: int = MAX_PAYLOAD
    photo_memory: int = 0


@dataclass(frozen=True)
class Done(Reply):
    """The answer to requests that return nothing."""

    TYPE = "result.done"


@dataclass(frozen=True)
class FacesResult(Reply):
    """Faces, the largest first. ``thumbnails``: one after the other, ``size * size`` RGB each.

    ``left_out_below``: width in pixels under which faces that could be edited were not looked for;
    0 where all were.
    """

    TYPE = "result.faces"

    faces: tuple[FaceInfo, ...] = ()
    thumbnail: int = 0
    thumbnails: Buffer = field(default=b"", repr=False)
    left_out_below: float = 0.0

    def check(self) -> None:
        if len(self.faces) > MAX_FACES or not 0 <= self.thumbnail <= MAX_THUMBNAIL:
            raise ValueError("result.faces is out of range.")
        if not 0 <= self.left_out_below <= MAX_SIDE:
            raise ValueError("result.faces is out of range.")

    def part_sizes(self) -> dict[str, int]:
        return {"thumbnails": len(self.faces) * self.thumbnail * self.thumbnail * 3}

    def thumbnail_of(self, index: int) -> Buffer:
        """``thumbnail * thumbnail * 3`` RGB bytes of one face; empty where none were asked for."""
        size = self.thumbnail * self.thumbnail * 3
        return self.thumbnails[index * size : (index + 1) * size]


@dataclass(frozen=True)
class EditResult(Reply):
    """The patch: pixels in the asked order and the pose photo's depth, an 8-bit mask, and where its
    top left pixel lies in the pose photo. Both are empty where nothing changes."""

    TYPE = "result.edit"

    x: int
    y: int
    width: int
    height: int
    order: str
    depth: int
    report: Report
    pixels: Buffer = field(default=b"", repr=False)
    mask: Buffer = field(default=b"", repr=False)

    def check(self) -> None:
        if self.width or self.height:
            _check_size(self.width, self.height)
        if self.order not in CHANNELS or self.depth not in (8, 16):
            raise ValueError("result.edit has an unknown order or depth.")

    def part_sizes(self) -> dict[str, int]:
        return {
            "pixels": pixel_bytes(self.width, self.height, self.order, self.depth),
            "mask": self.width * self.height,
        }


@dataclass(frozen=True)
class PreviewResult(Reply):
    """``size * size`` RGB 8-bit squares around the face, before and after; the box is the square of
    the pose photo that they show (it may leave the photo)."""

    TYPE = "result.preview"

    size: int
    x0: int
    y0: int
    x1: int
    y1: int
    report: Report
    before: Buffer = field(default=b"", repr=False)
    after: Buffer = field(default=b"", repr=False)

    def check(self) -> None:
        if not 1 <= self.size <= MAX_PREVIEW:
            raise ValueError(f"result.preview.size is outside 1 to {MAX_PREVIEW}.")

    def part_sizes(self) -> dict[str, int]:
        size = self.size * self.size * 3
        return {"before": size, "after": size}


@dataclass(frozen=True)
class FaceSuggestion:
    """For one face of the base photo: a photo and face to take the expression from.

    ``score`` is in [0, 1]; ``reasons`` are codes of `exshot.sequence.judge.PHRASES`.
    """

    base_face: int
    photo: str
    face: int
    score: float
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class SuggestResult(Reply):
    """The photo to start from and, for each of its faces that others show better, the choices.

    Those of one face follow each other, the best first.
    """

    TYPE = "result.suggest"

    base: str
    suggestions: tuple[FaceSuggestion, ...] = ()


@dataclass(frozen=True)
class Progress(Reply):
    """``share`` in [0, 1] of the request is done; ``step`` names what runs now."""

    TYPE = "progress"

    share: float
    step: str = ""


@dataclass(frozen=True)
class Error(Reply):
    """The request failed: a code of `codes.ErrorCode`, one sentence, a hint."""

    TYPE = "error"

    code: str
    sentence: str
    hint: str = ""


REQUESTS = Registry(Hello, PutPhoto, Faces, Edit, Suggest, Cancel, Release, Shutdown)
REPLIES = Registry(
    HelloResult, Done, FacesResult, EditResult, PreviewResult, SuggestResult, Progress, Error
)


# --- Reading and writing --------------------------------------------------------------------------


def write(stream: BinaryIO, request: int, message: Message) -> None:
    """Write one message as one frame and flush."""
    wire.write_frame(stream, request, message)


def read_request(stream: BinaryIO) -> Optional[tuple[int, Request]]:
    """The next request and its number; None at the end. Raises `WireError`."""
    return cast(Optional[tuple[int, Request]], wire.read_frame(stream, REQUESTS))


def read_reply(stream: BinaryIO) -> Optional[tuple[int, Reply]]:
    """The next reply and its request's number; None at the end. Raises `WireError`."""
    return cast(Optional[tuple[int, Reply]], wire.read_frame(stream, REPLIES))


def pixel_bytes(width: int, height: int, order: str, depth: int) -> int:
    """Size in bytes of tightly packed pixels."""
    return width * height * CHANNELS[order] * (depth // 8)


def _check_name(name: str, *, required: bool = False) -> None:
    if len(name) > 64 or (name and not (name.isascii() and name.isalnum())):
        raise ValueError("A photo or dialog name is not 1 to 64 letters and digits.")
    if required and not name:
        raise ValueError("A photo or dialog name is not 1 to 64 letters and digits.")


def _check_names(names: tuple[str, ...]) -> None:
    for name in names:
        _check_name(name, required=True)


def _check_size(width: int, height: int) -> None:
    if not (1 <= width <= MAX_SIDE and 1 <= height <= MAX_SIDE):
        raise ValueError(f"A picture is {width} x {height}, not 1 to {MAX_SIDE} a side.")
