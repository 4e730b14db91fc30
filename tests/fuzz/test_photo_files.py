"""A small share of the mutated photo files; ``tests/fuzz/run_photo_files.py`` runs thousands."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("tifffile")
from fuzz.long_lived import LongRun
from fuzz.photo_files import Run
from fuzz.photo_seeds import REFUSED, seeds

from exshot.editor import Editor
from exshot.photo import Photo


def test_every_seed_shows_a_face_that_is_found(tmp_path: Path) -> None:
    editor = Editor()
    for name, data in seeds().items():
        if name in REFUSED:
            continue
        path = tmp_path / "seed"
        path.write_bytes(data)
        assert len(editor.faces(Photo.open(path))) == 1, name


def test_mutated_files_give_a_result_or_a_known_sentence(tmp_path: Path) -> None:
    run = Run(tmp_path, seed=1)
    for number in range(150):
        run.case(number)
    assert sum(run.refusals.values()) > 10


def test_an_engine_and_the_commands_take_mutated_files_one_after_the_other(tmp_path: Path) -> None:
    run = LongRun(tmp_path, seed=2)
    try:
        for number in range(60):
            run.case(number)
    finally:
        run.engine.close()
    assert sum(run.refusals.values()) > 10
    assert run.outcomes["engine: answers"] > 5
