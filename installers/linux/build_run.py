"""Makes the self-extracting installer for Linux out of the bundle.

``python installers/linux/build_run.py`` writes ``dist/ExShot-VERSION-linux-ARCHITECTURE.run`` and
its checksum beside it. The file is ``header.sh`` followed by the bundle as ``tar.xz``.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import lzma
import os
import platform
import re
import stat
import subprocess
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
HERE = Path(__file__).resolve().parent
HEADER_BYTES = 16384  # fixed, for the number stands in the header itself
LARGEST_MB = 120


def main() -> None:
    """Build; print the installer's path."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundle", type=Path, default=ROOT / "build/bundle/exshot")
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    parser.add_argument("--quick", action="store_true", help="compress fast, for tests")
    wanted = parser.parse_args()
    if not (wanted.bundle / "exshot").is_file():
        raise SystemExit(f"There is no bundle in {wanted.bundle}: make bundle")
    archive = pack(wanted.bundle)
    payload = compress(archive, quick=wanted.quick)
    header = fill_header(payload, len(archive))
    wanted.out.mkdir(parents=True, exist_ok=True)
    path = wanted.out / f"ExShot-{version()}-linux-{platform.machine()}.run"
    path.write_bytes(header + payload)
    path.chmod(0o755)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    path.with_name(path.name + ".sha256").write_text(f"{digest}  {path.name}\n")
    megabytes = path.stat().st_size / 1e6
    if megabytes > LARGEST_MB and not wanted.quick:
        raise SystemExit(f"{path} has {megabytes:.0f} MB, more than {LARGEST_MB}.")
    print(f"{path} ({megabytes:.0f} MB)")


def version() -> str:
    """ExShot's version, read without importing anything."""
    text = (ROOT / "core/exshot_contract/version.py").read_text(encoding="utf-8")
    found = re.search(r'VERSION = "([^"]+)"', text)
    if found is None:
        raise SystemExit("core/exshot_contract/version.py has no version.")
    return found.group(1)


def pack(bundle: Path) -> bytes:
    """The bundle and its uninstaller as a tar archive that depends on nothing but their content."""
    moment = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))

    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = ""
        member.mtime = moment
        executable = member.isdir() or member.mode & stat.S_IXUSR
        member.mode = 0o755 if executable else 0o644
        return member

    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(bundle.rglob("*")):
            name = f"exshot/{path.relative_to(bundle).as_posix()}"
            archive.add(path, name, recursive=False, filter=plain)
        uninstaller = HERE / "exshot-uninstall"
        archive.add(uninstaller, "exshot/exshot-uninstall", recursive=False, filter=plain)
    return buffer.getvalue()


def compress(archive: bytes, *, quick: bool) -> bytes:
    """As ``.xz``; with the program where it is installed, for that uses all cores."""
    level = 0 if quick else 6
    try:
        command = ["xz", f"-{level}", "--threads=0", "--check=crc64", "--stdout"]
        return subprocess.run(command, input=archive, capture_output=True, check=True).stdout
    except FileNotFoundError:
        return lzma.compress(archive, preset=level)


def fill_header(payload: bytes, unpacked: int) -> bytes:
    """``header.sh`` with its numbers, filled up to `HEADER_BYTES`."""
    text = (HERE / "header.sh").read_text(encoding="utf-8")
    values = {
        "VERSION": version(),
        "ARCHITECTURE": platform.machine(),
        "HEADER_BYTES": str(HEADER_BYTES),
        "PAYLOAD_SHA256": hashlib.sha256(payload).hexdigest(),
        "UNPACKED_KB": str(unpacked // 1024),
    }
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    header = text.encode()
    if len(header) >= HEADER_BYTES:
        raise SystemExit(f"header.sh has {len(header)} bytes, {HEADER_BYTES - 1} are the most.")
    return header + b"#" * (HEADER_BYTES - len(header) - 1) + b"\n"


if __name__ == "__main__":
    main()
