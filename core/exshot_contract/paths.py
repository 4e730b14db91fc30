"""Folders of a user and ExShot's own among them, on each system.

Windows: tried under Wine. macOS: written from documentation, not yet tried on a real machine.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_OWN_NAME = "ExShot" if sys.platform in ("win32", "darwin") else "exshot"


@dataclass(frozen=True)
class UserFolders:
    """Where this user's programs keep their things; none of them need exist.

    Attributes:
        home: the home folder; inside a Snap the real one, not the Snap's.
        config: settings.
        data: what programs install for this user.
        local: settings that do not roam: Windows' Local, macOS' Preferences, else as ``config``.
        environ: the environment that they were found with.
    """

    home: Path
    config: Path
    data: Path
    local: Path
    environ: Mapping[str, str]

    @classmethod
    def current(cls, env: Mapping[str, str] | None = None) -> UserFolders:
        """Those that ``env`` (by default the process' environment) names.

        Raises `NoHomeFolder` where there is none.
        """
        env = os.environ if env is None else env
        home = Path(env.get("SNAP_REAL_HOME") or env.get("HOME") or _account_home())
        if sys.platform == "win32":
            roaming = Path(env.get("APPDATA") or home / "AppData/Roaming")
            local = Path(env.get("LOCALAPPDATA") or home / "AppData/Local")
            return cls(home, roaming, roaming, local, env)
        if sys.platform == "darwin":
            support = home / "Library/Application Support"
            return cls(home, support, support, home / "Library/Preferences", env)
        config = _xdg(env, "XDG_CONFIG_HOME", home / ".config")
        return cls(home, config, _xdg(env, "XDG_DATA_HOME", home / ".local/share"), config, env)


class NoHomeFolder(OSError):  # noqa: N818 - what is missing says it
    """This account has no home folder, and ``HOME`` names none."""


def _account_home() -> Path:
    try:
        return Path.home()
    except RuntimeError:
        raise NoHomeFolder("This account has no home folder.") from None


def config_folder(env: Mapping[str, str] | None = None) -> Path:
    """The folder of ``engine.json`` and ``settings.json``; it need not exist."""
    return UserFolders.current(env).config / _OWN_NAME


def log_folder(env: Mapping[str, str] | None = None) -> Path:
    """The folder of the engine's log; it need not exist."""
    folders = UserFolders.current(env)
    if sys.platform == "win32":
        return folders.local / _OWN_NAME / "logs"
    if sys.platform == "darwin":
        return folders.home / "Library/Logs" / _OWN_NAME
    return _xdg(folders.environ, "XDG_STATE_HOME", folders.home / ".local/state") / _OWN_NAME


def _xdg(env: Mapping[str, str], variable: str, default: Path) -> Path:
    """A folder of the XDG base directories; relative values are to be ignored, says their text."""
    value = env.get(variable, "")
    return Path(value) if value.startswith("/") else default
