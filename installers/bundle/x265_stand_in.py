"""x265_stand_in.py LIBHEIF OUT [COMPILER]: compile what stands in the bundle for libx265.

libx265 only writes HEIC, and is under the GPL: with it the installers could be passed on under the
GPL alone, and those for Linux not at all (OpenCV's wheel brings OpenSSL 1.1, whose licence the GPL
excludes). ``COMPILER`` is the command of a C compiler for the bundle's system, else ``CC`` or the
first of `COMPILERS` that is here.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).with_suffix(".c")
COMPILERS = ("cc", "gcc", "clang")
VARIABLE = "EXSHOT_X265_STAND_IN"  # of one that is compiled already


def is_x265(name: str) -> bool:
    """Whether a file of the bundle is the encoder."""
    return Path(name).name.startswith("libx265")


def find_or_compile(libheif: Path, out: Path) -> Path:
    """The stand-in for this ``libheif``: a compiled one that `VARIABLE` names, or a new one."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else compiled(libheif, out, _compiler())


def compiled(libheif: Path, out: Path, compiler: str) -> Path:
    """Compile it; ends with a sentence where that fails."""
    function = re.search(rb"x265_api_get_\d+", libheif.read_bytes())
    if function is None:
        raise SystemExit(f"{libheif.name} does not ask for libx265; leave the stand-in out.")
    flags = ["-shared", "-O2", f"-DX265_API_GET={function.group().decode()}"]
    if sys.platform == "darwin":
        flags += ["-compatibility_version", "999", "-current_version", "999"]
    else:
        flags += ["-nostdlib", "-s"]
        flags += [] if out.suffix == ".dll" else ["-fPIC", f"-Wl,-soname,{out.name}"]
    out.parent.mkdir(parents=True, exist_ok=True)
    command = [*compiler.split(), *flags, "-o", str(out), str(SOURCE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"The stand-in for libx265 did not compile.\n{done.stderr}")
    return out


def _compiler() -> str:
    named = os.environ.get("CC") or next(filter(shutil.which, COMPILERS), None)
    if named is None:
        raise SystemExit(f"No C compiler is here ({', '.join(COMPILERS)}); name one with CC.")
    return named


if __name__ == "__main__":
    compiled(Path(sys.argv[1]), Path(sys.argv[2]), *(sys.argv[3:] or [_compiler()]))
