"""``exshot demo``: one edit, shown as pose photo, expression photo, result."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from exshot.address_space import check_least
from exshot.cli import choices
from exshot.cli.edit import describe, show_warnings
from exshot.cli.failure import reports_failures
from exshot.cli.output import check_outputs, make_folder
from exshot.cli.progress_bar import progress_bar
from exshot.errors import ErrorCode, ExshotError
from exshot.options import TABLE, EditOptions, Method
from exshot.path_text import shown

HEIGHT = 900  # pixels of the side-by-side picture


@reports_failures
def demo(
    out: Annotated[Path, typer.Option("--out", "-o", help="Side-by-side picture.")] = Path(
        "exshot-demo.jpg"
    ),
    pose: Annotated[Path | None, typer.Option(help="Your pose photo instead of ours.")] = None,
    expression: Annotated[
        Path | None, typer.Option(help="Your expression photo instead of ours.")
    ] = None,
    method: Annotated[Method, typer.Option(help=TABLE["method"].flag_help)] = "auto",
    overwrite: choices.Overwrite = False,
) -> None:
    """Edit the bundled pair (rendered heads), or your own, and write it side by side."""
    check_least()
    pose, expression = _chosen_pair(pose, expression)
    make_folder(out.absolute().parent)
    check_outputs((out,), inputs=(pose, expression), overwrite=overwrite)
    with progress_bar("Loading") as progress:
        from exshot.cli.pictures import check_suffix, side_by_side, write_picture
        from exshot.editor import Editor
        from exshot.photo import Photo, flatten

        check_suffix(out)
        photos = Photo.open(pose), Photo.open(expression)
        options = EditOptions(method=method)
        edit = Editor().edit(*photos, options, progress=progress)
        result = Photo.from_array(flatten(photos[0], edit))
        pictures = [picture.as_uint8() for picture in (*photos, result)]
        write_picture(out, side_by_side(pictures, HEIGHT), overwrite=overwrite)
    show_warnings(edit)
    typer.echo(f"Wrote {shown(out)}: pose photo, expression photo, result ({describe(edit)}).")


def bundled_pair() -> tuple[Path, Path]:
    """The pose and the expression photo that come with ExShot.

    Raises `ExshotError` ``FILE_NOT_FOUND`` where this build has none.
    """
    folder = Path(str(resources.files("exshot") / "demo"))
    pair = [sorted(folder.glob(f"{name}.*")) for name in ("pose", "expression")]
    if not all(pair):
        raise ExshotError(
            ErrorCode.FILE_NOT_FOUND,
            "This build of ExShot has no demo photos.",
            "Use your own: exshot demo --pose A.jpg --expression B.jpg"
            " (or make demo POSE=A.jpg EXPRESSION=B.jpg).",
        )
    return pair[0][0], pair[1][0]


def _chosen_pair(pose: Path | None, expression: Path | None) -> tuple[Path, Path]:
    if pose is not None and expression is not None:
        return pose, expression
    if pose is None and expression is None:
        return bundled_pair()
    raise ExshotError(
        ErrorCode.BAD_OPTION,
        "Only one of the two photos is named.",
        "Name both --pose and --expression, or neither.",
    )
