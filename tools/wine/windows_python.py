"""Puts a Windows Python 3.11 together from PyPI's wheels and Debian's standard library.

``python311.dll`` and the compiled modules are python.org's own, out of the wheel ``panda3d``; the
pure part of the standard library is the same on every system. ``python.exe``, the forwarder
``python3.dll`` and what Wine lacks are compiled with mingw-w64.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tools.wine import c_runtime
from tools.wine.folder import HERE, USER_ID, WineFolder, digest, locked
from tools.wine.parts import Parts, pip_for_windows

WINE_LIBRARIES = "usr/lib/x86_64-linux-gnu/wine/x86_64-windows"
LEFT_OUT = ("__pycache__", "lib-dynload", "test", "config-*", "_sysconfigdata*", "idlelib",
            "EXTERNALLY-MANAGED", "sitecustomize.py", "dist-packages")  # fmt: skip
COMPILE = "x86_64-w64-mingw32-gcc -O2 -s -static-libgcc"


@dataclass(frozen=True)
class WindowsPython:
    """``home`` holds ``python.exe`` and the locked packages, ``for_wine`` what belongs into the
    system folder of a Wine prefix."""

    home: Path
    for_wine: Path


def find_or_assemble(cache: Path, folder: WineFolder, parts: Parts) -> WindowsPython:
    """The Windows Python, put together where it is not there yet."""
    recipe = [HERE / name for name in ("windows_python.py", "c_runtime.py", "python.c")]
    place = cache / f"python-{digest(*recipe, HERE / 'process_prng.c', parts.requirements)}"
    with locked(place):
        if not place.is_dir():
            fresh = cache / "python.building"
            shutil.rmtree(fresh, ignore_errors=True)
            _assemble(WindowsPython(fresh / "python", fresh / "for-wine"), folder, parts)
            fresh.rename(place)
    return WindowsPython(place / "python", place / "for-wine")


def _assemble(python: WindowsPython, folder: WineFolder, parts: Parts) -> None:
    python.for_wine.mkdir(parents=True)
    exports = _reader_of_exports(parts.wheels)
    shutil.copytree(
        folder.root / "usr/lib/python3.11",
        python.home / "Lib",
        ignore=shutil.ignore_patterns(*LEFT_OUT),
    )
    _take_libraries(parts.wheels, python.home)
    _install_packages(parts, python.home / "Lib/site-packages")
    wine_library = folder.root / WINE_LIBRARIES / "ucrtbase.dll"
    copy = c_runtime.unmarked(wine_library.read_bytes())
    (python.for_wine / f"{c_runtime.OWN_NAME}.dll").write_bytes(copy)
    sources = {
        "python.c": (HERE / "python.c").read_text(encoding="utf-8"),
        "process_prng.c": (HERE / "process_prng.c").read_text(encoding="utf-8"),
        "nothing.c": "int DllMainCRTStartup(void *a, int b, void *c) { return 1; }\n",
        "python3.def": _forwarder("python3", "python311", exports(python.home / "python311.dll")),
        "ucrtbase.c": c_runtime.c_source(),
        "ucrtbase.def": c_runtime.definition(exports(wine_library)),
    }
    work = python.home.parent / "compiling"
    work.mkdir()
    os.chown(work, USER_ID, USER_ID)
    for name, text in sources.items():
        (work / name).write_text(text, encoding="utf-8")
    script = f"""set -e; cd /work
{COMPILE} -municode python.c -o python.exe
{COMPILE} -shared -nostdlib nothing.c python3.def -o python3.dll
{COMPILE} -shared ucrtbase.c ucrtbase.def -o ucrtbase.dll
{COMPILE} -shared process_prng.c -ladvapi32 -o bcryptprimitives.dll
python3.11 -m compileall -q -j 0 /python/Lib || true"""  # lib2to3 has tests that do not compile
    library = python.home / "Lib"
    subprocess.run(["chown", "-R", f"{USER_ID}:{USER_ID}", str(library)], check=True)
    binds = {"/work": work, "/python/Lib": library}
    done = folder.run(["bash", "-c", script], prefix=work / "unused", binds=binds)
    if done.returncode != 0:
        raise SystemExit((done.stdout + done.stderr).decode(errors="replace"))
    for name in ("python.exe", "python3.dll"):
        shutil.copy(work / name, python.home)
    for name in ("ucrtbase.dll", "bcryptprimitives.dll"):
        shutil.copy(work / name, python.for_wine)
    shutil.rmtree(work)


def _take_libraries(wheels: Path, home: Path) -> None:
    """Python's own libraries beside ``python.exe``, Microsoft's runtime with them."""
    (home / "DLLs").mkdir()
    for wheel, folder in (("panda3d-*", "deploy_libs"), ("msvc_runtime-*", "Scripts")):
        (path,) = wheels.glob(f"{wheel}.whl")
        with zipfile.ZipFile(path) as archive:
            for entry in archive.namelist():
                name = PurePosixPath(entry)
                if name.parent.name != folder or name.name.lower().startswith("api-ms-"):
                    continue
                beside = name.name.lower().startswith(("python311", "vcruntime", "msvcp", "concrt"))
                if folder == "deploy_libs" and name.name.lower().startswith("vcruntime"):
                    continue  # the runtime's own wheel has a newer one
                target = home if beside else home / "DLLs"
                if name.suffix.lower() in (".dll", ".pyd"):
                    (target / name.name).write_bytes(archive.read(entry))


def _install_packages(parts: Parts, target: Path) -> None:
    """What the lock file lists, checked against its hashes once more."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    here = ["--no-index", "--find-links", str(parts.wheels), "--target", str(target)]
    command = [*pip, *pip_for_windows(), *here, "--requirement", str(parts.requirements)]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PIP_")}
    if subprocess.run(command, check=False, env=environment).returncode != 0:
        raise SystemExit("pip failed, see above.")


def _reader_of_exports(wheels: Path) -> Callable[[Path], list[str]]:
    """A function that lists the names which a Windows library exports."""
    (wheel,) = wheels.glob("pefile-*.whl")  # PyInstaller needs it, so the lock file has it
    sys.path.append(str(wheel))
    import pefile

    table = pefile.DIRECTORY_ENTRY["IMAGE_DIRECTORY_ENTRY_EXPORT"]

    def exports(library: Path) -> list[str]:
        parsed = pefile.PE(str(library), fast_load=True)
        parsed.parse_data_directories([table])
        symbols = parsed.DIRECTORY_ENTRY_EXPORT.symbols
        return [symbol.name.decode() for symbol in symbols if symbol.name]

    return exports


def _forwarder(name: str, other: str, exports: list[str]) -> str:
    """The linker's list for a library that only passes on to another."""
    lines = [f'  "{symbol}" = {other}.{symbol}' for symbol in exports]
    return "\n".join([f"LIBRARY {name}.dll", "EXPORTS", *lines]) + "\n"
