"""A small share of the mutated photo files; ``tests/fuzz/run_photo_files.py`` runs thousands."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("tifffile")
from fuzz.photo_files import Run, seeds

from exshot.editor import Editor
from exshot.photo import Photo


def test_every_seed_shows_a_face_that_is_found(tmp_path: Path) -> None:
    editor = Editor()
    for name, data in seeds().items():
        path = tmp_path / "seed"
        path.write_bytes(data)
        assert len(editor.faces(Photo.open(path))) == 1, name


def test_mutated_files_give_a_result_or_a_known_sentence(tmp_path: Path) -> None:
    run = Run(tmp_path, seed=1)
    for number in range(150):
        run.case(number)
    assert sum(run.refusals.values()) > 10
