"""Where the engine, its settings and its log are, on each system; the installers read it too.

Windows and macOS: written from their documentation, not yet tried on a real machine.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from exshot_host import texts
from exshot_host.errors import HostError

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
    if sys.platform == "darwin":
        library = Path("Library/Application Support/ExShot/runtime")
        return (home(env) / library, Path("/") / library)
    return (home(env) / ".local/lib/exshot", Path("/opt/exshot"), Path("/usr/lib/exshot"))


def config_folder(env: Mapping[str, str] | None = None) -> Path:
    """The folder of ``engine.json`` and ``settings.json``; it need not exist."""
    env = os.environ if env is None else env
    if sys.platform == "win32":
        return Path(env.get("APPDATA") or home(env) / "AppData/Roaming") / "ExShot"
    if sys.platform == "darwin":
        return home(env) / "Library/Application Support/ExShot"
    return _xdg(env, "XDG_CONFIG_HOME", ".config") / "exshot"


def log_folder(env: Mapping[str, str] | None = None) -> Path:
    """The folder of the engine's log; it need not exist."""
    env = os.environ if env is None else env
    if sys.platform == "win32":
        return Path(env.get("LOCALAPPDATA") or home(env) / "AppData/Local") / "ExShot" / "logs"
    if sys.platform == "darwin":
        return home(env) / "Library/Logs/ExShot"
    return _xdg(env, "XDG_STATE_HOME", ".local/state") / "exshot"


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
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"engine": list(argv), "prefer": prefer}, indent=2)
    path.write_text(text + "\n", encoding="utf-8")
    return path


def find_engine(env: Mapping[str, str] | None = None) -> EngineCommand:
    """The engine to start.

    In this order: the variable ``EXSHOT_ENGINE`` (a program, or several words divided by the
    system's path separator), a configured command that asks to be preferred, an installed bundle, a
    configured command, ``exshot`` on the PATH.

    Raises:
        HostError: ``engine_missing``; ``details`` lists where it was looked for.
    """
    env = os.environ if env is None else env
    configured, preferred = _configured(env)
    bundles = [folder / PROGRAM for folder in bundle_folders(env)]
    candidates = [("variable", _from_variable(env))]
    if preferred:
        candidates.append(("config", configured))
    candidates += [("bundle", (str(program), "engine")) for program in bundles]
    candidates.append(("config", configured))
    candidates.append(("python", _on_path(env)))
    for source, argv in candidates:
        if argv and shutil.which(argv[0], path=env.get("PATH")):
            return EngineCommand(argv, source)
    looked = [str(engine_config(env)), *map(str, bundles), "PATH"]
    raise HostError(
        "engine_missing",
        texts.ENGINE_MISSING,
        texts.ENGINE_MISSING_HINT,
        details="Looked in: " + ", ".join(looked),
    )


def home(env: Mapping[str, str]) -> Path:
    """The user's home folder; inside a Snap the real one, not the Snap's."""
    return Path(env.get("SNAP_REAL_HOME") or env.get("HOME") or Path.home())


def _xdg(env: Mapping[str, str], variable: str, default: str) -> Path:
    value = env.get(variable, "")
    return Path(value) if value.startswith("/") else home(env) / default


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
