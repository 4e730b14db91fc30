"""`exshot install-plugins`, `uninstall-plugins` and `doctor` in a made-up home."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from exshot.version import __version__

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="folders of a Linux home")
Run = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a GIMP 3.0 profile and a Krita; no editor is on the PATH."""
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "GIMP3_DIRECTORY", "EXSHOT_ENGINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    (tmp_path / ".config/GIMP/3.0").mkdir(parents=True)
    (tmp_path / ".local/share/krita").mkdir(parents=True)
    return tmp_path


def test_each_step_is_reported_and_doctor_sees_the_result(exshot: Run, home: Path) -> None:
    steps = json.loads(exshot("install-plugins", "--json").stdout)["steps"]
    assert {step["action"] for step in steps} <= {"done", "skipped"}
    assert {"GIMP 3.0", "Krita"} <= {step["editor"] for step in steps}
    findings = json.loads(exshot("doctor", "--json").stdout)["findings"]
    about = {finding["about"]: finding for finding in findings}
    for editor in ("GIMP 3.0", "Krita"):
        if any(step["editor"] == editor and step["action"] == "done" for step in steps):
            assert f"Plug-in {__version__} installed" in about[editor]["sentence"]
            assert sys.executable in about["Engine"]["sentence"]
    assert exshot("uninstall-plugins").exit_code == 0
    assert not (home / ".config/exshot").exists()
    assert [path for path in home.rglob("*") if path.is_file()] == []


def test_doctor_names_the_tested_versions_and_warns_of_newer_ones(exshot: Run, home: Path) -> None:
    (home / ".config/GIMP/3.8").mkdir()
    findings = json.loads(exshot("doctor", "--json").stdout)["findings"]
    told = {(finding["about"], finding["sentence"]) for finding in findings}
    assert ("Editors", "tested with GIMP 3.0.4, 3.2.6; Krita 5.2.9, 5.3.4, 6.0.4") in told
    newer = "is newer than the versions that ExShot was tested with."
    assert ("GIMP 3.8", newer) in told
    assert ("GIMP 3.0", newer) not in told


def test_one_editor_can_be_chosen(exshot: Run, home: Path) -> None:
    steps = json.loads(exshot("install-plugins", "--krita", "--json").stdout)["steps"]
    assert "GIMP 3.0" not in {step["editor"] for step in steps}


def test_a_failed_step_shows_in_the_exit_code(exshot: Run, home: Path) -> None:
    (home / ".config/GIMP/3.0/plug-ins/exshot").mkdir(parents=True)
    result = exshot("install-plugins", "--gimp")
    assert result.exit_code == 62
    assert "was not put there by ExShot" in result.stdout


def test_without_an_editor_there_is_a_clear_notice(
    exshot: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", "")
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "GIMP3_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    result = exshot("install-plugins")
    assert result.exit_code == 0
    assert "Neither GIMP 3 nor Krita was found" in result.stdout
