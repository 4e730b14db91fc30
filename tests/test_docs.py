"""What the manuals promise."""

from __future__ import annotations

import ast
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


def _names_of(module: Path) -> set[str]:
    """Names that a module defines or imports at its top."""
    found = set()
    for node in ast.parse(module.read_text(encoding="utf-8")).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return found


def _exists(core: Path, dotted: str) -> bool:
    """Whether a package, a module, or a name at the top of one is called so."""
    place, parts = core, dotted.split(".")
    for number, part in enumerate(parts):
        if (place / part).is_dir():
            place = place / part
            continue
        module = place / f"{part}.py"
        if module.is_file():
            rest = parts[number + 1 :]
            return not rest or rest[0] in _names_of(module)
        return part in _names_of(place / "__init__.py") or part == "__all__"
    return True


def test_what_manuals_and_docstrings_name_is_there(checkout: Path) -> None:
    core = checkout / "core"
    packages = "|".join(
        folder.name for folder in core.iterdir() if (folder / "__init__.py").exists()
    )
    named = re.compile(rf"`((?:{packages})(?:\.\w+)+)`")
    pages = [*checkout.glob("*.md"), *checkout.glob("docs/**/*.md"), *checkout.glob("**/*.py")]
    dangling = [
        f"{page.relative_to(checkout)}: {name}"
        for page in pages
        if not {".venv", "build"} & set(page.parts)
        for name in named.findall(page.read_text(encoding="utf-8"))
        if not name.endswith((".py", ".action", ".desktop")) and not _exists(core, name)
    ]
    assert dangling == []


def test_the_architecture_names_files_that_are_there(checkout: Path) -> None:
    page = (checkout / "docs/architecture.md").read_text(encoding="utf-8")
    places = (checkout, checkout / "core/exshot_host", checkout / "gimp_plugin/exshot")
    for name in re.findall(r"`([\w/]+\.py)`", page):
        assert any((place / name).is_file() for place in places), name
