"""The engine around the real Editor: same pixels, no network, no growth, damaged models."""

from __future__ import annotations

import io
import os
import shutil
import socket
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from engine.engines import REAL_ENGINE, fake_client, put_picture
from numpy.typing import NDArray

from exshot.engine.editor_loader import EditorLoader
from exshot.engine.server import Server
from exshot.engine.shelf import PhotoShelf
from exshot_contract import messages
from exshot_contract.engine_command import EngineCommand
from exshot_contract.messages import Edit, EditResult, Faces, FacesResult, PreviewResult
from exshot_contract.options import Options
from exshot_host.engine.client import EngineClient, Timeouts
from exshot_host.errors import HostError

CORE = Path(__file__).resolve().parents[2] / "core"
Pair = tuple[NDArray[np.uint8], NDArray[np.uint8]]


@pytest.fixture(scope="module")
def pair(shared_data: Path) -> Pair:
    """Neutral and smiling photo of one person, RGB."""
    from PIL import Image

    folder = shared_data / "london" / "val"
    neutral = min(folder.glob("*_neutral.jpg"))
    smiling = folder / neutral.name.replace("neutral", "smiling")
    first, second = (np.asarray(Image.open(path).convert("RGB")) for path in (neutral, smiling))
    return first, second


@pytest.fixture(scope="module")
def client() -> Iterator[EngineClient]:
    with EngineClient(command=REAL_ENGINE, timeouts=Timeouts(silence=300, start=60)) as made:
        yield made


def send(client: EngineClient, pixels: NDArray[np.generic], order: str, depth: int = 8) -> str:
    height, width = pixels.shape[:2]
    pending = client.submit_photo(width, height, order, depth, [pixels.tobytes()])
    client.wait(pending, timeout=120)
    return pending.photo_name


def library_edit(pair: Pair):  # type: ignore[no-untyped-def]
    from exshot import EditOptions, Editor, Photo

    pose, expression = (Photo.from_array(item) for item in pair)
    return Editor().edit(pose, expression, EditOptions(strength=0.9))


def rgba(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)])


def test_the_patch_is_the_librarys_own(client: EngineClient, pair: Pair) -> None:
    pose = send(client, rgba(pair[0]), "rgba")
    expression = send(client, rgba(pair[1])[..., [2, 1, 0, 3]], "bgra")
    result = client.call(Edit(pose, expression, Options(strength=0.9), order="bgra"))
    wanted = library_edit(pair)
    assert isinstance(result, EditResult)
    shape = (result.height, result.width)
    whole = np.zeros(pair[0].shape[:2], np.uint8)
    whole[result.y : result.y + shape[0], result.x : result.x + shape[1]] = np.frombuffer(
        result.mask, np.uint8
    ).reshape(shape)
    expected = np.zeros_like(whole)
    expected[wanted.box.slices] = wanted.mask
    np.testing.assert_array_equal(whole, expected)
    layer = np.frombuffer(result.pixels, np.uint8).reshape(*shape, 4)
    left, top = result.x - wanted.box.x0, result.y - wanted.box.y0
    np.testing.assert_array_equal(
        layer[..., 2::-1], wanted.layer[top : top + shape[0], left : left + shape[1]]
    )
    assert layer[..., 3].min() == 255


def test_sixteen_bit_photos_give_sixteen_bit_patches(client: EngineClient, pair: Pair) -> None:
    deep = [(item.astype("<u2") * 257) for item in pair]
    pose, expression = (send(client, item, "rgb", 16) for item in deep)
    result = client.call(Edit(pose, expression, order="rgba"))
    assert isinstance(result, EditResult)
    assert result.depth == 16
    layer = np.frombuffer(result.pixels, "<u2").reshape(result.height, result.width, 4)
    assert layer[..., 3].min() == 65535
    assert len(np.unique(layer[..., 0])) > 256


def test_faces_come_with_ovals_and_pictures(client: EngineClient, pair: Pair) -> None:
    found = client.call(Faces(send(client, pair[0], "rgb"), 64))
    assert isinstance(found, FacesResult)
    assert 32 < found.left_out_below < found.faces[0].x1 - found.faces[0].x0
    face = found.faces[0]
    xs, ys = face.outline[0::2], face.outline[1::2]
    assert len(xs) == len(ys) == 36
    assert face.x0 - 1 <= min(xs) < max(xs) <= face.x1 + 1
    assert face.y0 - 1 <= min(ys) < max(ys) <= face.y1 + 1
    picture = np.frombuffer(found.thumbnail_of(0), np.uint8).reshape(64, 64, 3)
    assert picture.std() > 10


