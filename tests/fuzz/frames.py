"""What fuzzing checks of a stream of bytes, for the property tests and the nightly target."""

from __future__ import annotations

import io

from engine.fake_engine import FakeLoader

from exshot.engine.server import Server
from exshot.engine.shelf import PhotoShelf
from exshot_contract import messages
from exshot_contract.wire import WireError


def read_both_ways(data: bytes) -> None:
    """Both ends read the bytes to their end: messages and `WireError`, nothing else."""
    for read in (messages.read_request, messages.read_reply):
        stream = io.BytesIO(data)
        while True:
            try:
                if read(stream) is None:  # type: ignore[arg-type]
                    break
            except WireError as error:
                if error.fatal:
                    break


def serve(data: bytes) -> list[tuple[int, messages.Reply]]:
    """An engine gets the bytes as its stdin; what it answered, read back as frames."""
    answers = io.BytesIO()
    server = Server(io.BytesIO(data), answers, FakeLoader(), PhotoShelf(1 << 20))  # type: ignore[arg-type]
    server.serve()
    written = io.BytesIO(answers.getvalue())
    replies = []
    while True:
        frame = messages.read_reply(written)  # type: ignore[arg-type]
        if frame is None:
            return replies
        replies.append(frame)
