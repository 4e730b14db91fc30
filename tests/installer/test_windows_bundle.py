"""What must not get into the Windows bundle, as far as it shows without making one."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest
from shared_data import CHECKOUT


def test_a_bundle_with_a_part_of_windows_in_it_is_refused(tmp_path: Path) -> None:
    """PyInstaller put the C runtime there as ``ucrtbase``, without an ending."""
    script = CHECKOUT / "installers/windows/build_setup.py"
    spec = importlib.util.spec_from_file_location("build_setup", script)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "_internal").mkdir()
    (tmp_path / "_internal/python311.dll").touch()
    module.check_bundle(tmp_path)
    for name in ("ucrtbase", "UCRTBASE.dll"):
        (tmp_path / "_internal" / name).touch()
        with pytest.raises(SystemExit, match="parts of Windows"):
            module.check_bundle(tmp_path)
        (tmp_path / "_internal" / name).unlink()


def test_no_source_names_a_library_of_windows_where_pyinstaller_would_take_it() -> None:
    """`ctypes.CDLL("name")` makes it put that library into the bundle; kernel32 it knows."""
    for path in (CHECKOUT / "core/exshot").rglob("*.py"):
        found = re.findall(r'\b(?:CDLL|WinDLL|OleDLL)\("(\w+)', path.read_text(encoding="utf-8"))
        assert set(found) <= {"kernel32"}, path
