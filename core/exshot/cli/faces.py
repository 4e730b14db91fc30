"""``exshot faces``: what is found in a photo."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from exshot.cli import choices
from exshot.cli.failure import reports_failures
from exshot.cli.output import check_outputs
from exshot.cli.progress_bar import progress_bar
from exshot.cli.records import face_record
from exshot.errors import ErrorCode, ExshotError

if TYPE_CHECKING:
    from exshot.face.face import Face

SHOWN_SCORES = 3


@reports_failures
def faces(
    photo: Annotated[Path, typer.Argument(help="JPEG, PNG, TIFF, WebP or HEIC file.")],
    overlay: Annotated[
        Path | None,
        typer.Option(help="Write a picture with each face's mesh, outline and number."),
    ] = None,
    mesh: Annotated[
        bool, typer.Option("--mesh", help="With --json: the 478 landmarks too, x y z in pixels.")
    ] = False,
    overwrite: choices.Overwrite = False,
    as_json: choices.AsJson = False,
) -> None:
    """List the faces of a photo; their numbers are what --pose-face and --expression-face take."""
    check_outputs((overlay,), inputs=(photo,), overwrite=overwrite)
    with progress_bar("Looking for faces") as progress:
        from exshot.editor import Editor
        from exshot.photo import Photo

        opened = Photo.open(photo)
        found = Editor().faces(opened, progress=progress)
    if not found:
        raise ExshotError(
            ErrorCode.NO_FACE,
            f"No face was found in {photo}.",
            "Faces must be at least partly turned to the camera and not tiny.",
        )
    if overlay is not None:
        from exshot.cli.overlay import draw_faces
        from exshot.cli.pictures import write_picture

        write_picture(overlay, draw_faces(opened.as_uint8(), found))
    records = _records(found, mesh=mesh)
    if as_json:
        typer.echo(json.dumps({"photo": str(photo), "faces": records}))
    else:
        _print_table(records)


def _records(found: tuple[Face, ...], *, mesh: bool) -> list[dict[str, Any]]:
    from exshot.face.topology import BLENDSHAPE_NAMES

    return [face_record(i, face, names=BLENDSHAPE_NAMES, mesh=mesh) for i, face in enumerate(found)]


def _print_table(records: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("face", "left, top", "width", "yaw", "pitch", "roll", "expression")
    for record in records:
        scores = sorted(record["blendshapes"].items(), key=lambda item: -item[1])
        strongest = ", ".join(f"{name} {score:.2f}" for name, score in scores[:SHOWN_SCORES])
        pose = (f"{record['head_pose'][angle]:+.0f}°" for angle in ("yaw", "pitch", "roll"))
        corner = f"{record['box']['x0']}, {record['box']['y0']}"
        table.add_row(str(record["index"]), corner, f"{record['width']:.0f} px", *pose, strongest)
    Console().print(table)
