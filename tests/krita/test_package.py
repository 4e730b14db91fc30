"""The archive for Krita's own importer."""

from __future__ import annotations

import importlib.util
import zipfile
from pathlib import Path

import pytest
from editors.folder import EditorFolder

IMPORTER = "/usr/share/krita/pykrita/plugin_importer"
SCRIPT = """
import builtins, sys
builtins.i18n = str
sys.path.insert(0, "{folder}")
from plugin_importer import PluginImporter
imported = PluginImporter("/share/exshot.zip", "/share/resources", lambda plugin: True).import_all()
print([plugin["name"] for plugin in imported])
"""


@pytest.fixture
def archive(checkout: Path, tmp_path: Path) -> Path:
    """The archive as ``make krita-zip`` packs it."""
    spec = importlib.util.spec_from_file_location("krita_zip", checkout / "tools/krita_zip.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.pack(tmp_path / "exshot.zip")
    return tmp_path / "exshot.zip"


def test_kritas_importer_puts_everything_in_place(
    editor_folder: EditorFolder, archive: Path
) -> None:
    (archive.parent / "resources").mkdir()
    (archive.parent / "resources").chmod(0o777)
    script = SCRIPT.format(folder=IMPORTER)
    done = editor_folder.run(["python3", "-c", script], archive.parent)
    assert done.stdout == "['exshot']\n", done.stderr
    resources = archive.parent / "resources"
    for name in (
        "docker.py",
        "manual.html",
        "exshot_contract/wire.py",
        "exshot_host/engine/client.py",
        "exshot_qt/panel.py",
    ):
        assert (resources / "pykrita/exshot" / name).is_file()
    assert (resources / "pykrita/exshot.desktop").is_file()
    assert (resources / "actions/exshot.action").is_file()


def test_the_archive_has_no_caches(archive: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        assert not [name for name in opened.namelist() if "__pycache__" in name]
