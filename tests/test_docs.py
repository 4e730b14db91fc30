"""What the manuals promise."""

from __future__ import annotations

import re
from pathlib import Path

import pytest


def test_links_in_the_manuals_lead_somewhere(checkout: Path) -> None:
    pages = [*checkout.glob("*.md"), *checkout.glob("docs/**/*.md")]
    for page in pages:
        for link in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


@pytest.mark.parametrize("page", ["README.md", "docs/library.md"])
def test_the_librarys_example_runs(
    checkout: Path,
    page: str,
    photo_pair: tuple[Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = (checkout / page).read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    for name, photo in zip(("pose.jpg", "expression.jpg"), photo_pair, strict=True):
        (tmp_path / name).write_bytes(photo.read_bytes())
    monkeypatch.chdir(tmp_path)
    exec(compile(example, page, "exec"), {})
    assert (tmp_path / "out.jpg").stat().st_size > 0
