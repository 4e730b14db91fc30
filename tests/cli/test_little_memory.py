"""Where memory runs out, that is what is said."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from engine.engines import REAL_ENGINE

from exshot_contract.engine_command import EngineCommand
from exshot_contract.messages import Faces
from exshot_host.engine.client import EngineClient
from exshot_host.errors import HostError

resource = pytest.importorskip("resource")


pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="address space cannot be limited here"
)


def run_with(
    megabytes: int, *arguments: str | Path, folder: Path
) -> subprocess.CompletedProcess[str]:
    limit = megabytes << 20

    def little() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    return subprocess.run(
        [sys.executable, "-m", "exshot", *map(str, arguments)],
        cwd=folder,
        env={"PYTHONPATH": ":".join(sys.path)},
        preexec_fn=little,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize("megabytes", [300, 400, 550, 620])
def test_an_edit_without_enough_memory_says_so(
    photo_pair: tuple[Path, Path], tmp_path: Path, megabytes: int
) -> None:
    done = run_with(megabytes, "edit", *photo_pair, "-o", "out.png", folder=tmp_path)
    assert done.returncode == 27, done.stderr
    assert done.stderr.startswith("exshot: There is not enough memory")
    assert len(done.stderr.splitlines()) == 2, done.stderr
    assert not list(tmp_path.iterdir())


def test_an_edit_is_made_with_one_thread_where_addresses_are_few(
    photo_pair: tuple[Path, Path], tmp_path: Path
) -> None:
    done = run_with(1000, "edit", *photo_pair, "-o", "out.png", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out.png").exists()


def test_an_engine_without_enough_memory_answers() -> None:
    start = f"ulimit -v {400 << 10}; exec {shlex.join(REAL_ENGINE.argv)}"
    with EngineClient(command=EngineCommand(("/bin/sh", "-c", start), "test")) as client:
        pending = client.submit_photo(64, 48, "rgb", 8, [bytes(64 * 48 * 3)])
        client.wait(pending, timeout=60)
        with pytest.raises(HostError) as caught:
            client.call(Faces(pending.photo_name), timeout=120)
    assert caught.value.code == "out_of_memory"
