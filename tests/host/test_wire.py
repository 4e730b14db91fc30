"""Messages arrive as they were sent, and nothing else is accepted."""

from __future__ import annotations

import ast
import dataclasses
import io
import json
import struct
import sys
from pathlib import Path

import pytest
from host.messages import REPLIES, REQUESTS

from exshot import errors
from exshot.options import EditOptions
from exshot_host import options, protocol, wire
from exshot_host.protocol import Message
from exshot_host.wire import WireError

HOST = Path(wire.__file__).parent


def frame(header: object, payload: bytes = b"", **prefix: int) -> bytes:
    """A frame with any header, and lengths that may be lies."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    sizes = {"version": 1, "header_size": len(text), "payload_size": len(payload), **prefix}
    start = struct.pack(
        "<4sHHIQ", b"XSHT", sizes["version"], 0, sizes["header_size"], sizes["payload_size"]
    )
    return start + text + payload


def read(data: bytes) -> tuple[int, protocol.Request] | None:
    return protocol.read_request(io.BytesIO(data))  # type: ignore[arg-type]


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
    protocol.write(stream, 1, protocol.Cancel(7))
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
        protocol.read_request(stream)  # type: ignore[arg-type]
    assert not caught.value.fatal
    assert protocol.read_request(stream) == (9, protocol.Shutdown())  # type: ignore[arg-type]


@pytest.mark.parametrize("parts", [[["pixels", 5]], [["pixels", 4], ["more", 1]], [], [["x", 5]]])
def test_a_payload_other_than_the_fields_ask_for_is_skipped(parts: list[object]) -> None:
    header = {"type": "put_photo", "request": 3, "photo": "a", "width": 1, "height": 1}
    stream = io.BytesIO(frame({**header, "parts": parts}, b"12345") + frame({"type": "shutdown"}))
    with pytest.raises(WireError) as caught:
        protocol.read_request(stream)  # type: ignore[arg-type]
    assert (caught.value.request, caught.value.fatal) == (3, False)
    assert protocol.read_request(stream) == (0, protocol.Shutdown())  # type: ignore[arg-type]


def test_keys_of_a_later_version_are_ignored() -> None:
    header = {"type": "cancel", "request": 1, "target": 2, "why": {"deep": [1]}}
    assert read(frame(header)) == (1, protocol.Cancel(2))


def test_the_option_table_agrees_with_the_library() -> None:
    for entry in options.OPTIONS:
        group, _, name = entry.key.rpartition(".")
        holder = EditOptions().regions if group else EditOptions()
        assert getattr(holder, name) == entry.default, entry.key
        for value in (entry.low, entry.high) if entry.kind == "number" else ():
            _library_options(entry.key, value)
            beyond = value + (0.001 if value == entry.high else -0.001)
            with pytest.raises(errors.ExshotError):
                _library_options(entry.key, beyond)
        for choice in entry.choices:
            _library_options(entry.key, choice.value)
    assert protocol.Options() == options.from_record({})


def _library_options(key: str, value: object) -> EditOptions:
    from exshot.engine.answers import edit_options

    group, _, name = key.rpartition(".")
    if group:
        return edit_options(protocol.Options(regions=protocol.Regions(**{name: value})))  # type: ignore[arg-type]
    return edit_options(protocol.Options(**{name: value}))  # type: ignore[arg-type]


def test_every_code_of_the_host_is_one_of_the_library() -> None:
    codes = {code.value for code in errors.ErrorCode}
    for path in HOST.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            if node.func.id == "HostError" and isinstance(node.args[0], ast.Constant):
                assert node.args[0].value in codes, (path.name, node.args[0].value)


def test_the_host_library_needs_nothing_but_an_old_python() -> None:
    for path in HOST.glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 9))
        for node in ast.walk(tree):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                top = name.partition(".")[0]
                assert top == "exshot_host" or top in sys.stdlib_module_names, (path.name, name)
                assert top not in ("socket", "pickle", "urllib", "http", "ssl"), path.name


def test_the_page_on_the_protocol_is_up_to_date(checkout: Path) -> None:
    page = (checkout / "docs" / "protocol.md").read_text(encoding="utf-8")
    stream = io.BytesIO()
    protocol.write(stream, 1, protocol.Cancel(7))
    prefix = " ".join(f"{byte:02x}" for byte in stream.getvalue()[:20])
    assert prefix in page
    assert stream.getvalue()[20:].decode() in page
    for message in (*REQUESTS, *REPLIES):
        assert f"| `{message.TYPE}` |" in page, message.TYPE
        for field in dataclasses.fields(message):  # type: ignore[arg-type]
            assert field.name in page.split(f"\n| `{message.TYPE}` |")[1], field.name
    for limit in (wire.MAX_HEADER, wire.MAX_PAYLOAD):
        assert f"{limit:,}" in page
