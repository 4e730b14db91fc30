"""``exshot install-plugins`` and ``exshot uninstall-plugins``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Annotated

import typer

from exshot.cli import choices
from exshot.cli.failure import PLUGINS_FAILED, reports_failures
from exshot.cli.terminal import can_show
from exshot.plugins import (
    EditorPlace,
    Step,
    UserFolders,
    choose_engine,
    engine_command,
    find_editors,
    find_sources,
    forget_engine,
    install,
    uninstall,
)

OnlyGimp = Annotated[bool, typer.Option("--gimp", help="Only GIMP.")]
OnlyKrita = Annotated[bool, typer.Option("--krita", help="Only Krita.")]
SIGNS = {"done": "✓", "unchanged": "=", "skipped": "-", "failed": "✗"}
PLAIN_SIGNS = {"done": "+", "unchanged": "=", "skipped": "-", "failed": "!"}


@reports_failures
def install_plugins(
    gimp: OnlyGimp = False,
    krita: OnlyKrita = False,
    dev: Annotated[
        bool, typer.Option("--dev", help="Link to this checkout instead of copying.")
    ] = False,
    sandboxed: Annotated[
        bool, typer.Option("--sandboxed", help="Also into Flatpaks and Snaps.")
    ] = False,
    as_json: choices.AsJson = False,
) -> None:
    """Put the plug-ins into every GIMP 3 and Krita of this user; running it again updates them."""
    folders, sources = UserFolders.current(), find_sources()
    steps = [
        step
        for place in _places(folders, gimp=gimp, krita=krita)
        for step in install(place, sources, link=dev, sandboxed=sandboxed)
    ]
    if any(step.action in ("done", "unchanged") for step in steps):
        steps.append(choose_engine(engine_command(), folders.environ))
    _finish(steps, as_json=as_json)


@reports_failures
def uninstall_plugins(
    gimp: OnlyGimp = False, krita: OnlyKrita = False, as_json: choices.AsJson = False
) -> None:
    """Take the plug-ins out of every GIMP 3 and Krita of this user."""
    folders = UserFolders.current()
    places = _places(folders, gimp=gimp, krita=krita)
    steps = [step for place in places for step in uninstall(place)]
    if not gimp and not krita:  # the other editor may still need it
        steps.append(forget_engine(folders.environ))
    _finish(steps, as_json=as_json)


def _places(folders: UserFolders, *, gimp: bool, krita: bool) -> list[EditorPlace]:
    wanted = [name for name, chosen in (("gimp", gimp), ("krita", krita)) if chosen]
    return [place for place in find_editors(folders) if not wanted or place.editor in wanted]


def _finish(steps: Iterable[Step], *, as_json: bool) -> None:
    steps = list(steps)
    failed = any(step.action == "failed" for step in steps)
    if as_json:
        typer.echo(json.dumps({"steps": [asdict(step) for step in steps]}))
    else:
        _print_steps(steps)
    if failed:
        raise typer.Exit(PLUGINS_FAILED)


def _print_steps(steps: list[Step]) -> None:
    if not steps:
        typer.echo("Neither GIMP 3 nor Krita was found; the command line works without them.")
        typer.echo("If one is installed, start it once so that it makes its folders, then retry.")
    signs = SIGNS if can_show("".join(SIGNS.values())) else PLAIN_SIGNS
    for step in steps:
        typer.echo(f"{signs[step.action]} {step.editor}: {step.sentence}")
        if step.hint:
            typer.echo(f"    {step.hint}")
