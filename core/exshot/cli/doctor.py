"""``exshot doctor``: is everything in place, and what is where."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import typer

import exshot
from exshot.cli import choices
from exshot.cli.failure import DOCTOR_FAILED, reports_failures
from exshot.cli.terminal import can_show
from exshot.errors import ExshotError
from exshot.plugins import UserFolders, find_editors, state_of
from exshot.plugins.editors import NAMES, TESTED
from exshot_contract.engine_command import find_command
from exshot_contract.paths import NoHomeFolder

if TYPE_CHECKING:
    from exshot.model_store import ModelInfo, ModelStore

LIBRARIES = ("numpy", "opencv-python-headless", "onnxruntime", "pillow", "pillow-heif")
SIGNS = {"good": "✓", "note": "-", "bad": "✗"}
PLAIN_SIGNS = {"good": "+", "note": "-", "bad": "!"}


@dataclass(frozen=True)
class Finding:
    """One line of the report; ``bad`` means that something must be mended."""

    about: str
    state: Literal["good", "note", "bad"]
    sentence: str
    hint: str = ""


@reports_failures
def doctor(as_json: choices.AsJson = False) -> None:
    """Check versions, models and their checksums, the editors found and the plug-ins in them."""
    findings = [*_program(), *_libraries(), *_models(), *_editors(), _engine()]
    if as_json:
        typer.echo(json.dumps({"findings": [asdict(finding) for finding in findings]}))
    else:
        signs = SIGNS if can_show("".join(SIGNS.values())) else PLAIN_SIGNS
        for finding in findings:
            typer.echo(f"{signs[finding.state]} {finding.about}: {finding.sentence}")
            if finding.hint:
                typer.echo(f"    {finding.hint}")
    if any(finding.state == "bad" for finding in findings):
        raise typer.Exit(DOCTOR_FAILED)


def _program() -> Iterator[Finding]:
    import platform  # slow to load, and only needed here

    folder = Path(exshot.__file__).parent
    yield Finding("ExShot", "good", f"version {exshot.__version__} in {folder}")
    yield Finding("Python", "good", f"{platform.python_version()} ({sys.executable})")
    yield Finding("System", "good", platform.platform())


def _libraries() -> Iterator[Finding]:
    yield from (_library(name) for name in LIBRARIES)


def _library(name: str) -> Finding:
    import importlib.metadata  # slow to load, and only needed here

    try:
        return Finding(name, "good", f"version {importlib.metadata.version(name)}")
    except importlib.metadata.PackageNotFoundError:
        return Finding(name, "bad", "is missing.", "Install ExShot again.")


def _models() -> Iterator[Finding]:
    from exshot.model_store import ModelStore

    try:
        store = ModelStore()
    except ExshotError as error:
        yield Finding("Models", "bad", error.sentence, error.hint)
        return
    yield from (_model(store, info) for info in store.models)


def _model(store: ModelStore, info: ModelInfo) -> Finding:
    try:
        store.verify(info.name)
    except ExshotError as error:
        return Finding(info.file, "bad", error.sentence, error.hint)
    return Finding(info.file, "good", f"checksum right, {info.licence}")


def _editors() -> Iterator[Finding]:
    try:
        places = find_editors(UserFolders.current())
    except NoHomeFolder as error:
        yield Finding("Editors", "note", str(error), "Set HOME to find the editors' folders.")
        return
    if not places:
        yield Finding("Editors", "note", "Neither GIMP 3 nor Krita was found.")
    yield Finding("Editors", "good", f"tested with {_tested_versions()}")
    for place in places:
        if place.newer_than_tested:
            sentence = "is newer than the versions that ExShot was tested with."
            hint = "It may well work. If something is wrong there, look for a newer ExShot."
            yield Finding(place.title, "note", sentence, hint)
        state = state_of(place)
        if state.mode == "foreign":
            sentence = f"{place.plugins / 'exshot'} was not put there by ExShot."
            yield Finding(place.title, "note", sentence, "Move it away to install the plug-in.")
        elif state.mode == "none":
            hint = place.hint or "Run `exshot install-plugins`."
            yield Finding(place.title, "note", place.problem or "No ExShot plug-in there.", hint)
        elif not state.enabled:
            hint = "Run `exshot install-plugins`."
            yield Finding(place.title, "bad", "The plug-in is there but switched off.", hint)
        elif state.version != exshot.__version__:
            sentence = f"The plug-in is version {state.version}, ExShot is {exshot.__version__}."
            yield Finding(place.title, "bad", sentence, "Run `exshot install-plugins`.")
        else:
            how = "linked" if state.mode == "link" else "installed"
            where = place.plugins / "exshot"
            yield Finding(place.title, "good", f"Plug-in {state.version} {how} in {where}.")


def _tested_versions() -> str:
    return "; ".join(f"{NAMES[editor]} {', '.join(TESTED[editor])}" for editor in TESTED)


def _engine() -> Finding:
    try:
        command = find_command()
    except NoHomeFolder as error:
        return Finding("Engine", "note", str(error), "Set HOME; plug-ins need it.")
    if command is None:
        hint = "Run `exshot install-plugins` once."
        return Finding("Engine", "note", "The ExShot engine was not found.", hint)
    return Finding("Engine", "good", f"plug-ins start: {' '.join(command.argv)}")
