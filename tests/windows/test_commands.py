"""The command ``exshot`` on Windows."""

from __future__ import annotations

import csv
import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from shared_data import CHECKOUT
from windows.wanted import beyond_the_core

from exshot.version import __version__
from tools.wine.computer import HOME, WindowsComputer, wine

DEMO = CHECKOUT / "core/exshot/demo"
PICTURES = rf"{HOME}\Pictures"
NOISE = ("DXGI", "cpuinfo", "onnxruntime", "\x00")
# OpenCV's optical flow, built by another compiler, ends some thousandths of a pixel elsewhere; with
# the demo about 40 of 5.8 million values differ, by at most 2 of 255.
MOST_VALUES, MOST_APART = 1e-4, 2


def test_version_and_doctor(installed: WindowsComputer) -> None:
    done = installed.exshot("--version")
    assert done.stdout.strip() == f"exshot {__version__}".encode()
    assert done.stderr == b""
    done = installed.exshot("doctor", "--json")
    findings = json.loads(done.stdout)["findings"]
    assert done.status == 0, findings
    said = " ".join(str(entry) for entry in findings)
    assert all(name in said for name in ("GIMP 3.0", "GIMP 3.2", "Krita"))


def test_faces_are_found_without_a_line_that_is_not_ours(installed: WindowsComputer) -> None:
    installed.pictures("pose.jpg")
    done = installed.exshot("faces", "pose.jpg", "--json", folder=PICTURES)
    assert done.status == 0, done.text
    assert len(json.loads(done.stdout)["faces"]) == 1
    assert done.stderr == b""
    shown = installed.exshot("faces", "pose.jpg", folder=PICTURES)
    assert not [noise for noise in NOISE if noise in shown.text]


def test_the_edit_is_the_one_made_on_linux(installed: WindowsComputer, linux_python: Path) -> None:
    installed.pictures("pose.jpg", "expression.jpg")
    done = installed.exshot(
        *("edit", "pose.jpg", "expression.jpg", "--out", "out.png"), folder=PICTURES
    )
    assert done.status == 0, done.text
    assert not [noise for noise in NOISE if noise in done.text]
    there = installed.home / "Pictures/linux.png"
    names = [str(DEMO / "pose.jpg"), str(DEMO / "expression.jpg")]
    subprocess.run(
        [str(linux_python), "-m", "exshot", "edit", *names, "--out", str(there), "--overwrite"],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT / "core")},
        check=True,
        capture_output=True,
    )
    windows, linux = (
        np.asarray(Image.open(installed.home / "Pictures" / name)).astype(int)
        for name in ("out.png", "linux.png")
    )
    apart = np.abs(windows - linux)
    assert apart.max() <= MOST_APART
    assert (apart > 0).mean() < MOST_VALUES


@beyond_the_core
@pytest.mark.parametrize(
    ("pose", "expression", "out"),
    [
        ("Bilder für Oma/Größe ä.jpg", "Bilder für Oma/Lächeln ß 2.jpg", "Bilder für Oma/neu.png"),
        ("😀 Fest/笑顔.jpg", "😀 Fest/b.jpg", "😀 Fest/Ergebnis 😀.jpg"),
        ("MixedCase/Photo.JPG", "mixedcase/OTHER.jpeg", "MIXEDCASE/out.tif"),
    ],
)
def test_names_with_spaces_umlauts_emoji_and_mixed_case(
    installed: WindowsComputer, pose: str, expression: str, out: str
) -> None:
    installed.pictures(pose, expression.replace("mixedcase", "MixedCase"))
    words = [name.replace("/", "\\") for name in (pose, expression)]
    target = out.replace("/", "\\")
    done = installed.exshot("edit", *words, "--out", target, "--overwrite", folder=PICTURES)
    assert done.status == 0, done.text
    written = installed.home / "Pictures" / out.replace("MIXEDCASE", "MixedCase")
    assert written.stat().st_size > 10_000
    assert Image.open(written).size == (1200, 1600)


@beyond_the_core
def test_a_photo_is_not_replaced_under_another_spelling(installed: WindowsComputer) -> None:
    installed.pictures("pose.jpg", "expression.jpg")
    before = (installed.home / "Pictures/pose.jpg").read_bytes()
    for name in ("POSE.JPG", rf"{HOME.upper()}\pictures\Pose.jpg", r".\pose.jpg"):
        done = installed.exshot(
            *("edit", "pose.jpg", "expression.jpg", "--out", name, "--overwrite"), folder=PICTURES
        )
        assert done.status == 31, done.text
        assert "one of the input photos" in done.text
    assert (installed.home / "Pictures/pose.jpg").read_bytes() == before


