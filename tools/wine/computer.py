"""A user's Windows computer, made of Wine: what tests and measurements install ExShot on."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.wine import parts as parts_of
from tools.wine import windows_python
from tools.wine.folder import HERE, USER, USER_ID, WineFolder, cache, find_or_build
from tools.wine.prefix import fresh_prefix

CHECKOUT = HERE.parent.parent
HOME = rf"C:\users\{USER}"
PROGRAM = rf"{HOME}\AppData\Local\Programs\ExShot\exshot.exe"
SILENT = ("/VERYSILENT", "/SUPPRESSMSGBOXES", "/NORESTART")
INSIDE = r"Z:\exshot\tests\windows\inside"


@dataclass(frozen=True)
class Done:
    """How a Windows program ended: exit status and what it wrote, as bytes."""

    status: int
    stdout: bytes
    stderr: bytes

    @property
    def text(self) -> str:
        """Both streams, for reading."""
        return (self.stdout + self.stderr).decode("utf-8", "replace").replace("\r\n", "\n")


@dataclass(frozen=True)
class WindowsComputer:
    """The computer. ``prefix`` holds its drive C, ``python`` a Windows Python, which plays the one
    that an editor brings; the user has none."""

    folder: WineFolder
    prefix: Path
    python: Path

    @classmethod
    def new(cls, place: Path) -> WindowsComputer:
        """A computer on which nothing of ours has ever run; its drive C lies at ``place``.

        Raises:
            WineUnavailableError: this machine cannot run Wine.
        """
        folder = find_or_build()
        python = windows_python.find_or_assemble(cache(), folder, parts_of.fetch(cache()))
        return cls(folder, fresh_prefix(place, cache(), folder, python), python.home)

    @property
    def home(self) -> Path:
        """The user's folder, from outside."""
        return self.prefix / "drive_c/users" / USER

    @property
    def program(self) -> Path:
        """The folder of the installed program, from outside."""
        return self.home / "AppData/Local/Programs/ExShot"

    def copy(self, place: Path) -> WindowsComputer:
        subprocess.run(["cp", "--archive", str(self.prefix), str(place)], check=True)
        return WindowsComputer(self.folder, place, self.python)

    def shell(
        self,
        script: str,
        *,
        env: Mapping[str, str] = {},
        read_only: Mapping[str, Path] = {},
        timeout: float = 400.0,
    ) -> Done:
        """Run Linux shell code on this computer, which may start Windows programs with ``wine``."""
        subprocess.run(["chown", "-R", f"{USER_ID}:{USER_ID}", str(self.home)], check=True)
        shown = {"/exshot": CHECKOUT, "/python": self.python, **read_only}
        done = self.folder.run(
            ["bash", "-c", script],
            prefix=self.prefix,
            read_only=shown,
            env={"PYTHONDONTWRITEBYTECODE": "1", **env},
            timeout=timeout,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def exshot(self, *words: str, folder: str = HOME, env: Mapping[str, str] = {}) -> Done:
        """Run the installed command in a folder of drive C."""
        inside = "/prefix/drive_c" + folder.removeprefix("C:").replace("\\", "/")
        return self.shell(f"cd {shlex.quote(inside)} && {wine(PROGRAM, *words)}", env=env)

    def script(self, name: str, *words: str, env: Mapping[str, str] = {}) -> Done:
        """Run a script of ``tests/windows/inside`` with the Windows Python."""
        command = wine(r"Z:\python\python.exe", rf"{INSIDE}\{name}", *words)
        return self.shell(command, env={"PYTHONUTF8": "1", **env})

    def install(self, setup: Path, *, before: str = "") -> None:
        """Run the installer as an administrator's script would, after shell code ``before``."""
        command = wine(rf"Z:\setup\{setup.name}", *SILENT, r"/LOG=C:\setup.log")
        script = f"{before}\n{command} && wineserver -w"
        done = self.shell(script, read_only={"/setup": setup.parent})
        log = self.prefix / "drive_c/setup.log"
        said = log.read_text("utf-8", "replace")[-3000:] if log.exists() else ""
        assert done.status == 0, done.text + said
        log.unlink()

    def uninstall(self) -> Done:
        command = wine(PROGRAM.replace("exshot.exe", "unins000.exe"), *SILENT)
        return self.shell(f"{command} && wineserver -w")

    def start_editors_once(self) -> None:
        """Make what GIMP 3.0, GIMP 3.2 and Krita leave behind when they have run."""
        for version in ("3.0", "3.2"):
            (self.roaming / "GIMP" / version).mkdir(parents=True)
        (self.roaming / "krita").mkdir()
        self.kritarc.write_bytes(KRITARC)

    @property
    def roaming(self) -> Path:
        return self.home / "AppData/Roaming"

    @property
    def kritarc(self) -> Path:
        return self.home / "AppData/Local/kritarc"

    def pictures(self, *names: str) -> None:
        """Put the demo's pair, as JPEG, under two names into ``Pictures`` of the user."""
        for name, source in zip(names, ("pose.jpg", "expression.jpg")):
            target = self.home / "Pictures" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(CHECKOUT / "core/exshot/demo" / source, target)

    def files(self) -> set[str]:
        """Every path of the user's folder, but what Windows itself makes there."""
        found = (path.relative_to(self.home).as_posix() for path in self.home.rglob("*"))
        return {path for path in found if not path.startswith("AppData/Local/Temp")}

    def path_entries(self) -> list[str]:
        """The folders of the user's PATH in the registry; Wine keeps it as text."""
        registry = (self.prefix / "user.reg").read_text("utf-8", "replace")
        section = registry.partition("[Environment]")[2].partition("\n[")[0]
        found = re.search(r'^"P(?i:ath)"=(?:str\(2\):)?"(.*)"$', section, re.MULTILINE)
        if found is None:
            return []
        escape = r"\\(?:x([0-9a-f]{1,4})|(.))"
        plain = re.sub(escape, lambda m: chr(int(m[1], 16)) if m[1] else m[2], found.group(1))
        return plain.split(";")


KRITARC = b"[python]\r\nenable_other=true\r\n\r\n[theme]\r\nTheme=Dark\r\n"


def wine(*words: str) -> str:
    """The shell's command line for a Windows program."""
    return shlex.join(["wine", *words])