def test_a_selection_limits_preview_and_patch_alike(client: EngineClient, pair: Pair) -> None:
    height, width = pair[0].shape[:2]
    left_half = np.zeros((height, width // 2), np.uint8) + 255
    pose, expression = (send(client, item, "rgb") for item in pair)
    limit = send(client, left_half, "mask")
    patch = client.call(Edit(pose, expression, limit=limit))
    assert isinstance(patch, EditResult)
    assert patch.x + patch.width == width // 2
    preview = client.call(Edit(pose, expression, limit=limit, preview=256))
    assert isinstance(preview, PreviewResult)
    before, after = (
        np.frombuffer(item, np.uint8).reshape(256, 256, 3).astype(int)
        for item in (preview.before, preview.after)
    )
    edge = round((width / 2 - preview.x0) / (preview.x1 - preview.x0) * 256)
    assert np.abs(after - before)[:, edge + 2 :].max() == 0
    assert np.abs(after - before)[:, : edge - 2].max() > 20


def test_transparent_parts_of_the_pose_layer_stay_empty(client: EngineClient, pair: Pair) -> None:
    pixels = rgba(pair[0])
    pixels[:, pixels.shape[1] // 2 :, 3] = 0
    pose, expression = send(client, pixels, "rgba"), send(client, pair[1], "rgb")
    patch = client.call(Edit(pose, expression))
    assert isinstance(patch, EditResult)
    assert patch.x + patch.width <= pixels.shape[1] // 2


@pytest.mark.skipif(sys.platform != "linux", reason="network namespaces are Linux's")
def test_an_edit_needs_no_network_and_opens_no_socket(pair: Pair, tmp_path: Path) -> None:
    """No interface at all where the system allows a namespace; an audit hook everywhere."""
    noted = tmp_path / "noted"
    code = f"""
        import os, sys
        sys.path.insert(0, {str(CORE)!r})
        def watch(event, arguments):
            if event.startswith(("socket.", "urllib.", "http.", "ftplib.", "smtplib.")):
                os.write(noted, (event + "\\n").encode())
        noted = os.open({str(noted)!r}, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        sys.addaudithook(watch)
        from exshot.engine import main
        main()
    """
    argv = (sys.executable, "-c", textwrap.dedent(code))
    if shutil.which("unshare") and not subprocess.call(["unshare", "-rn", "true"]):
        argv = ("unshare", "-rn", *argv)
    timeouts = Timeouts(silence=300, start=60)
    with EngineClient(command=EngineCommand(argv, "test"), timeouts=timeouts) as client:
        pose, expression = (send(client, item, "rgb") for item in pair)
        assert isinstance(client.call(Edit(pose, expression)), EditResult)
    assert noted.read_text(encoding="ascii") == ""


def test_a_damaged_model_file_is_told(tmp_path: Path, pair: Pair) -> None:
    core = tmp_path / "core"
    shutil.copytree(CORE, core, ignore=shutil.ignore_patterns("__pycache__", "exshot_train"))
    model = core / "exshot" / "models" / "face_mesh.onnx"
    whole = model.read_bytes()
    model.write_bytes(whole[:5000] + b"?" + whole[5001:])
    code = f"import sys; sys.path.insert(0, {str(core)!r}); from exshot.engine import main; main()"
    command = EngineCommand((sys.executable, "-c", code), "test")
    with EngineClient(command=command, timeouts=Timeouts(silence=300, start=60)) as client:
        photo = send(client, pair[0], "rgb")
        with pytest.raises(HostError) as caught:
            client.call(Faces(photo))
        assert caught.value.code == "model_damaged"
        model.write_bytes(whole)
        assert isinstance(client.call(Faces(photo)), FacesResult)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_many_edits_leave_the_engines_memory_as_it_was() -> None:
    """With the fake editor, so that it is the engine's own keeping that is measured; the real one
    over 1,000 edits is in ``python -m benchmarks.engine --edits 1000``."""
    with fake_client() as client:
        after_50 = 0.0
        for number in range(300):
            pose, expression = put_picture(client, 200 + number, 150), put_picture(client, 150, 150)
            client.call(Edit(pose, expression))
            client.call(Edit(pose, expression, preview=64, dialog="one"))
            client.forget(pose, engine=True)
            if number == 50:
                after_50 = resident(client)
        assert resident(client) < 1.1 * after_50


def resident(client: EngineClient) -> float:
    statm = Path(f"/proc/{client.engine_pid}/statm").read_text(encoding="ascii")
    return float(statm.split()[1])


def test_hello_does_not_wait_for_the_libraries() -> None:
    """What makes a cold start quick, without a clock: nothing heavy is loaded before the answer."""
    code = """
        import io, sys
        from exshot.engine import editor_loader, server, shelf, run
        from exshot_contract import messages
        class Idle:
            def begin(self): pass
        request, answer = io.BytesIO(), io.BytesIO()
        messages.write(request, 1, messages.Hello())
        request.seek(0)
        server.Server(request, answer, Idle(), shelf.PhotoShelf(1)).serve()
        heavy = {"numpy", "cv2", "onnxruntime", "PIL", "typer", "rich"} & set(sys.modules)
        assert not heavy, heavy
        sys.stdout.buffer.write(answer.getvalue())
    """
    env = {**os.environ, "PYTHONPATH": str(CORE)}
    output = subprocess.check_output([sys.executable, "-c", textwrap.dedent(code)], env=env)
    reply = messages.read_reply(io.BytesIO(output))  # type: ignore[arg-type]
    assert reply is not None
    assert isinstance(reply[1], messages.HelloResult)


class _Idle:
    """A loader of an editor that nobody asks for."""

    def begin(self) -> None:
        pass


def test_an_answer_that_is_too_large_for_a_frame_is_an_error_and_the_next_is_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    large = messages.Error("internal", "x" * 300_000, "")
    given = iter([large, messages.Done()])
    there, ours = socket.socketpair()
    with there, ours, there.makefile("rb") as requests, there.makefile("wb") as answers:
        serving = Server(requests, answers, cast("EditorLoader", _Idle()), PhotoShelf(1))
        monkeypatch.setattr(serving, "_result_of", lambda _job: next(given))
        thread = threading.Thread(target=serving.serve)
        thread.start()
        with ours.makefile("wb") as asked, ours.makefile("rb") as told:
            replies = []
            for number in (1, 2):
                messages.write(asked, number, Faces("photo"))
                asked.flush()
                replies.append(messages.read_reply(told))
            ours.shutdown(socket.SHUT_RDWR)
        thread.join()
    codes = [reply[1] for reply in replies if reply is not None]
    assert isinstance(codes[0], messages.Error)
    assert "ValueError" in codes[0].sentence
    assert isinstance(codes[1], messages.Done)
