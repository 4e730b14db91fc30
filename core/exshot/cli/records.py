"""Results as plain data for ``--json`` and ``--report``; the field names are stable."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exshot.options import EditOptions
from exshot.version import __version__

if TYPE_CHECKING:
    from exshot.face.face import Face
    from exshot.image.geometry import Box
    from exshot.result import Edit, EditReport, FaceQuality


def edit_record(
    pose: Path, expression: Path, out: Path, layer: Path | None, options: EditOptions, edit: Edit
) -> dict[str, Any]:
    """What was edited, how, and where it was written."""
    return {
        "exshot": __version__,
        "pose": str(pose),
        "expression": str(expression),
        "out": str(out),
        "layer": str(layer) if layer else None,
        "box": box_record(edit.box),
        "options": asdict(options),
        "report": report_record(edit.report),
    }


def report_record(report: EditReport) -> dict[str, Any]:
    """`EditReport`; angles in degrees, timings in milliseconds."""
    return {
        "method": report.method,
        "pose_face": report.pose_face,
        "expression_face": report.expression_face,
        "head_turn": asdict(report.head_turn),
        "hidden_share": round(float(report.hidden_share), 4),
        "warnings": [asdict(warning) for warning in report.warnings],
        "timings": {name: round(float(ms), 2) for name, ms in report.timings.items()},
        "pose_quality": quality_record(report.pose_quality),
        "expression_quality": quality_record(report.expression_quality),
        "notes": list(report.notes),
    }


def quality_record(quality: FaceQuality | None) -> dict[str, float | None] | None:
    """Blur and face width in pixels, noise and steps between blocks with white as 1."""
    if quality is None:
        return None
    return {
        name: None if value is None else round(float(value), 4)
        for name, value in asdict(quality).items()
    }


def box_record(box: Box) -> dict[str, int]:
    """Half-open pixel rectangle."""
    return {"x0": int(box.x0), "y0": int(box.y0), "x1": int(box.x1), "y1": int(box.y1)}


def face_record(index: int, face: Face, *, names: tuple[str, ...], mesh: bool) -> dict[str, Any]:
    """One face: box and width in pixels, angles in degrees, blendshapes by name, maybe its mesh."""
    scores = zip(names, face.blendshapes.tolist(), strict=True)
    record: dict[str, Any] = {
        "index": index,
        "score": round(float(face.score), 4),
        "box": box_record(face.box),
        "width": round(face.width, 1),
        "head_pose": {
            "yaw": round(float(face.head_pose.yaw), 2),
            "pitch": round(float(face.head_pose.pitch), 2),
            "roll": round(float(face.head_pose.roll), 2),
        },
        "blendshapes": {name: round(score, 4) for name, score in scores},
    }
    if mesh:
        record["mesh"] = [[round(v, 2) for v in vertex] for vertex in face.mesh.tolist()]
    return record
