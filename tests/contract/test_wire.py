"""Messages arrive as they were sent, and nothing else is accepted."""

from __future__ import annotations

import ast
import dataclasses
import io
import json
import struct
from pathlib import Path
from typing import get_args

import pytest
from contract.messages import REPLIES, REQUESTS

from exshot import errors
from exshot.options import checked
from exshot_contract import limits, messages, options, wire
from exshot_contract.codes import ErrorCode, WarningCode
from exshot_contract.messages import Message
from exshot_contract.options import Options, RegionWeights
from exshot_contract.wire import WireError
from exshot_host.texts import texts


def frame(header: object, payload: bytes = b"", **prefix: int) -> bytes:
    """A frame with any header, and lengths that may be lies."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    sizes = {"version": 1, "header_size": len(text), "payload_size": len(payload), **prefix}
    start = struct.pack(
        "<4sHHIQ", b"XSHT", sizes["version"], 0, sizes["header_size"], sizes["payload_size"]
    )
    return start + text + payload


def read(data: bytes) -> tuple[int, messages.Request] | None:
    return messages.read_request(io.BytesIO(data))  # type: ignore[arg-type]


@pytest.mark.parametrize("message", [*REQUESTS, *REPLIES], ids=lambda m: m.TYPE)
def test_every_message_arrives_as_it_was_sent(message: Message) -> None:
    stream = io.BytesIO()
    wire.write_frame(stream, 42, message)
    stream.seek(0)
    registry = wire.Registry(type(message))
    assert wire.read_frame(stream, registry) == (42, message)
    assert wire.read_frame(stream, registry) is None


def test_the_document_shows_the_bytes_of_a_real_frame() -> None:
    stream = io.BytesIO()
    messages.write(stream, 1, messages.Cancel(7))
    assert stream.getvalue() == frame(b'{"type":"cancel","request":1,"target":7}')


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"GET / HTTP/1.1\r\n\r\n....", "XSHT"),
        (frame({}, version=2), "version 2"),
        (frame({}, header_size=1 << 20), "header"),
        (frame({}, payload_size=1 << 40), "payload"),
        (frame({"type": "shutdown"})[:-3], "ended inside"),
        (b"XSHT", "ended inside"),
    ],
)
def test_a_stream_that_cannot_be_followed_ends(data: bytes, words: str) -> None:
    with pytest.raises(WireError, match=words) as caught:
        read(data)
    assert caught.value.fatal


@pytest.mark.parametrize(
    "header",
    [
        b"\xff\xfe",
        b"[1, 2]",
        b"[" * 100_000,
        b'{"a":' * 40_000,
        b'{"type": "cancel", "request": 1' + b"0" * 5000 + b"}",
        b'{"type": "edit", "pose": "a", "expression": "b", "options": {"strength": NaN}}',
        {"type": "nonsense"},
        {"type": ["cancel"]},
        {"type": "cancel", "request": -1, "target": 1},
        {"type": "cancel", "request": True, "target": 1},
        {"type": "cancel", "request": 1},
        {"type": "cancel", "request": 1, "target": "1"},
        {"type": "cancel", "request": 1, "target": 1.0},
        {"type": "faces", "request": 1, "photo": "../../etc"},
        {"type": "faces", "request": 1, "photo": ""},
        {"type": "faces", "request": 1, "photo": "a" * 65},
        {"type": "faces", "request": 1, "photo": "a", "thumbnail": 100_000},
        {"type": "put_photo", "photo": "a", "width": 0, "height": 1},
        {"type": "put_photo", "photo": "a", "width": 1, "height": 1, "order": "cmyk"},
        {"type": "put_photo", "photo": "a", "width": 1, "height": 1, "depth": 32},
        {"type": "put_photo", "photo": "a", "width": 2, "height": 1},
        {"type": "put_photo", "photo": "a", "width": 1, "height": 1, "parts": [["pixels", -4]]},
        {"type": "edit", "pose": "a", "expression": "b", "preview": 1 << 20},
        {"type": "edit", "pose": "a", "expression": "b", "options": []},
        {"type": "release", "photos": "abc"},
    ],
)
def test_a_wrong_message_is_refused_and_the_next_one_read(header: object) -> None:
    good = frame({"type": "shutdown", "request": 9})
    stream = io.BytesIO(frame(header) + good)
    with pytest.raises(WireError) as caught:
        messages.read_request(stream)  # type: ignore[arg-type]
    assert not caught.value.fatal
    assert messages.read_request(stream) == (9, messages.Shutdown())  # type: ignore[arg-type]


@pytest.mark.parametrize("parts", [[["pixels", 5]], [["pixels", 4], ["more", 1]], [], [["x", 5]]])
def test_a_payload_other_than_the_fields_ask_for_is_skipped(parts: list[object]) -> None:
    header = {"type": "put_photo", "request": 3, "photo": "a", "width": 1, "height": 1}
    stream = io.BytesIO(frame({**header, "parts": parts}, b"12345") + frame({"type": "shutdown"}))
    with pytest.raises(WireError) as caught:
        messages.read_request(stream)  # type: ignore[arg-type]
    assert (caught.value.request, caught.value.fatal) == (3, False)
    assert messages.read_request(stream) == (0, messages.Shutdown())  # type: ignore[arg-type]


def test_keys_of_a_later_version_are_ignored() -> None:
    header = {"type": "cancel", "request": 1, "target": 2, "why": {"deep": [1]}}
    assert read(frame(header)) == (1, messages.Cancel(2))


def test_the_options_arrive_as_the_library_takes_them() -> None:
    sent = options.with_faces(options.with_value(Options(), "regions.mouth", 0.25), 1, 0)
    for entry in options.OPTIONS:
        for value in (entry.low, entry.high) if entry.kind == "number" else ():
            taken = checked(options.with_value(sent, entry.key, value))
            assert options.get_value(taken, entry.key) == value
            beyond = value + (0.001 if value == entry.high else -0.001)
            with pytest.raises(errors.ExshotError, match=f"{entry.key} is .*, outside"):
                checked(_with_anything(entry, beyond))
        for choice in entry.choices:
            checked(options.with_value(sent, entry.key, choice.value))
        if entry.choices:
            with pytest.raises(errors.ExshotError, match=f"{entry.key} is 'x'.* not one of"):
                checked(_with_anything(entry, "x"))
    stream = io.BytesIO()
    messages.write(stream, 1, messages.Edit("a", "b", sent))
    stream.seek(0)
    arrived = messages.read_request(stream)  # type: ignore[arg-type]
    assert arrived is not None
    assert isinstance(arrived[1], messages.Edit)
    assert checked(arrived[1].options) == checked(sent)


def test_the_types_of_choices_are_their_values() -> None:
    kinds = {field.name: field.type for field in dataclasses.fields(Options)}
    for entry in options.OPTIONS:
        if entry.kind == "choice":
            values = tuple(choice.value for choice in entry.choices)
            assert get_args(kinds[entry.key]) == values, entry.key
            assert entry.default in values


def _with_anything(entry: options.OptionSpec, value: object) -> Options:
    """Options with a value that the table does not allow."""
    changed: dict[str, object] = {entry.name: value}
    if entry.group:
        changed = {entry.group: dataclasses.replace(RegionWeights(), **changed)}  # type: ignore[arg-type]
    return dataclasses.replace(Options(), **changed)  # type: ignore[arg-type]


def _codes_given(folder: Path, to: str) -> set[str]:
    """First arguments of the calls of a class, where they are written out."""
    found = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                first = node.args[0] if node.args else None
                if node.func.id == to and isinstance(first, ast.Constant):
                    found.add(str(first.value))
    return found


def test_every_code_of_an_error_is_in_the_contract(checkout: Path) -> None:
    codes = {code.value for code in ErrorCode}
    given = _codes_given(checkout / "core" / "exshot_host", "HostError")
    assert given
    assert given | set(texts.ERRORS) <= codes


def test_every_warning_is_in_the_contract_and_has_a_text_in_other_languages(checkout: Path) -> None:
    codes = {code.value for code in WarningCode}
    given = _codes_given(checkout / "core" / "exshot", "EditWarning")
    assert given == codes
    assert set(texts.NOTICES) == codes


def test_the_page_on_the_protocol_is_up_to_date(checkout: Path) -> None:
    page = (checkout / "docs" / "protocol.md").read_text(encoding="utf-8")
    stream = io.BytesIO()
    messages.write(stream, 1, messages.Cancel(7))
    prefix = " ".join(f"{byte:02x}" for byte in stream.getvalue()[:20])
    assert prefix in page
    assert stream.getvalue()[20:].decode() in page
    for message in (*REQUESTS, *REPLIES):
        assert f"| `{message.TYPE}` |" in page, message.TYPE
        for field in dataclasses.fields(message):  # type: ignore[arg-type]
            assert field.name in page.split(f"\n| `{message.TYPE}` |")[1], field.name
    for field in dataclasses.fields(Options):
        assert f"`{field.name}`" in page, field.name
    for limit in (limits.MAX_HEADER, limits.MAX_PAYLOAD):
        assert f"{limit:,}" in page
