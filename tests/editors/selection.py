"""Which editors the tests run in, and what pytest says at its end of those that it could not have.

``--suite forky`` takes the tests of one suite of Debian, ``--suite all`` those of all. Without it
everything runs in the first suite, and in the newer ones what is marked ``newer_editors``. The
hooks here are taken over by ``tests/conftest.py``.
"""

from __future__ import annotations

import functools

import pytest
from editors.folder import SUITES, EditorFolder, FolderUnavailableError, find_or_build

_FIRST = next(iter(SUITES))
_ALL = "all"
_missing: dict[str, str] = {}


@functools.cache
def look_for(suite: str) -> EditorFolder | str:
    """The suite's folder, or why there is none; looked for once."""
    try:
        return find_or_build(suite)
    except FolderUnavailableError as error:
        _missing[suite] = str(error)
        return str(error)


def pytest_addoption(parser: pytest.Parser) -> None:
    told = f"the editors to test in: {', '.join(SUITES)}, or {_ALL}"
    parser.addoption("--suite", default="", choices=["", *SUITES, _ALL], help=told)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    chosen = str(config.getoption("--suite"))
    left_out = [item for item in items if not _runs(item, chosen)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


def _runs(item: pytest.Item, chosen: str) -> bool:
    callspec = getattr(item, "callspec", None)
    suite = callspec.params.get("editor_folder") if callspec is not None else None
    if suite is None or chosen in (_ALL, suite):
        return True
    return not chosen and (suite == _FIRST or item.get_closest_marker("newer_editors") is not None)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for suite, reason in _missing.items():
        terminalreporter.line(f"NOT TESTED: {SUITES[suite]} (Debian {suite}): {reason}.", red=True)
        terminalreporter.line(f"  When that is mended: make test-editors SUITE={suite}")
