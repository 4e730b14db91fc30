"""The real Krita keeps the contract of every editor's adapter."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from editors.folder import EditorFolder
from krita.remote_krita import RemoteKrita


@pytest.fixture(scope="module")
def krita(editor_folder: EditorFolder, share: Path) -> Iterator[RemoteKrita]:
    """One Krita for all tests here; the docker is closed."""
    with RemoteKrita(editor_folder, share) as running:
        running("docker().hide()")
        running("import contract_scene")
        yield running


@pytest.mark.newer_editors
@pytest.mark.parametrize("space", ["rgb8", "rgb16"])
def test_krita_keeps_the_contract(krita: RemoteKrita, space: str) -> None:
    krita(f"run = contract_scene.ContractRun({space!r}, docker()._replaced)")
    results = krita.wait("run.results", 300)
    assert len(results) >= 18
    problems = [f"{name}\n{problem}" for name, problem in results if problem]
    assert not problems, "\n\n".join(problems)
