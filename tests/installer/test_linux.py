"""The Linux installer, as an ordinary user without a network meets it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from bundle_components import check_components
from installer.conftest import Computer
from PIL import Image
from shared_data import CHECKOUT

from exshot import Editor, Photo
from exshot.photo import flatten
from exshot.version import __version__

INSTALL = "sh /share/ExShot.run --accept"
DEMO = CHECKOUT / "core/exshot/demo"
GIMP = (
    "gimp-console --no-interface --no-data --no-fonts --batch-interpreter=python-fu-eval "
    "--batch='exec(open(\"/exshot/tests/installer/inside/gimp_edit.py\").read())' --quit"
)
KRITA = (
    "QT_QPA_PLATFORM=offscreen PYTHONPATH=/exshot/tests/installer/inside "
    "kritarunner -s krita_edit -f main"
)
SETTINGS = ".config/exshot/settings.json"
LARGEST = 1.0  # mean difference allowed between an editor's picture and the library's, in 255ths


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, np.ndarray]:
    """A folder with ``pose.png`` and ``expression.png``, and the edit from the sources."""
    folder = tmp_path_factory.mktemp("pictures")
    for name in ("pose", "expression"):
        picture = Image.open(DEMO / f"{name}.jpg").convert("RGB")
        picture.thumbnail((800, 800))
        picture.save(folder / f"{name}.png")
    pose = Photo.open(folder / "pose.png")
    edit = Editor().edit(pose, Photo.open(folder / "expression.png"))
    return folder, flatten(pose, edit)


@pytest.mark.newer_editors
def test_install_edit_upgrade_uninstall(
    computer: Computer, expected: tuple[Path, np.ndarray]
) -> None:
    folder, from_source = expected
    for picture in folder.iterdir():
        shutil.copy(picture, computer.share)
    # Both editors have run once, as on any computer on which they are used.
    first = computer.run(f"{GIMP}; {KRITA}; rm -f /share/*.status; true")
    assert first.returncode == 0
    before = computer.files()
    kritarc = computer.home / ".config/kritarc"
    original = kritarc.read_bytes() if kritarc.exists() else None

    done = computer.run(INSTALL)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"ExShot {__version__} is installed" in done.stdout
    assert "✓ GIMP 3." in done.stdout
    assert "✓ Krita" in done.stdout
    assert "not on your PATH" in done.stdout
    edit_everywhere(computer, from_source)

    (computer.home / SETTINGS).write_text('{"kept": true}')
    again = computer.run(INSTALL)
    assert again.returncode == 0, again.stdout + again.stderr
    assert (computer.home / SETTINGS).read_text() == '{"kept": true}'
    assert not list((computer.home / ".local/lib").glob(".*")), "a stage was left"
    edit_everywhere(computer, from_source)

    gone = computer.run("$HOME/.local/bin/exshot-uninstall --yes")
    assert gone.returncode == 0, gone.stdout + gone.stderr
    left = [path for path in computer.files() if path not in (".config/exshot", SETTINGS)]
    assert left == before
    if original is not None:
        assert kritarc.read_bytes() == original


def edit_everywhere(computer: Computer, from_source: np.ndarray) -> None:
    """The same edit by the command, by GIMP and by Krita gives the picture of the sources."""
    for name in ("out.png", "gimp.png", "gimp.status", "krita.bgra", "krita.status"):
        (computer.share / name).unlink(missing_ok=True)
    command = "$HOME/.local/bin/exshot edit /share/pose.png /share/expression.png -o /share/out.png"
    done = computer.run(command)
    assert done.returncode == 0, done.stdout + done.stderr
    assert np.array_equal(np.asarray(Image.open(computer.share / "out.png")), from_source)
    done = computer.run(GIMP)
    assert status(computer, "gimp") == "success", done.stdout + done.stderr
    from_gimp = np.asarray(Image.open(computer.share / "gimp.png").convert("RGB"))
    assert np.abs(from_gimp.astype(float) - from_source).mean() < LARGEST
    done = computer.run(KRITA)
    assert status(computer, "krita") == "success", done.stdout + done.stderr
    samples = np.frombuffer((computer.share / "krita.bgra").read_bytes(), np.uint8)
    from_krita = samples.reshape(*from_source.shape[:2], 4)[..., 2::-1]
    assert np.abs(from_krita.astype(float) - from_source).mean() < LARGEST


def status(computer: Computer, editor: str) -> str:
    path = computer.share / f"{editor}.status"
    return path.read_text() if path.exists() else "nothing was reported"


def test_without_an_editor_there_is_the_command_and_a_notice(plain_computer: Computer) -> None:
    done = plain_computer.run(f"{INSTALL} && $HOME/.local/bin/exshot --version")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Neither GIMP 3 nor Krita was found" in done.stdout
    assert f"exshot {__version__}" in done.stdout
    assert plain_computer.run("$HOME/.local/bin/exshot-uninstall --yes").returncode == 0
    assert plain_computer.files() == []


def test_the_program_holds_what_its_notice_says(plain_computer: Computer) -> None:
    assert plain_computer.run(INSTALL).returncode == 0
    program = plain_computer.home / ".local/lib/exshot"
    check_components(program)
    photo = plain_computer.share / "phone.heic"
    pillow_heif.from_pillow(Image.open(DEMO / "expression.jpg")).save(photo, quality=90)
    edit = "~/.local/bin/exshot edit /exshot/core/exshot/demo/pose.jpg /share/phone.heic --out"
    done = plain_computer.run(f"cd /share/home && {edit} from-heic.jpg && {edit} out.heic")
    assert (plain_computer.home / "from-heic.jpg").stat().st_size > 10_000, done.stderr
    assert "has no encoder" in done.stderr


def test_another_prefix_and_a_path_with_spaces(plain_computer: Computer) -> None:
    done = plain_computer.run(f"{INSTALL} --prefix '/share/home/my programs' --no-plugins")
    assert done.returncode == 0, done.stdout + done.stderr
    assert plain_computer.run("'/share/home/my programs/bin/exshot' doctor").returncode == 0
    done = plain_computer.run("'/share/home/my programs/bin/exshot-uninstall' --yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert plain_computer.files() == []


def test_a_program_of_the_same_name_is_left_alone(plain_computer: Computer) -> None:
    plain_computer.run("mkdir -p $HOME/.local/bin && echo mine >$HOME/.local/bin/exshot")
    done = plain_computer.run(INSTALL)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "another program's" in done.stdout
    assert plain_computer.run("$HOME/.local/bin/exshot-uninstall --yes").returncode == 0
    assert (plain_computer.home / ".local/bin/exshot").read_text() == "mine\n"


def test_a_question_is_asked_and_no_means_nothing(plain_computer: Computer) -> None:
    assert "there is no terminal" in plain_computer.run("sh /share/ExShot.run").stderr
    said = plain_computer.run("python3 /exshot/tests/installer/inside/answer.py n")
    assert "Install it? [Y/n]" in said.stdout, said.stderr
    assert "Nothing was changed." in said.stdout
    assert plain_computer.files() == []
    said = plain_computer.run("python3 /exshot/tests/installer/inside/answer.py y")
    assert "is installed" in said.stdout, said.stderr


@pytest.mark.parametrize("damage", ["changed", "cut short"])
def test_a_damaged_download_says_so(plain_computer: Computer, damage: str) -> None:
    path = plain_computer.share / "ExShot.run"
    content = bytearray(path.read_bytes())
    if damage == "changed":
        content[len(content) // 2] ^= 1
    else:
        del content[len(content) * 2 // 3 :]
    path.write_bytes(content)
    done = plain_computer.run(INSTALL)
    assert done.returncode == 1
    assert "the download is damaged" in done.stderr
    assert "Download it again." in done.stderr
    assert plain_computer.files() == []


def test_a_prefix_that_cannot_be_written(plain_computer: Computer) -> None:
    for prefix in ("/usr/local", "/exshot/prefix", "/etc/passwd"):
        done = plain_computer.run(f"{INSTALL} --prefix {prefix}")
        assert done.returncode == 1
        assert "ExShot was not installed: " in done.stderr
        assert "--prefix" in done.stderr
    plain_computer.run("mkdir $HOME/locked && chmod 555 $HOME/locked")
    done = plain_computer.run(f"{INSTALL} --prefix $HOME/locked/deeper")
    assert "cannot be written to" in done.stderr
    assert plain_computer.files() == ["locked"]


def test_a_full_disk_is_seen_before_and_while_unpacking(plain_computer: Computer) -> None:
    small = plain_computer.share / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=40m,mode=1777", "tmpfs", str(small)], check=False
    )
    assert mounted.returncode == 0
    try:
        done = plain_computer.run(f"{INSTALL} --prefix /share/small/deep")
        assert done.returncode == 1
        assert "of free space" in done.stderr
        # Space that df promises and that is gone when it is needed.
        lying = "mkdir /tmp/lies; printf '#!/bin/sh\\necho; echo x 9 9 999999999\\n' >/tmp/lies/df;"
        lying += "chmod +x /tmp/lies/df; PATH=/tmp/lies:$PATH"
        done = plain_computer.run(f"{lying} {INSTALL} --prefix /share/small/deep")
        assert done.returncode == 1
        assert "unpacking failed" in done.stderr
        assert list(small.iterdir()) == []
    finally:
        subprocess.run(["umount", str(small)], check=True)
    assert plain_computer.files() == []


@pytest.mark.parametrize(
    ("signal", "moment"),
    [("INT", "new/exshot"), ("TERM", "plugins"), ("KILL", "new/exshot"), ("KILL", "plugins")],
)
def test_an_interrupted_installation_leaves_nothing(
    computer: Computer, signal: str, moment: str
) -> None:
    done = computer.run(interrupted(signal, moment))
    assert "killed" in done.stdout, done.stdout + done.stderr
    if signal != "KILL":
        assert "it was interrupted" in done.stdout + done.stderr
    assert computer.files() == []


def test_an_interrupted_upgrade_leaves_the_old_version(plain_computer: Computer) -> None:
    # With the same GIMP, into which the old version's plug-ins go back.
    assert plain_computer.run(f"{SLOW_GIMP}\n{INSTALL}").returncode == 0
    before = plain_computer.files()
    done = plain_computer.run(interrupted("KILL", "swapped"))
    assert "killed" in done.stdout, done.stdout + done.stderr
    assert plain_computer.files() == before
    assert plain_computer.run("$HOME/.local/bin/exshot doctor").returncode == 0


SLOW_GIMP = r"""
# Asking this GIMP for its version takes a while, so that there is time to interrupt.
mkdir -p /tmp/slow && printf '#!/bin/sh\nsleep 6\necho 3.0.4\n' >/tmp/slow/gimp-3.0
chmod +x /tmp/slow/gimp-3.0
export PATH=/tmp/slow:$PATH
"""


def interrupted(signal: str, moment: str) -> str:
    """Shell code: start, wait for a file of the stage, send a signal, wait for the clean-up."""
    return f"""
{SLOW_GIMP}
set -m  # else a background job ignores INT
{INSTALL} >/share/install.log 2>&1 &
installer=$!
for _ in $(seq 1 6000); do
    if compgen -G "$HOME/.local/lib/.exshot-stage-*/{moment}" >/dev/null; then
        kill -{signal} $installer && echo killed
        break
    fi
    sleep 0.005
done
wait $installer
for _ in $(seq 1 200); do
    compgen -G "$HOME/.local/lib/.exshot-stage-*" >/dev/null || break
    sleep 0.1
done
sleep 0.5
cat /share/install.log
"""
