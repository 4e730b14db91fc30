"""ExShot in Krita: the docker, and three actions under Tools ▸ Scripts."""

import importlib.util
import sys
from pathlib import Path


def _provide_libraries() -> None:
    """Make the packages in this folder importable, and only them: Krita's Python is shared by
    all plug-ins, so nothing else of ours may become visible through ``sys.path``."""
    for name in ("exshot_contract", "exshot_host", "exshot_qt"):
        start = Path(__file__).parent / name / "__init__.py"
        if name not in sys.modules and start.is_file():
            spec = importlib.util.spec_from_file_location(
                name, start, submodule_search_locations=[str(start.parent)]
            )
            sys.modules[name] = module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)


_provide_libraries()

from .plugin import register  # noqa: E402 - needs the libraries above

register()