@beyond_the_core
def test_drive_letters_network_shares_and_long_paths(installed: WindowsComputer) -> None:
    drives = installed.prefix / "dosdevices"
    card = installed.prefix / "drive_c/card"
    share = drives / "unc/server/photos"
    deep = "/".join(["a folder with a name of fifty letters, more or less"] * 6)
    for folder in (card, share, installed.home / "Pictures" / deep):
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("pose.jpg", "expression.jpg"):
            (folder / name).write_bytes((DEMO / name).read_bytes())
    if not (drives / "e:").exists():
        (drives / "e:").symlink_to("../drive_c/card")
    subprocess.run(["chown", "-R", "4242:4242", str(card), str(drives / "unc")], check=True)
    inside = PICTURES + "\\" + deep.replace("/", "\\")
    assert len(inside) > 300
    for folder in ("E:", r"\\server\photos", inside):
        done = installed.exshot("faces", rf"{folder}\pose.jpg", "--json")
        assert done.status == 0, done.text
    words = [rf"{inside}\{name}" for name in ("pose.jpg", "expression.jpg", "out.png")]
    done = installed.exshot("edit", words[0], words[1], "--out", words[2], "--overwrite")
    assert done.status == 0, done.text
    assert (installed.home / "Pictures" / deep / "out.png").is_file()


@beyond_the_core
@pytest.mark.parametrize(
    ("name", "status", "said"),
    [
        *((name, 30, "Windows") for name in ("aux.jpg", "con.png", "LPT1.tif", "photo:b.png")),
        # Windows would write these to out.png.
        *((name, 30, "drops a dot or space") for name in ("out.png.", "out.png ")),
    ],
)
def test_names_that_windows_would_not_write_are_refused(
    installed: WindowsComputer, name: str, status: int, said: str
) -> None:
    installed.pictures("pose.jpg", "expression.jpg")
    before = installed.files()
    done = installed.exshot(*("edit", "pose.jpg", "expression.jpg", "--out", name), folder=PICTURES)
    assert done.status == status, done.text
    assert said in done.text
    assert installed.files() == before


@beyond_the_core
def test_suggest_and_batch(installed: WindowsComputer) -> None:
    installed.pictures("pose.jpg", "expression.jpg")
    done = installed.exshot("suggest", "pose.jpg", "expression.jpg", "--json", folder=PICTURES)
    assert done.status == 0, done.text
    json.loads(done.stdout)
    listing = installed.home / "Pictures/list.csv"
    with listing.open("w", newline="", encoding="utf-8-sig") as file:
        rows = csv.writer(file)
        rows.writerow(["pose", "expression", "out"])
        rows.writerow(["pose.jpg", "expression.jpg", "made\\Ergebnis 1.png"])
        rows.writerow(["pose.jpg", "missing.jpg", "made\\2.png"])
    (installed.home / "Pictures/made").mkdir()
    done = installed.exshot("batch", "list.csv", "--jobs", "2", "--json", folder=PICTURES)
    assert done.status == 60, done.text
    edits = json.loads(done.stdout)["edits"]
    assert [edit["status"] for edit in edits] == ["made", "failed"]
    assert "missing.jpg" in edits[1]["error"]["sentence"]
    assert (installed.home / "Pictures/made/Ergebnis 1.png").is_file()


@beyond_the_core
@pytest.mark.parametrize("code_page", ["cp850", "cp1252", "utf-8"])
def test_output_in_every_code_page(installed: WindowsComputer, code_page: str) -> None:
    """Into a pipe, where Python takes the code page of the country unless told otherwise."""
    installed.pictures("Größe 😀.jpg")
    photo = rf"{PICTURES}\Größe 😀.jpg"
    done = installed.script("in_code_page.py", code_page, "doctor")
    assert "GIMP 3.0" in done.stdout.decode(code_page), done.text
    done = installed.script(
        *("in_code_page.py", code_page, "edit", photo, photo, "--out", photo, "--overwrite")
    )
    assert done.status == 31, done.text
    assert r"Größe \U0001f600.jpg" in done.stderr.decode(code_page).replace("😀", r"\U0001f600")


@beyond_the_core
def test_a_console_program_is_started_from_the_path(installed: WindowsComputer) -> None:
    done = installed.shell(wine("cmd", "/c", "exshot --version"))
    assert done.stdout.strip() == f"exshot {__version__}".encode(), done.text
