"""What scripts rely on: exit codes, defaults, a quick start, completion, the version."""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from exshot.cli.failure import (
    BATCH_FAILED,
    DOCTOR_FAILED,
    EXIT_CODES,
    PLUGINS_FAILED,
    TERMINATED,
)
from exshot.errors import ErrorCode
from exshot.options import EditOptions
from exshot.version import __version__
from exshot_contract import options as table

Run = Callable[..., Result]
HEAVY = ("numpy", "cv2", "onnxruntime", "PIL", "rich")


def test_every_failure_has_an_exit_code_of_its_own() -> None:
    assert set(EXIT_CODES) == set(ErrorCode)
    codes = [*EXIT_CODES.values(), BATCH_FAILED, DOCTOR_FAILED, PLUGINS_FAILED, TERMINATED]
    assert len(set(codes)) == len(codes)
    assert 0 not in codes


def test_exit_codes_are_those_of_the_manual(checkout: Path) -> None:
    manual = (checkout / "docs/cli.md").read_text()
    listed = dict(re.findall(r"^\| (\d+) \| `(\w+)`", manual, re.MULTILINE))
    expected = {str(code): error.value for error, code in EXIT_CODES.items()}
    own = {"batch_failed": BATCH_FAILED, "doctor_failed": DOCTOR_FAILED}
    own |= {"plugins_failed": PLUGINS_FAILED, "terminated": TERMINATED}
    assert listed == expected | {str(code): name for name, code in own.items()}


def test_dialogs_and_command_line_share_defaults_and_choices() -> None:
    library = dataclasses.asdict(EditOptions())
    for spec in table.OPTIONS:
        group, _, name = spec.key.rpartition(".")
        value = library["regions"][name] if group else library[name]
        assert value == spec.default, spec.key


def test_the_manual_names_every_flag(exshot: Run, checkout: Path) -> None:
    manual = (checkout / "docs/cli.md").read_text()
    commands = ("edit", "faces", "batch", "demo", "doctor", "install-plugins", "uninstall-plugins")
    for command in commands:
        flags = set(re.findall(r"--[a-z][a-z-]+", exshot(command, "--help").stdout))
        missing = {flag for flag in flags - {"--help"} if flag not in manual}
        assert not missing, command


def test_the_version_is_printed(exshot: Run) -> None:
    assert exshot("--version").stdout == f"exshot {__version__}\n"


def run_python(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **variables},
        timeout=120,
    )


def test_help_and_import_load_nothing_heavy() -> None:
    code = (
        "import sys, exshot, exshot.cli.app; "
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    assert run_python("-c", code).stdout == "[]\n"


def test_python_dash_m_is_the_command() -> None:
    answer = run_python("-m", "exshot", "--version")
    assert answer.stdout == f"exshot {__version__}\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_commands(shell: str) -> None:
    variables = {
        "bash": {"COMP_WORDS": "exshot inst", "COMP_CWORD": "1"},
        "zsh": {"_TYPER_COMPLETE_ARGS": "exshot inst"},
        "fish": {
            "_TYPER_COMPLETE_ARGS": "exshot inst",
            "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        },
    }
    code = "import sys; sys.argv = ['exshot']; from exshot.cli import main; main()"
    answer = run_python("-c", code, _EXSHOT_COMPLETE=f"complete_{shell}", **variables[shell])
    assert "install-plugins" in answer.stdout, answer


def test_a_wrong_flag_is_a_usage_error(exshot: Run) -> None:
    result = exshot("edit", "a.jpg", "b.jpg", "-o", "c.jpg", "--strenght", "1")
    assert result.exit_code == 2
    assert "--strength" in result.stderr
