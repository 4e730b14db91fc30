"""Finds GIMP and Krita and puts ExShot's plug-ins into them; the installers use this too."""

from exshot.plugins.editors import EditorPlace, find_editors
from exshot.plugins.install import (
    PluginState,
    Step,
    choose_engine,
    forget_engine,
    install,
    state_of,
    uninstall,
)
from exshot.plugins.sources import PluginSources, engine_command, find_sources
from exshot_contract.paths import UserFolders

__all__ = [
    "EditorPlace",
    "PluginSources",
    "PluginState",
    "Step",
    "UserFolders",
    "choose_engine",
    "engine_command",
    "find_editors",
    "find_sources",
    "forget_engine",
    "install",
    "state_of",
    "uninstall",
]
