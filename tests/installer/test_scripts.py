"""What can be checked of the installers that cannot run here."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from shared_data import CHECKOUT

from exshot_contract import engine_command

INSTALLERS = CHECKOUT / "installers"
WORKFLOW = CHECKOUT / ".github/workflows/release.yml"


def test_the_release_workflow_builds_all_three_with_checksums_and_a_bill_of_materials() -> None:
    jobs = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]
    systems = {entry["system"] for entry in jobs["installer"]["strategy"]["matrix"]["include"]}
    assert systems == {"linux", "windows", "macos"}
    text = WORKFLOW.read_text(encoding="utf-8")
    assert "SHA256SUMS" in text
    assert ".cdx.json" in text
    for script in re.findall(r"installers/[\w./-]+", text):
        assert (CHECKOUT / script).is_file(), script


def test_the_windows_script_names_files_that_exist_and_the_folder_that_plugins_look_in() -> None:
    path = INSTALLERS / "windows/exshot.iss"
    text = path.read_text(encoding="utf-8")
    sources = re.findall(r'(?:LicenseFile=|Source: ")([^"\n]+)', text)
    assert sources
    for source in sources:
        found = path.parent / source.replace("\\", "/").rstrip("*")
        assert found.exists() or "build/bundle" in str(found), source
    assert "{localappdata}\\Programs\\ExShot" in text
    sections = re.findall(r"^\[(\w+)\]$", text, re.MULTILINE)
    assert {"Setup", "Files", "Run", "UninstallRun", "Code"} <= set(sections)
    assert len(re.findall(r"\bbegin\b", text)) == len(re.findall(r"\bend;", text))


def test_the_mac_script_installs_where_plugins_look() -> None:
    text = (INSTALLERS / "macos/build_pkg.sh").read_text(encoding="utf-8")
    assert "Library/Application Support/ExShot/runtime" in text
    assert "Library/Application Support/ExShot/runtime" in Path(engine_command.__file__).read_text(
        "utf-8"
    )


def test_the_mac_installer_is_for_the_macs_that_onnx_runtime_has_builds_for() -> None:
    text = (INSTALLERS / "macos/build_pkg.sh").read_text(encoding="utf-8")
    assert "--min-os-version 14.0" in text
    assert "macOS 14 or newer" in (CHECKOUT / "docs/install.md").read_text(encoding="utf-8")
    done = subprocess.run(
        ["bash", str(INSTALLERS / "macos/build_pkg.sh"), "0.0.0"],
        capture_output=True,
        text=True,
        check=False,
    )
    if platform.machine() != "arm64":
        assert done.returncode == 1
        assert "no build for Intel Macs" in done.stderr


@pytest.mark.parametrize(
    "script",
    ["linux/exshot-uninstall", "macos/build_pkg.sh", "macos/scripts/postinstall",
     "macos/exshot-uninstall", "lock.sh", "sbom.sh"],
)  # fmt: skip
def test_scripts_are_executable(script: str) -> None:
    assert os.access(INSTALLERS / script, os.X_OK)


def test_every_locked_package_has_a_hash_and_the_runtime_is_all_there() -> None:
    text = (INSTALLERS / "requirements.lock").read_text(encoding="utf-8")
    packages = re.findall(r"^([a-z][\w.-]*)==", text, re.MULTILINE)
    blocks = re.split(r"^(?=[a-z])", text, flags=re.MULTILINE)[1:]
    assert len(blocks) == len(packages)
    assert all("--hash=sha256:" in block for block in blocks)
    for name in ("numpy", "onnxruntime", "opencv-python-headless", "pillow-heif", "pyinstaller"):
        assert name in packages
    assert not {"torch", "matplotlib", "onnx"} & set(packages)
