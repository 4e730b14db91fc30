"""Frames on a pipe and the (de)serialiser of messages. See docs/protocol.md.

A frame is a 20-byte prefix (little-endian: magic ``XSHT``, version u16, flags u16, header length
u32, payload length u64), a UTF-8 JSON header, and the payload: the raw bytes of the message's
`Buffer` fields, one after the other. Every length is checked before memory is taken for it.

Modules that define messages must not use ``from __future__ import annotations``: the
(de)serialiser reads the fields' types at run time, and Python 3.9 cannot resolve new-style ones.
"""

import dataclasses
import json
import math
import struct
from typing import Any, BinaryIO, Literal, Optional, Union, get_args, get_origin

from exshot_contract.limits import MAX_HEADER, MAX_INTEGER, MAX_PAYLOAD

MAGIC = b"XSHT"
VERSION = 1
PREFIX = struct.Struct("<4sHHIQ")

Buffer = Union[bytes, bytearray, memoryview]
"""Raw bytes; a field of this type travels in the payload. Received ones are bytearrays."""


class WireError(Exception):
    """What came over the pipe is not a valid frame.

    Attributes:
        request: number of the request it belongs to, 0 where that could not be read.
        fatal: the stream cannot be followed any further; close it.
        version: version of the other end where that is what differs, else None.
    """

    def __init__(
        self, reason: str, *, request: int = 0, fatal: bool = False, version: Optional[int] = None
    ) -> None:
        super().__init__(reason)
        self.request = request
        self.fatal = fatal
        self.version = version


class Message:
    """Base of all messages: frozen dataclasses whose ``TYPE`` is their name on the wire.

    `Buffer` fields travel in the payload, all others in the JSON header. Subclasses may override
    `check` (ranges, raises ValueError) and `part_sizes` (exact length of every `Buffer` field);
    both run before the payload is read.
    """

    TYPE = ""

    def check(self) -> None:
        """Raise ValueError where a field is out of range."""

    def part_sizes(self) -> dict[str, int]:
        """Exact length in bytes of each `Buffer` field, computed from the other fields."""
        return {}


class Registry:
    """The messages that one end is ready to receive, by their name on the wire."""

    def __init__(self, *classes: type[Message]) -> None:
        self._classes = {cls.TYPE: cls for cls in classes}

    def get(self, name: object) -> Optional[type[Message]]:
        return self._classes.get(name) if isinstance(name, str) else None


# --- Frames ---------------------------------------------------------------------------------------


def write_frame(stream: BinaryIO, request: int, message: Message) -> None:
    """Write one message and flush. ``request`` is the number of the request it belongs to."""
    header, parts = encode(request, message)
    size = sum(len(part) for part in parts)
    if len(header) > MAX_HEADER or size > MAX_PAYLOAD:
        raise ValueError(f"A {message.TYPE} message of {len(header)} + {size} bytes is too large.")
    stream.write(PREFIX.pack(MAGIC, VERSION, 0, len(header), size) + header)
    for part in parts:
        stream.write(part)
    stream.flush()


def read_frame(stream: BinaryIO, registry: Registry) -> Optional[tuple[int, Message]]:
    """Read one message: its request number and itself; None where the stream ends between frames.

    Raises:
        WireError: fatal where the stream cannot be followed any further (wrong magic or version,
            a length past its limit, an end inside a frame); not fatal where only this message is
            wrong: its payload has been skipped and the next frame can be read.
    """
    prefix = bytearray(PREFIX.size)
    got = _read_some(stream, memoryview(prefix))
    if got == 0:
        return None
    if got < len(prefix):
        raise WireError("The stream ended inside a frame.", fatal=True)
    header_size, payload_size = _check_prefix(prefix)
    header = bytearray(header_size)
    _read_exactly(stream, memoryview(header))
    try:
        request, message, sizes = decode_header(bytes(header), payload_size, registry)
    except WireError as error:
        _skip(stream, payload_size)
        raise error from None
    try:
        parts: dict[str, Any] = {name: bytearray(size) for name, size in sizes}
    except MemoryError:
        _skip(stream, payload_size)
        raise WireError("There is not enough memory for a payload.", request=request) from None
    for part in parts.values():
        _read_exactly(stream, memoryview(part))
    return request, dataclasses.replace(message, **parts) if parts else message  # type: ignore[type-var]


def _check_prefix(prefix: Buffer) -> tuple[int, int]:
    magic, version, _flags, header_size, payload_size = PREFIX.unpack(prefix)
    if magic != MAGIC:
        raise WireError("A frame does not begin with XSHT.", fatal=True)
    if version != VERSION:
        raise WireError(
            f"The other end speaks protocol version {version}, this one {VERSION}.",
            fatal=True,
            version=version,
        )
    if header_size > MAX_HEADER:
        raise WireError(f"A header of {header_size} bytes is past {MAX_HEADER}.", fatal=True)
    if payload_size > MAX_PAYLOAD:
        raise WireError(f"A payload of {payload_size} bytes is past {MAX_PAYLOAD}.", fatal=True)
    return header_size, payload_size


def _read_some(stream: BinaryIO, view: memoryview) -> int:
    """Fill the view as far as the stream goes; how many bytes came."""
    got = 0
    while got < len(view):
        count = stream.readinto(view[got:])  # type: ignore[attr-defined]
        if not count:
            break
        got += count
    return got


