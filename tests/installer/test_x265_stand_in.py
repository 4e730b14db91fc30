"""What lies in the bundle in the place of libx265."""

from __future__ import annotations

import ctypes
import importlib.util
import shutil
from pathlib import Path
from types import ModuleType

import pytest
from shared_data import CHECKOUT


@pytest.fixture
def stand_in() -> ModuleType:
    script = CHECKOUT / "installers/bundle/x265_stand_in.py"
    spec = importlib.util.spec_from_file_location("x265_stand_in", script)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler is here")
def test_it_has_what_that_libheif_asks_for_and_no_encoder(
    stand_in: ModuleType, tmp_path: Path
) -> None:
    libheif = tmp_path / "libheif.so.1"
    libheif.write_bytes(b"\x7fELF\0x265_cleanup\0x265_api_get_217\0")
    made = stand_in.compiled(libheif, tmp_path / "libx265.so.217", "cc")
    library = ctypes.CDLL(str(made))
    assert library.x265_api_get_217(8) == 0
    library.x265_cleanup()


def test_a_libheif_that_needs_none_is_told(stand_in: ModuleType, tmp_path: Path) -> None:
    libheif = tmp_path / "libheif.so.1"
    libheif.write_bytes(b"\x7fELF\0")
    with pytest.raises(SystemExit, match="does not ask for libx265"):
        stand_in.compiled(libheif, tmp_path / "libx265.so", "cc")


def test_only_the_encoder_is_replaced(stand_in: ModuleType) -> None:
    names = ("pillow_heif.libs/libx265-4883ecb5.so.217", "libx265-217-276e.dll")
    assert all(map(stand_in.is_x265, names))
    assert not any(map(stand_in.is_x265, ("libde265-0.dll", "pillow_heif/libheif.dylib")))
