"""Model files are found, checked and loaded once."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from exshot.errors import ErrorCode, ExshotError
from exshot.face.fitter import FaceFitter
from exshot.model_store import MODELS_FOLDER, ModelStore, session_options


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the package's models that a test may damage."""
    return Path(shutil.copytree(MODELS_FOLDER, tmp_path / "models"))


def test_every_listed_model_is_whole_and_says_where_it_comes_from():
    store = ModelStore()
    assert {"face_detector", "face_mesh", "face_blendshapes"} <= {m.name for m in store.models}
    for model in store.models:
        store.verify(model.name)
        assert model.source
        assert model.licence
        assert model.description


def test_every_model_file_of_the_package_is_listed():
    listed = {model.file for model in ModelStore().models}
    there = {path.name for path in MODELS_FOLDER.iterdir() if path.suffix in {".onnx", ".npz"}}
    assert there <= listed


def test_a_session_is_made_once_even_by_several_threads():
    store = ModelStore()
    with ThreadPoolExecutor(8) as pool:
        sessions = set(pool.map(lambda _: id(store.session("face_blendshapes")), range(16)))
    assert len(sessions) == 1


@pytest.mark.parametrize("damage", [b"", b"not a network", None])
def test_a_damaged_file_is_refused(folder: Path, damage: bytes | None):
    path = folder / "face_mesh.onnx"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1  # a single bit
    path.write_bytes(content if damage is None else damage)
    with pytest.raises(ExshotError) as caught:
        FaceFitter(ModelStore(folder))
    assert caught.value.code is ErrorCode.MODEL_DAMAGED
    assert "face_mesh.onnx" in caught.value.sentence
    assert caught.value.hint


def test_a_missing_file_is_named(folder: Path):
    (folder / "face_detector.onnx").unlink()
    store = ModelStore(folder)
    assert not store.has("face_detector")
    with pytest.raises(ExshotError) as caught:
        store.session("face_detector")
    assert caught.value.code is ErrorCode.MODEL_MISSING
    assert "face_detector.onnx" in caught.value.sentence


def test_an_unlisted_model_is_missing():
    store = ModelStore()
    assert not store.has("no_such_model")
    with pytest.raises(ExshotError) as caught:
        store.session("no_such_model")
    assert caught.value.code is ErrorCode.MODEL_MISSING


@pytest.mark.parametrize("text", ["[face_mesh]\n", "not = [toml", 'face_mesh = "text"\n'])
def test_a_damaged_list_is_refused(folder: Path, text: str):
    (folder / "models.toml").write_text(text, "utf-8")
    with pytest.raises(ExshotError) as caught:
        ModelStore(folder)
    assert caught.value.code is ErrorCode.MODEL_DAMAGED


def test_a_missing_list_is_named(tmp_path: Path):
    with pytest.raises(ExshotError) as caught:
        ModelStore(tmp_path)
    assert caught.value.code is ErrorCode.MODEL_MISSING


def test_sessions_do_not_burn_cores_while_they_wait():
    options = session_options()
    assert 1 <= options.intra_op_num_threads <= 4
    assert options.inter_op_num_threads == 1
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"
