"""Mutated photo files through the commands of one process and through one engine.

An engine takes pixels, never files: the editor reads those. So every file goes two ways. The
commands `faces`, `edit` and `suggest` read it as a user has them read it, one after the other in
this process. And where the file can be read at all, its pixels go over the pipe to an engine, which
is asked for faces, patches, previews and suggestions as a plug-in asks; between these it gets
messages whose header is damaged.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import struct
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
from engine.engines import REAL_ENGINE
from fuzz.damage import mutated
from fuzz.photo_files import KNOWN
from fuzz.photo_seeds import seeds
from typer.testing import CliRunner

import exshot.editor
from exshot.cli.app import app
from exshot.cli.failure import EXIT_CODES
from exshot.errors import ErrorCode, ExshotError
from exshot.photo import Photo
from exshot_contract import messages, wire
from exshot_contract.messages import Reply, Request
from exshot_contract.options import Options

_SUFFIXES = (".jpg", ".png", ".tif", ".webp", ".heic")
_REFUSALS = {
    code: exit_code
    for code, exit_code in EXIT_CODES.items()
    if code not in (ErrorCode.INTERNAL, ErrorCode.BAD_OPTION)
}
_OF_MESSAGES = ("protocol", "photo_unknown", "bad_option", "cancelled", "face_index")


class LongRun:
    """One process of commands, one engine, and what became of the cases so far."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.seed = seed
        self.outcomes: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()
        self.slowest = (0.0, -1)
        self.engine = Engine()
        self._seeds = seeds()
        self._folder = folder
        self._path = folder / "mutated.bin"
        self._sound = folder / "sound.jpg"
        self._sound.write_bytes(self._seeds["jpeg"])
        self._third = folder / "third.jpg"
        self._third.write_bytes(self._seeds["jpeg grey"])
        self._sound_name = self.engine.put(Photo.open(self._sound))
        self._shared_editor = exshot.editor.Editor()
        self._runner = CliRunner()

    def case(self, number: int) -> None:
        """One mutated file through everything; raises where that ends in no known way."""
        dice = random.Random(f"{self.seed} {number}")
        name = dice.choice(sorted(self._seeds))
        content = mutated(self._seeds[name], dice)
        self._path.write_bytes(content)
        start = time.monotonic()
        command = dice.choice(("faces", "faces", "edit", "suggest"))
        used = self._command(command, dice)
        self.outcomes[f"{command}: {'used' if used else 'refused'}"] += 1
        self.outcomes[f"{name}: {'used' if used else 'refused'}"] += 1
        self._in_engine(command, dice)
        if self._path.read_bytes() != content:
            raise AssertionError("the photo was written to")
        if self._sound.read_bytes() != self._seeds["jpeg"]:
            raise AssertionError("the other photo was written to")
        self.slowest = max(self.slowest, (time.monotonic() - start, number))

    # --- The commands -----------------------------------------------------------------------------

    def _command(self, command: str, dice: random.Random) -> bool:
        """Run one; whether it gave a result."""
        outputs = [self._folder / f"out{dice.choice(_SUFFIXES)}"]
        if command == "faces":
            arguments = ["faces", str(self._path), "--json"]
        elif command == "edit":
            photos = [str(self._path), str(self._sound)]
            if dice.random() < 0.3:
                photos.reverse()
            method = dice.choice(("warp", "auto"))
            arguments = ["edit", *photos, "-o", str(outputs[0]), "--method", method, "--json"]
            if dice.random() < 0.3:
                outputs.append(self._folder / "layer.png")
                arguments += ["--layer", str(outputs[1])]
        else:
            photos = [self._path, self._sound, self._third]
            arguments = ["suggest", *map(str, photos), "--json"]
        for path in outputs:
            path.unlink(missing_ok=True)
        # Loading the networks anew for each command would take longer than all the rest.
        exshot.editor.Editor, kept = self._the_editor, exshot.editor.Editor  # type: ignore[misc,assignment]
        try:
            result = self._runner.invoke(app, arguments)
        finally:
            exshot.editor.Editor = kept  # type: ignore[misc]
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise AssertionError(f"{arguments}: a traceback") from result.exception
        record = json.loads(result.stdout)
        if result.exit_code == 0:
            self._check_left_out(record.get("left_out", ()))
            if command == "edit":
                Photo.open(outputs[0])
            return True
        self._check_refusal(record["error"]["code"], record["error"]["sentence"])
        if _REFUSALS[ErrorCode(record["error"]["code"])] != result.exit_code:
            raise AssertionError(f"{arguments}: exit code {result.exit_code}")
        if any(path.exists() for path in outputs):
            raise AssertionError(f"{arguments}: something was written though it failed")
        return False

    def _the_editor(self) -> exshot.editor.Editor:
        return self._shared_editor

    def _check_left_out(self, left_out: list[dict[str, str]]) -> None:
        for one in left_out:
            sentence = re.split(r"(?<=\w\.) (?=[A-Z])", one["sentence"])[0]  # the hint follows
            self._check_refusal("left out", sentence)

    def _check_refusal(self, code: str, sentence: str) -> None:
        known = code == "left out" or ErrorCode(code) in _REFUSALS
        if not known or not KNOWN.fullmatch(sentence):
            raise AssertionError(f"unknown sentence: {code}: {sentence}")
        self.refusals[code] += 1

    # --- The engine -------------------------------------------------------------------------------

    def _in_engine(self, command: str, dice: random.Random) -> None:
        try:
            photo = Photo.open(self._path)
        except ExshotError:
            self._damaged_message(self._sound_name, dice)
            return
        if photo.width * photo.height > 4_000_000:  # a header's lie; the command has had it
            return
        name = self.engine.put(photo)
        other = self._sound_name
        request: Request
        if command == "faces":
            request = messages.Faces(name, thumbnail=dice.choice((0, 64)))
        elif command == "edit":
            preview = dice.choice((0, 64, 200))
            options = Options(method="warp") if dice.random() < 0.5 else Options()
            request = messages.Edit(name, other, options, preview=preview)
        else:
            request = messages.Suggest((name, other))
        reply = self.engine.ask(request)
        if isinstance(reply, messages.Error):
            self._check_refusal(reply.code, reply.sentence)
        self.outcomes["engine: answers"] += 1
        if dice.random() < 0.3:
            self._damaged_message(name, dice)
        if name != other:  # damage to metadata alone leaves the same pixels
            self.engine.ask(messages.Release((name,)))

    def _damaged_message(self, name: str, dice: random.Random) -> None:
        pixels = bytes(dice.randrange(256) for _ in range(6 * 4 * 3))
        request = dice.choice(
            (
                messages.Faces(name, thumbnail=64),
                messages.Edit(name, self._sound_name, Options(), preview=64, dialog="d"),
                messages.Suggest((name, self._sound_name)),
                messages.PutPhoto("n1", 6, 4, "rgb", 8, pixels),
                messages.Cancel(3),
                messages.Hello("fuzz", "1"),
            )
        )
        self.engine.send_damaged(request, dice)
        self.outcomes["engine: damaged messages"] += 1


