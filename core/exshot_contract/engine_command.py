"""Which engine plug-ins start: where it is noted, where it is looked for.

Windows: tried under Wine. macOS: written from documentation, not yet tried on a real machine.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from exshot_contract.paths import UserFolders, config_folder
from exshot_contract.replacing import write_whole

ENGINE_VARIABLE = "EXSHOT_ENGINE"
PROGRAM = "exshot.exe" if sys.platform == "win32" else "exshot"


@dataclass(frozen=True)
class EngineCommand:
    """How to start the engine. ``source``: ``variable``, ``bundle``, ``config`` or ``python``."""

    argv: tuple[str, ...]
    source: str


def bundle_folders(env: Mapping[str, str] | None = None) -> tuple[Path, ...]:
    """Folders that an installed bundle (with `PROGRAM` at its top) may be in, the user's first."""
    env = os.environ if env is None else env
    if sys.platform == "win32":
        roots = [(env.get("LOCALAPPDATA"), "Programs"), (env.get("PROGRAMFILES"), "")]
        return tuple(Path(root) / sub / "ExShot" for root, sub in roots if root)
    home = UserFolders.current(env).home
    if sys.platform == "darwin":
        library = Path("Library/Application Support/ExShot/runtime")
        return (home / library, Path("/") / library)
    return (home / ".local/lib/exshot", Path("/opt/exshot"), Path("/usr/lib/exshot"))


def engine_config(env: Mapping[str, str] | None = None) -> Path:
    """The file that `write_engine_config` writes."""
    return config_folder(env) / "engine.json"


def write_engine_config(
    argv: tuple[str, ...], *, prefer: bool = False, env: Mapping[str, str] | None = None
) -> Path:
    """Have plug-ins start this command; with ``prefer`` also where a bundle is installed.

    ``("/path/to/python", "-m", "exshot.engine")`` is how a checkout or virtual environment is used.
    """
    path = engine_config(env)
    text = json.dumps({"engine": list(argv), "prefer": prefer}, indent=2)
    write_whole(path, f"{text}\n".encode())
    return path


def find_command(env: Mapping[str, str] | None = None) -> EngineCommand | None:
    """The engine to start; None where none is found.

    In this order: the variable ``EXSHOT_ENGINE`` (a program, or several words divided by the
    system's path separator), a configured command that asks to be preferred, an installed bundle, a
    configured command, ``exshot`` on the PATH.
    """
    env = os.environ if env is None else env
    configured, preferred = _configured(env)
    candidates = [("variable", _from_variable(env))]
    if preferred:
        candidates.append(("config", configured))
    candidates += [("bundle", (str(program), "engine")) for program in _bundles(env)]
    candidates.append(("config", configured))
    candidates.append(("python", _on_path(env)))
    for source, argv in candidates:
        if argv and shutil.which(argv[0], path=env.get("PATH")):
            return EngineCommand(argv, source)
    return None


def places_searched(env: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Where `find_command` looks, for a report."""
    return (str(engine_config(env)), *map(str, _bundles(env)), "PATH")


def _bundles(env: Mapping[str, str] | None) -> tuple[Path, ...]:
    return tuple(folder / PROGRAM for folder in bundle_folders(env))


def _from_variable(env: Mapping[str, str]) -> tuple[str, ...]:
    value = env.get(ENGINE_VARIABLE, "")
    words = tuple(word for word in value.split(os.pathsep) if word)
    return (*words, "engine") if len(words) == 1 else words


def _configured(env: Mapping[str, str]) -> tuple[tuple[str, ...], bool]:
    try:
        record = json.loads(engine_config(env).read_text(encoding="utf-8"))
        argv = tuple(record["engine"])
        if all(isinstance(word, str) for word in argv):
            return argv, record.get("prefer") is True
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass  # no file, or one that is damaged: as if there were none
    return (), False


def _on_path(env: Mapping[str, str]) -> tuple[str, ...]:
    program = shutil.which(PROGRAM, path=env.get("PATH"))
    return (program, "engine") if program else ()
