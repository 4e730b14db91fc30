"""The note kept with a layer that ExShot made, so that it can be edited again."""

from __future__ import annotations

import json
from dataclasses import dataclass

from exshot_contract import options
from exshot_contract.options import Options
from exshot_host.adapter import LayerInfo

NOTE_NAME = "exshot-edit"
"""Name of the parasite or annotation, for adapters."""
FORMAT = 1
_LIMIT = 64 * 1024


@dataclass(frozen=True)
class LayerReference:
    """A layer as it was when the edit was made. Ids change when a file is opened again."""

    id: str
    name: str

    def find(self, layers: tuple[LayerInfo, ...]) -> LayerInfo | None:
        """The same layer in the image: by id and name, else by name alone, else by id."""
        for test in (
            lambda layer: (layer.id, layer.name) == (self.id, self.name),
            lambda layer: layer.name == self.name,
            lambda layer: layer.id == self.id,
        ):
            for layer in layers:
                if not layer.made_by_exshot and test(layer):
                    return layer
        return None


@dataclass(frozen=True)
class LayerMemory:
    """How a layer was made. Face indexes are in ``options``."""

    pose: LayerReference
    expression: LayerReference
    options: Options
    version: str
    editor: str

    def to_text(self) -> str:
        """JSON for `Patch.note`."""
        record = {
            "exshot": FORMAT,
            "version": self.version,
            "editor": self.editor,
            "pose": {"id": self.pose.id, "name": self.pose.name},
            "expression": {"id": self.expression.id, "name": self.expression.name},
            "pose_face": self.options.pose_face,
            "expression_face": self.options.expression_face,
            "options": options.to_record(self.options),
        }
        return json.dumps(record, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str | None) -> LayerMemory | None:
        """The note, or None where the text is not one."""
        try:
            record = json.loads(text) if text and len(text) <= _LIMIT else None
            if not isinstance(record, dict) or type(record.get("exshot")) is not int:
                return None
            chosen = options.from_record(record.get("options"))
            return cls(
                _reference(record["pose"]),
                _reference(record["expression"]),
                options.with_faces(
                    chosen, _index(record.get("pose_face")), _index(record.get("expression_face"))
                ),
                str(record.get("version", "")),
                str(record.get("editor", "")),
            )
        except (ValueError, KeyError, TypeError, RecursionError):
            return None


def _reference(record: dict[str, object]) -> LayerReference:
    return LayerReference(str(record["id"]), str(record["name"]))


def _index(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
