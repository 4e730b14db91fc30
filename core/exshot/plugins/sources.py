"""Where the plug-ins' own files are, and which go where."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import exshot
from exshot.plugins.editors import EditorName

IGNORED = ("__pycache__", ".mypy_cache", ".ruff_cache")


@dataclass(frozen=True)
class PluginSources:
    """Folders that plug-in files are taken from.

    Attributes:
        gimp: folder ``exshot`` with ``exshot.py``; None where this build has none.
        krita: folder with ``exshot.desktop`` and ``exshot``; None where this build has none.
        host: the package ``exshot_host``, put into every plug-in.
    """

    gimp: Path | None
    krita: Path | None
    host: Path

    def entries(self, editor: EditorName) -> dict[str, Path] | None:
        """Top-level files and folders of the plug-in's folder; None where this build has none."""
        folder = self.gimp if editor == "gimp" else self.krita and self.krita / "exshot"
        if folder is None:
            return None
        own = {entry.name: entry for entry in folder.iterdir() if entry.name not in IGNORED}
        return {**own, "exshot_host": self.host}


def find_sources() -> PluginSources:
    """Those inside the installed package, else those of the source checkout."""
    package = Path(exshot.__file__).resolve().parent
    packaged, checkout = package / "plugin_files", package.parent.parent
    return PluginSources(
        gimp=_existing(packaged / "gimp/exshot", checkout / "gimp_plugin/exshot", "exshot.py"),
        krita=_existing(packaged / "krita", checkout / "krita_plugin", "exshot.desktop"),
        host=package.parent / "exshot_host",
    )


def engine_command() -> tuple[str, ...]:
    """How an editor starts the engine of this very installation."""
    if getattr(sys, "frozen", False):
        return (sys.executable, "engine")
    return (sys.executable, "-m", "exshot.engine")


def _existing(packaged: Path, checkout: Path, needed: str) -> Path | None:
    return next((path for path in (packaged, checkout) if (path / needed).is_file()), None)
