"""Where the plug-ins' own files are, and which go where."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import exshot
from exshot.plugins.editors import EditorName

LIBRARIES: dict[EditorName, tuple[str, ...]] = {
    "gimp": ("exshot_contract", "exshot_host", "exshot_gtk"),
    "krita": ("exshot_contract", "exshot_host", "exshot_qt"),
}
BESIDE: dict[EditorName, tuple[Path, ...]] = {
    "gimp": (),
    "krita": (Path("exshot.desktop"), Path("../actions/exshot.action")),
}
IGNORED = ("__pycache__", ".mypy_cache", ".ruff_cache")


@dataclass(frozen=True)
class PluginSources:
    """Folders that plug-in files are taken from.

    Attributes:
        gimp: folder ``exshot`` with ``exshot.py``; None where this build has none.
        krita: folder with ``exshot.desktop``, ``exshot.action`` and ``exshot``; None where this
            build has none.
        libraries: the folder that holds the packages of `LIBRARIES`.
    """

    gimp: Path | None
    krita: Path | None
    libraries: Path

    def entries(self, editor: EditorName) -> dict[str, Path] | None:
        """Top-level files and folders of the plug-in's folder; None where this build has none."""
        folder = self.gimp if editor == "gimp" else self.krita and self.krita / "exshot"
        if folder is None:
            return None
        own = {entry.name: entry for entry in folder.iterdir() if entry.name not in IGNORED}
        return {**own, **{name: self.libraries / name for name in LIBRARIES[editor]}}

    def beside(self, editor: EditorName) -> dict[Path, Path]:
        """Files that lie outside the plug-in's folder: relative to the folder of all plug-ins."""
        if editor == "gimp" or self.krita is None:
            return {}
        pairs = ((path, self.krita / path.name) for path in BESIDE[editor])
        return {path: source for path, source in pairs if source.is_file()}


def find_sources() -> PluginSources:
    """Those inside the installed package, else those of the source checkout."""
    package = Path(exshot.__file__).resolve().parent
    packaged, checkout = package / "plugin_files", package.parent.parent
    return PluginSources(
        gimp=_existing(packaged / "gimp/exshot", checkout / "gimp_plugin/exshot", "exshot.py"),
        krita=_existing(packaged / "krita", checkout / "krita_plugin", "exshot.desktop"),
        libraries=package.parent,
    )


def engine_command() -> tuple[str, ...]:
    """How an editor starts the engine of this very installation."""
    if getattr(sys, "frozen", False):
        return (sys.executable, "engine")
    return (sys.executable, "-m", "exshot.engine")


def _existing(packaged: Path, checkout: Path, needed: str) -> Path | None:
    return next((path for path in (packaged, checkout) if (path / needed).is_file()), None)
