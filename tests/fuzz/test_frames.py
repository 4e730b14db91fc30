"""Garbage, mutated and lying frames end in an error or a clean close, on both ends."""

from __future__ import annotations

import io
import random
import struct

from contract.messages import REPLIES, REQUESTS
from fuzz.frames import read_both_ways, serve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exshot_contract import messages, wire
from exshot_contract.limits import MAX_PAYLOAD


def frame_of(number: int, message: messages.Message) -> bytes:
    stream = io.BytesIO()
    messages.write(stream, number, message)
    return stream.getvalue()


FRAMES = [frame_of(number, message) for number, message in enumerate((*REQUESTS, *REPLIES), 1)]
_INTERESTING = [0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 1 << 40]


def mutate(seed: int) -> bytes:
    """One to three real frames with a few of their bytes changed, cut, doubled or overwritten.

    Made from a seed: hypothesis drawing every byte would be twenty times slower, and a short seed
    is as easy to repeat.
    """
    chance = random.Random(seed)
    data = bytearray(b"".join(chance.choices(FRAMES, k=chance.randint(1, 3))))
    for _ in range(chance.randint(1, 4)):
        kind = chance.randrange(6)
        at = chance.randrange(max(len(data), 1))
        length = chance.randint(1, 40)
        if kind == 0:
            data[at : at + 1] = chance.randbytes(1)
        elif kind == 1:
            del data[at : at + length]
        elif kind == 2:
            data[at:at] = chance.randbytes(length)
        elif kind == 3:
            data[at:at] = data[at : at + length]
        elif kind == 4:  # a lie about the lengths
            data[8:20] = struct.pack("<IQ", len(data) % 300, chance.choice(_INTERESTING))
        else:
            del data[at + 1 :]
    return bytes(data)


seeds = st.lists(st.integers(0, 1 << 40), min_size=10, max_size=10)
_SETTINGS = settings(
    max_examples=1_000,  # of ten frames each
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def test_mutated_frames_are_messages_or_errors(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    largest = 0

    def watched(size):  # type: ignore[no-untyped-def]
        nonlocal largest
        largest = max(largest, size if isinstance(size, int) else 0)
        return bytearray(size)

    monkeypatch.setattr(wire, "bytearray", watched, raising=False)

    @_SETTINGS
    @given(seeds)
    def check(chosen: list[int]) -> None:
        for seed in chosen:
            read_both_ways(mutate(seed))

    check()
    assert largest <= MAX_PAYLOAD


@settings(_SETTINGS, max_examples=100)
@given(seeds)
def test_an_engine_answers_mutated_frames_or_closes(chosen: list[int]) -> None:
    for seed in chosen:
        serve(mutate(seed))


@settings(_SETTINGS, max_examples=300)
@given(st.binary(max_size=200))
def test_noise_is_refused(data: bytes) -> None:
    read_both_ways(data)
    replies = serve(data)
    if data:
        assert [type(reply) for _, reply in replies] == [messages.Error]
