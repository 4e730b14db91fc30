"""The list of commands."""

from __future__ import annotations

from typing import Annotated

import typer

from exshot.cli.batch.command import batch
from exshot.cli.best import best
from exshot.cli.demo import demo
from exshot.cli.doctor import doctor
from exshot.cli.edit import edit
from exshot.cli.engine import engine
from exshot.cli.faces import faces
from exshot.cli.plugins import install_plugins, uninstall_plugins
from exshot.cli.suggest import suggest
from exshot.version import __version__

app = typer.Typer(
    name="exshot",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help is there in half the time, and narrow terminals can read it
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes and file formats: docs/cli.md. Nothing leaves this computer.",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"exshot {__version__}")
        raise typer.Exit


@app.callback()
def exshot(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Fix the expression in a portrait with pixels from your own other photos."""


app.command()(edit)
app.command()(faces)
app.command()(batch)
app.command()(suggest)
app.command()(best)
app.command()(demo)
app.command()(doctor)
app.command("install-plugins")(install_plugins)
app.command("uninstall-plugins")(uninstall_plugins)
app.command()(engine)
