"""``exshot faces``: what is found in a photo."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from exshot.address_space import check_least
from exshot.cli import choices
from exshot.cli.failure import reports_failures, say
from exshot.cli.output import check_outputs
from exshot.cli.photo_list import SmallFaces
from exshot.cli.progress_bar import progress_bar
from exshot.cli.records import face_record
from exshot.cli.table import print_table
from exshot.errors import ErrorCode, ExshotError
from exshot.path_text import shown

if TYPE_CHECKING:
    from exshot.face.face import Face
    from exshot.face.fitter import FoundFaces

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
    small_faces: SmallFaces = False,
    overwrite: choices.Overwrite = False,
    as_json: choices.AsJson = False,
) -> None:
    """List the faces of a photo; their numbers are what --pose-face and --expression-face take."""
    check_least()
    if overlay is not None:
        from exshot.cli.pictures import check_suffix

        check_suffix(overlay)
    check_outputs((overlay,), inputs=(photo,), overwrite=overwrite)
    with progress_bar("Looking for faces") as progress:
        from exshot.editor import Editor
        from exshot.photo import Photo

        opened = Photo.open(photo)
        search = Editor().find(opened, smallest=0 if small_faces else None, progress=progress)
        found = search.faces
    if not found:
        raise ExshotError(
            ErrorCode.NO_FACE,
            f"No face was found in {shown(photo)}.",
            "Faces must be at least partly turned to the camera and not tiny.",
        )
    if overlay is not None:
        from exshot.cli.overlay import draw_faces
        from exshot.cli.pictures import write_picture

        picture = draw_faces(opened.as_uint8(), found)
        write_picture(overlay, picture, overwrite=overwrite)
    records = _records(found, mesh=mesh)
    notes = [*(opened.origin.notes if opened.origin else ()), *_search_note(search)]
    if as_json:
        record = {"photo": str(photo), "faces": records, "notes": notes}
        typer.echo(json.dumps({**record, "searched_down_to": round(search.seen, 1)}))
    else:
        _print_table(records)
        for note in notes:
            say(f"Note: {note}", color="yellow")


def _search_note(search: FoundFaces) -> tuple[str, ...]:
    """What was not looked for, where that is a person of a size that can be edited."""
    width = search.left_out_below
    if not width:
        return ()
    return (
        f"Faces under about {width:.0f} pixels, much smaller than the largest, were not"
        " looked for; --small-faces does.",
    )


def _records(found: tuple[Face, ...], *, mesh: bool) -> list[dict[str, Any]]:
    from exshot.face.topology import BLENDSHAPE_NAMES

    return [face_record(i, face, names=BLENDSHAPE_NAMES, mesh=mesh) for i, face in enumerate(found)]


def _print_table(records: list[dict[str, Any]]) -> None:
    rows = []
    for record in records:
        scores = sorted(record["blendshapes"].items(), key=lambda item: -item[1])
        strongest = ", ".join(f"{name} {score:.2f}" for name, score in scores[:SHOWN_SCORES])
        pose = (f"{record['head_pose'][angle]:+.0f}°" for angle in ("yaw", "pitch", "roll"))
        corner = f"{record['box']['x0']}, {record['box']['y0']}"
        width = f"{record['width']:.0f} px"
        rows.append([str(record["index"]), corner, width, *pose, strongest])
    head = ["face", "left, top", "width", "yaw", "pitch", "roll", "expression"]
    print_table(head, rows)