def _read_exactly(stream: BinaryIO, view: memoryview) -> None:
    if _read_some(stream, view) < len(view):
        raise WireError("The stream ended inside a frame.", fatal=True)


def _skip(stream: BinaryIO, size: int) -> None:
    scratch = memoryview(bytearray(min(size, 1 << 16)))
    while size:
        chunk = scratch[: min(size, len(scratch))]
        _read_exactly(stream, chunk)
        size -= len(chunk)


# --- Messages -------------------------------------------------------------------------------------


def encode(request: int, message: Message) -> tuple[bytes, list[Buffer]]:
    """The JSON header of a message and the parts of its payload."""
    header: dict[str, Any] = {"type": message.TYPE, "request": request}
    names: list[list[Any]] = []
    parts: list[Buffer] = []
    for field in dataclasses.fields(message):  # type: ignore[arg-type]
        value = getattr(message, field.name)
        if field.type == Buffer:
            part = memoryview(value).cast("B")
            if part.nbytes:
                names.append([field.name, part.nbytes])
                parts.append(part)
        else:
            header[field.name] = _plain(value)
    if parts:
        header["parts"] = names
    return json.dumps(header, separators=(",", ":"), allow_nan=False).encode(), parts


def decode_header(
    header: bytes, payload_size: int, registry: Registry
) -> tuple[int, Message, list[tuple[str, int]]]:
    """Request number, message without its payload, and name and size of each payload part.

    Raises:
        WireError: not fatal; the header is not a message of the registry.
    """
    try:
        fields = json.loads(header, parse_int=_parse_int, parse_constant=_no_constant)
    except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError
        raise WireError("A header is not valid JSON.") from None
    if not isinstance(fields, dict):
        raise WireError("A header is not a JSON object.")
    request = fields.pop("request", 0)
    if type(request) is not int or not 0 <= request <= MAX_INTEGER:
        raise WireError("A request number is not a whole number.")
    name = fields.pop("type", None)
    cls = registry.get(name)
    if cls is None:
        raise WireError(f"There is no message {_short(name)}.", request=request)
    try:
        sizes = _part_table(fields.pop("parts", []), payload_size)
        message = _build(cls, fields, cls.TYPE)
        message.check()
        _check_parts(message, sizes)
    except ValueError as error:
        raise WireError(str(error), request=request) from None
    return request, message, sizes


def _part_table(value: object, payload_size: int) -> list[tuple[str, int]]:
    if not isinstance(value, list):
        raise ValueError("parts is not a list.")
    sizes: list[tuple[str, int]] = []
    for item in value:
        if not (isinstance(item, list) and len(item) == 2 and isinstance(item[0], str)):
            raise ValueError("parts is not a list of [name, size].")
        if type(item[1]) is not int or item[1] <= 0:
            raise ValueError("The size of a part is not a whole number above 0.")
        sizes.append((item[0], item[1]))
    if sum(size for _, size in sizes) != payload_size:
        raise ValueError("The parts do not add up to the payload.")
    return sizes


def _check_parts(message: Message, sizes: list[tuple[str, int]]) -> None:
    """The payload holds what the message's own fields ask for, no more and no less."""
    found = dict(sizes)
    if len(found) != len(sizes):
        raise ValueError("A part comes twice.")
    expected = {name: size for name, size in message.part_sizes().items() if size}
    if found != expected:
        raise ValueError(
            f"The payload of {message.TYPE} is not what its fields ask for: {expected}."
        )


def _plain(value: Any) -> Any:
    """A dataclass, tuple or dict as JSON types."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


def _build(cls: Any, fields: dict[str, Any], where: str) -> Any:
    """A dataclass from a JSON object. Unknown keys are ignored: a later version may add some."""
    values = {}
    for field in dataclasses.fields(cls):
        if field.type == Buffer:
            continue
        if field.name in fields:
            values[field.name] = _convert(field.type, fields[field.name], f"{where}.{field.name}")
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise ValueError(f"{where}.{field.name} is missing.")
    return cls(**values)


def _convert(kind: Any, value: Any, where: str) -> Any:
    """``value`` as the type ``kind``; ValueError where it is not one."""
    if get_origin(kind) is Literal:
        kind = str  # which of the words are known is for the receiver to say, in a sentence
    if kind in (bool, str, int):
        if type(value) is kind:
            return value
    elif kind is float:
        if type(value) in (int, float) and math.isfinite(value):
            return float(value)
    elif dataclasses.is_dataclass(kind):
        if isinstance(value, dict):
            return _build(kind, value, where)
    elif get_origin(kind) is Union:
        inner = next(item for item in get_args(kind) if item is not type(None))
        return None if value is None else _convert(inner, value, where)
    elif get_origin(kind) is tuple:
        if isinstance(value, list):
            item = get_args(kind)[0]
            return tuple(_convert(item, entry, where) for entry in value)
    elif get_origin(kind) is dict and isinstance(value, dict):
        item = get_args(kind)[1]
        return {key: _convert(item, entry, f"{where}.{key}") for key, entry in value.items()}
    raise ValueError(f"{where} is {_short(value)}, which has the wrong type.")


def _parse_int(digits: str) -> int:
    if len(digits) > 17 or abs(int(digits)) > MAX_INTEGER:
        raise ValueError("A number is too large.")
    return int(digits)


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON.")


def _short(value: object) -> str:
    if isinstance(value, (list, dict)):  # the repr of a deep one could exhaust the stack
        return f"a {type(value).__name__} of {len(value)}"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
