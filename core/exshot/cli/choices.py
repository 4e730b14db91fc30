"""Flags that several commands share; those of an edit's options are in `option_flags`."""

from __future__ import annotations

from typing import Annotated

import typer

Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace files that exist.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines to stdout.")]
