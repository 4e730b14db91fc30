"""No text reaches a user in English alone: what looks like one is in the catalogues."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from shared_data import CHECKOUT

FOLDERS = (
    "core/exshot_host",
    "core/exshot_gtk",
    "core/exshot_qt",
    "gimp_plugin/exshot",
    "krita_plugin/exshot",
)
# For programmers, and never shown.
INTERNAL = {"RuntimeError", "ValueError", "TypeError", "KeyError", "AssertionError", "TypeVar"}
# For a bug report, in English whoever writes it; or no text at all.
REPORTED = {
    "Looked in: ",
    "The edit was cancelled.",
    "The engine ended with status ",
    "The engine is still running.",
    "The engine was ended by ",
    "a document that is needed was closed",
    "nothing better",
}
NAMES = {
    "Apache-2.0",
    "ExShot",
    "ExShot edit",
    "Gdk",
    "Gegl",
    "Gimp",
    "GimpUi",
    "Gtk",
    "Krita",
    "Library/Application Support",
    "Run mode",  # GIMP's own procedures name it so, too
    "The ExShot developers",
}


def texts_of(tree: ast.Module) -> Iterator[str]:
    """String constants that begin like a label or a sentence and are not marked by ``N_``."""
    passed_over: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            passed_over.add(node.value)  # a docstring
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else node.func
            name = called if isinstance(called, str) else getattr(called, "id", "")
            if name == "N_" or name in INTERNAL:
                passed_over.update(part for entry in node.args for part in ast.walk(entry))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            shown = re.match(r"[^\w]*[A-Z][a-z]+([- ].+)?$", node.value)
            sentence = re.search(r"[a-z] [a-z]+.*[a-z.]$", node.value)
            if node not in passed_over and (shown or sentence):
                yield node.value


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_text_is_marked_for_translation(folder: str) -> None:
    found = {
        text: path.relative_to(CHECKOUT).as_posix()
        for path in sorted(Path(CHECKOUT / folder).rglob("*.py"))
        for text in texts_of(ast.parse(path.read_text(encoding="utf-8")))
        if text not in NAMES | REPORTED
    }
    assert found == {}


def test_kritas_action_file_says_what_the_catalogues_translate() -> None:
    marked = (CHECKOUT / "core/exshot_host/texts/texts.py").read_text(encoding="utf-8")
    described = (CHECKOUT / "krita_plugin/exshot.action").read_text(encoding="utf-8")
    shown = re.findall(r"<(?:text|toolTip)>(.+)</", described)
    assert [text for text in shown if text != "ExShot" and f'"{text}"' not in marked] == []
