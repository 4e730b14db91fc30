"""Which package may know which: editors and engine share the contract and nothing else."""

from __future__ import annotations

import ast
import importlib
import sys
from pathlib import Path

import pytest

# What an editor's own Python runs, and what each may import besides the standard library.
IN_EDITORS = {
    "exshot_contract": (),
    "exshot_host": ("exshot_contract",),
    "exshot_gtk": ("exshot_contract", "exshot_host", "gi"),
    "exshot_qt": ("exshot_contract", "exshot_host"),
}
HOST_ROOMS = ("errors", "adapter", "widgets", "sequence", "texts", "engine", "session")
"""Each may import those before it."""
CONNECTED = ("socket", "pickle", "urllib", "http", "ssl")


def imports(path: Path) -> set[str]:
    """Full names of the modules that a file imports, also inside functions."""
    tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 9))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, path
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _files(checkout: Path, package: str) -> list[Path]:
    found = sorted((checkout / "core" / package).rglob("*.py"))
    assert found, package
    return found


@pytest.mark.parametrize("package", IN_EDITORS)
def test_what_editors_import_needs_nothing_but_an_old_python(checkout: Path, package: str) -> None:
    for path in _files(checkout, package):
        for name in imports(path):
            top = name.partition(".")[0]
            allowed = top in (package, *IN_EDITORS[package]) or top in sys.stdlib_module_names
            assert allowed, (path, name)
            assert top not in CONNECTED, (path, name)


def test_what_plugins_import_from_us_is_there(checkout: Path) -> None:
    """Their own toolkits are missing here, so nothing else loads these files outside an editor."""
    folders = ("gimp_plugin", "krita_plugin", "core/exshot_gtk", "core/exshot_qt", "tests")
    for path in (path for folder in folders for path in (checkout / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            if module.partition(".")[0] not in ("exshot_contract", "exshot_host"):
                continue
            for alias in node.names if isinstance(node, ast.ImportFrom) else ():
                found = importlib.import_module(module)
                if not hasattr(found, alias.name):
                    importlib.import_module(f"{module}.{alias.name}")


@pytest.mark.parametrize("package", ["exshot", "exshot_train"])
def test_the_core_knows_no_editor(checkout: Path, package: str) -> None:
    for path in _files(checkout, package):
        for name in imports(path):
            assert name.partition(".")[0] not in ("exshot_host", "exshot_gtk", "exshot_qt"), path


def test_the_rooms_of_the_host_library_are_in_one_order(checkout: Path) -> None:
    root = checkout / "core" / "exshot_host"
    for path in _files(checkout, "exshot_host"):
        room = path.relative_to(root).parts[0].removesuffix(".py")
        if room == "__init__":
            continue
        below = HOST_ROOMS[: HOST_ROOMS.index(room) + 1]
        for name in imports(path):
            package, _, rest = name.partition(".")
            if package == "exshot_host":
                assert rest.partition(".")[0] in below, (path, name)


def test_the_contract_reads_in_one_order(checkout: Path) -> None:
    """Messages know the options and the wire, never the other way round."""
    order = (
        "version",
        "marking",
        "codes",
        "limits",
        "paths",
        "replacing",
        "engine_command",
        "options",
        "wire",
    )
    for path in _files(checkout, "exshot_contract"):
        if path.stem in order:
            below = order[: order.index(path.stem)]
            for name in imports(path):
                if name.startswith("exshot_contract."):
                    assert name.split(".")[1] in below, (path, name)
