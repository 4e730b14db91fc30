"""The parts that the Windows installer is made of, as far as they can be checked without Wine."""

from __future__ import annotations

import re

import pytest

from tools.locked_wheels import SYSTEMS, for_system
from tools.wine import c_runtime
from tools.wine.parts import LIST, LOCK, for_windows


def test_the_lock_file_for_windows_has_one_version_of_each_and_no_mac() -> None:
    lock = for_windows(LOCK.read_text("utf-8"))
    names = re.findall(r"^([a-z][\w.-]*)==", lock, re.MULTILINE)
    assert len(names) == len(set(names))
    assert {"numpy", "onnxruntime", "colorama", "pefile", "pyinstaller"} <= set(names)
    assert "macholib" not in names
    assert ";" not in re.sub(r"#.*", "", lock)
    entries = re.split(r"^(?=[a-z])", lock, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in entry for entry in entries)


def test_every_other_part_is_pinned_with_a_checksum() -> None:
    entries = re.split(r"^(?=[a-z])", LIST.read_text("utf-8"), flags=re.MULTILINE)[1:]
    assert len(entries) == 2
    assert all(
        re.match(r"[\w-]+==[\d.]+ \\\n +--hash=sha256:[0-9a-f]{64}$", e.split("\n#")[0].strip())
        for e in entries
    )


def test_the_added_functions_are_ours_and_all_others_wines() -> None:
    lines = c_runtime.definition(["malloc", "cabs", "?what@@YAXXZ"]).splitlines()
    assert '  "malloc" = ucrtwine.malloc' in lines
    assert '  "?what@@YAXXZ" = ucrtwine.?what@@YAXXZ' in lines
    assert '  "cabs" = exshot_cabs' in lines
    assert '  "cpowf" = exshot_cpowf' in lines
    assert not any("ucrtwine.cabs" in line for line in lines)
    source = c_runtime.c_source()
    assert all(f"exshot_{name}(" in source for name in c_runtime.complex_names())


def test_only_a_library_of_wines_loses_its_mark() -> None:
    library = b"MZ".ljust(0x40, b"\0") + b"Wine builtin DLL".ljust(32, b"\0") + b"code"
    assert c_runtime.unmarked(library) == b"MZ".ljust(0x60, b"\0") + b"code"
    with pytest.raises(ValueError, match="none of Wine's"):
        c_runtime.unmarked(b"MZ".ljust(100, b"\0"))


@pytest.mark.parametrize("system", SYSTEMS)
def test_each_system_gets_its_own_packages(system: str) -> None:
    lock = for_system(LOCK.read_text("utf-8"), system)
    names = re.findall(r"^([a-z][\w.-]*)==", lock, re.MULTILINE)
    assert len(names) == len(set(names))
    assert ("colorama" in names) is (system == "win32")
    assert ("macholib" in names) is (system == "darwin")
    if system == "win32":
        assert lock == for_windows(LOCK.read_text("utf-8"))
