"""Whose work the files of an installed program are, as `NOTICE` has to say."""

from __future__ import annotations

import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from shared_data import CHECKOUT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # pyright: ignore[reportMissingImports]

COMPONENTS = CHECKOUT / "installers/components.toml"
NOTICE = CHECKOUT / "NOTICE"
NATIVE = (".dll", ".pyd", ".exe", ".dylib")
LARGEST_STAND_IN = 200_000  # bytes; the encoder has twenty million


def components() -> list[dict[str, Any]]:
    return tomllib.loads(COMPONENTS.read_text("utf-8"))["component"]


def native_files(program: Path) -> list[str]:
    """Compiled files of an installed program, as ``components.toml`` names them."""
    found = []
    for path in program.rglob("*"):
        if not path.is_file() or path.suffix == ".py":
            continue
        name = path.relative_to(program).as_posix().removeprefix("_internal/").lower()
        if path.suffix.lower() in NATIVE or ".so" in path.suffixes or name == "exshot":
            found.append(name)
    return found


def owner(name: str) -> str:
    """The component that a file is part of; empty for nobody's."""
    for one in components():
        fits = any(fnmatch(name, pattern) for pattern in one["files"])
        if fits and not any(fnmatch(name, pattern) for pattern in one.get("not", ())):
            return one["name"]
    return ""


def check_components(program: Path) -> None:
    """Assert that a program holds what `NOTICE` says, with licences, and no GPL encoder."""
    names = native_files(program)
    owners = {name: owner(name) for name in names}
    assert [name for name, whose in owners.items() if not whose] == []
    notice = NOTICE.read_text("utf-8")
    for one in components():
        if one["name"] in owners.values() and "ExShot" not in one["name"]:
            assert one["name"] in notice
            assert one["licence"] in notice
    encoders = [path for path in program.rglob("*libx265*") if not path.is_symlink()]
    assert encoders
    assert all(path.stat().st_size < LARGEST_STAND_IN for path in encoders)
    texts = {path.relative_to(program / "_internal/licenses") for path in licences(program)}
    packages = {text.parts[0] for text in texts if len(text.parts) > 1}
    runtime = {"numpy", "onnxruntime", "opencv-python-headless", "pillow", "pillow-heif", "typer"}
    assert runtime | {"typing-extensions"} <= packages
    assert {Path("GPL-3.0.txt"), Path("LGPL-3.0.txt"), Path("LGPL-2.1.txt")} <= texts


def licences(program: Path) -> list[Path]:
    return [path for path in (program / "_internal/licenses").rglob("*") if path.is_file()]
