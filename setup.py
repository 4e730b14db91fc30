"""Puts the editors' plug-ins into the wheel; everything else is in pyproject.toml."""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

PLUGINS = {"gimp_plugin": "gimp", "krita_plugin": "krita"}
IGNORED = ("__pycache__", ".pyc")


class BuildWithPlugins(build_py):
    """As usual, with ``gimp_plugin`` and ``krita_plugin`` under ``exshot/plugin_files``.

    They are no packages of ours (an editor's own Python runs them), so no setting covers them.
    """

    def run(self) -> None:
        super().run()
        if self.editable_mode:  # a checkout's plug-ins are used where they are
            return
        for folder, name in PLUGINS.items():
            for source in sorted(Path(folder).rglob("*")):
                if source.is_file() and not any(word in str(source) for word in IGNORED):
                    target = Path(self.build_lib, "exshot", "plugin_files", name)
                    target /= source.relative_to(folder)
                    self.mkpath(str(target.parent))
                    self.copy_file(str(source), str(target))


setup(cmdclass={"build_py": BuildWithPlugins})
