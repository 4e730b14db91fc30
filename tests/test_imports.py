"""The way of the pixels has one direction: no package imports from one further along it."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# Each line may import from those above it and from itself, nothing from those below.
ORDER = (
    ("errors", "version", "path_text", "quiet_import"),
    ("memory",),
    ("address_space",),
    ("cache", "progress", "options"),
    ("image", "model_store"),
    ("result",),
    ("photo",),
    ("face",),
    ("identity", "cover"),
    ("align",),
    ("draw",),
    ("exprnet",),
    ("advice", "subjects"),
    ("editor",),
    ("sequence",),
    ("engine", "plugins"),
    ("cli",),
    ("__main__",),
)
RANK = {name: rank for rank, names in enumerate(ORDER) for name in names}


def modules(folder: Path, package: str) -> Iterator[tuple[str, Path]]:
    for path in sorted((folder / package).rglob("*.py")):
        name = ".".join(path.relative_to(folder).with_suffix("").parts)
        yield name.removesuffix(".__init__"), path


def imports(known: dict[str, Path]) -> dict[str, set[str]]:
    """What every module imports of the others, inside functions and for type checks too."""
    graph: dict[str, set[str]] = {}
    for name, path in known.items():
        found: set[str] = set()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                inner = {f"{node.module}.{alias.name}" for alias in node.names}
                found |= (inner & known.keys()) or {node.module}
        graph[name] = found & known.keys() - {name}
    return graph


def circle(graph: dict[str, set[str]]) -> list[str]:
    """Modules that import each other in a circle; empty where there is none."""
    left = {name: set(found) for name, found in graph.items()}
    while free := [name for name, found in left.items() if not found & left.keys()]:
        for name in free:
            del left[name]
    if not left:
        return []
    way = [next(iter(left))]
    while way[-1] not in way[:-1]:
        way.append(next(iter(left[way[-1]] & left.keys())))
    return way[way.index(way[-1]) :]


@pytest.fixture(scope="module")
def core() -> dict[str, set[str]]:
    return imports(dict(modules(ROOT / "core", "exshot")))


def test_packages_import_only_what_lies_before_them(core: dict[str, set[str]]) -> None:
    wrong = []
    for name, found in core.items():
        if name == "exshot":  # the public names, from wherever they are
            continue
        for other in found - {"exshot"}:
            here, there = name.split(".")[1], other.split(".")[1]
            if here != there and RANK[there] >= RANK[here]:
                wrong.append(f"{name} imports {other}")
    assert not wrong


def test_no_modules_of_the_core_import_each_other_in_a_circle(core: dict[str, set[str]]) -> None:
    inner = {name: found - {"exshot"} for name, found in core.items() if name != "exshot"}
    assert not circle(inner)


@pytest.mark.parametrize("package", ["exshot_train", "exshot_host", "exshot_contract"])
def test_no_modules_of_the_other_packages_do_either(package: str) -> None:
    assert not circle(imports(dict(modules(ROOT / "core", package))))


def test_nor_do_those_of_the_benchmarks() -> None:
    assert not circle(imports(dict(modules(ROOT, "benchmarks"))))


@pytest.mark.parametrize("above", ["exshot_host", "exshot_gtk", "exshot_qt", "exshot_train"])
def test_the_core_knows_nothing_of_editors_and_training(above: str) -> None:
    known = dict(itertools.chain(*(modules(ROOT / "core", p) for p in ("exshot", above))))
    graph = imports(known)
    wrong = {
        name: found
        for name in graph
        if name.split(".")[0] == "exshot"
        and (found := {other for other in graph[name] if other.split(".")[0] == above})
    }
    assert not wrong