class Engine:
    """A real engine and the pipe to it; one question at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            list(REAL_ENGINE.argv),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._questions = cast(BinaryIO, self._process.stdin)
        self._answers = cast(BinaryIO, self._process.stdout)
        self._number = 0

    @property
    def pid(self) -> int:
        return self._process.pid

    def put(self, photo: Photo) -> str:
        """Hand over a photo as an editor does; its name."""
        samples = photo.pixels
        if photo.alpha is not None:
            samples = np.dstack((samples, photo.alpha))
        depth = samples.dtype.itemsize * 8
        data = np.ascontiguousarray(samples.astype(samples.dtype.newbyteorder("<"))).tobytes()
        name = hashlib.blake2b(data, digest_size=16).hexdigest()
        order = "rgb" if photo.alpha is None else "rgba"
        put = messages.PutPhoto(name, photo.width, photo.height, order, depth, data)
        if not isinstance(self.ask(put), messages.Done):
            raise AssertionError("a photo was not taken")
        return name

    def ask(self, request: Request) -> Reply:
        """The answer; raises where the engine has ended."""
        self._number += 1
        messages.write(self._questions, self._number, request)
        while True:
            frame = messages.read_reply(self._answers)
            if frame is None:
                raise AssertionError(f"the engine ended with {self._process.wait()}")
            number, reply = frame
            if number != self._number:  # the answer to a damaged message
                told = reply if isinstance(reply, messages.Error) else None
                if told and told.code not in _OF_MESSAGES and not KNOWN.fullmatch(told.sentence):
                    raise AssertionError(f"unknown sentence: {told.code}: {told.sentence}")
            elif not isinstance(reply, messages.Progress):
                return reply

    def send_damaged(self, request: Request, dice: random.Random) -> None:
        """Send a frame of right lengths with a damaged header; then see that it still answers."""
        self._number += 1
        header, parts = wire.encode(self._number, request)
        damaged = bytearray(header)
        for _ in range(dice.choice((1, 1, 2, 5))):
            at = dice.randrange(len(damaged))
            if dice.random() < 0.5:
                damaged[at] = dice.choice((*b'0189-,.:"[]{}etn\\', dice.randrange(256)))
            else:
                damaged[at : at + 1] = dice.choice((b"", b"1e309", b"99999999", b"null", b"\xff"))
        payload = b"".join(bytes(part) for part in parts)
        prefix = struct.pack("<4sHHIQ", wire.MAGIC, wire.VERSION, 0, len(damaged), len(payload))
        if b"shutdown" in damaged:
            return
        self._questions.write(prefix + bytes(damaged) + payload)
        self._questions.flush()
        self.ask(messages.Hello("fuzz", "1"))

    def close(self) -> None:
        self._questions.close()
        self._process.wait(timeout=60)
