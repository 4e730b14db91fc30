"""Packs the Krita plug-in for Tools ▸ Scripts ▸ Import Python Plugin from File.

    python tools/krita_zip.py out/exshot-krita.zip

The same files as `exshot install-plugins --krita` puts into place. Krita's importer wants an entry
for the plug-in's folder itself, which `zipfile` does not write by default. The archive's bytes
depend on the files alone, not on when or where it was made.
"""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from exshot.plugins import find_sources
from exshot.plugins.install import PLUGIN
from exshot.plugins.sources import IGNORED

_EPOCH = (1980, 1, 1, 0, 0, 0)


def pack(target: Path) -> None:
    """Write the archive; its folder is made. Raises FileNotFoundError without a plug-in."""
    sources = find_sources()
    entries = sources.entries("krita")
    if entries is None:
        raise FileNotFoundError("This build of ExShot has no Krita plug-in.")
    beside = {path.name: source for path, source in sources.beside("krita").items()}
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, source in sorted(beside.items()):
            _add(archive, name, source.read_bytes())
        _add(archive, f"{PLUGIN}/", b"")
        for entry, source in sorted(entries.items()):
            for name, path in _files(f"{PLUGIN}/{entry}", source):
                _add(archive, name, path.read_bytes() if path.is_file() else b"")


def _files(name: str, path: Path) -> Iterator[tuple[str, Path]]:
    """A file, or a folder with all that is in it; folders end in a slash."""
    if path.is_file():
        yield name, path
        return
    yield f"{name}/", path
    for inner in sorted(path.iterdir()):
        if inner.name not in IGNORED:
            yield from _files(f"{name}/{inner.name}", inner)


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, _EPOCH), data, zipfile.ZIP_DEFLATED)


if __name__ == "__main__":
    pack(Path(sys.argv[1]))
    print(sys.argv[1])
