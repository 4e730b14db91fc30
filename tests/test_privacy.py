"""Nothing about the user is gathered, not by the libraries that we use either."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest


@pytest.mark.skipif(sys.platform != "linux", reason="looks into a Linux home folder")
def test_loading_the_models_leaves_no_trace_in_the_home_folder(tmp_path: Path) -> None:
    code = (
        "from exshot.model_store import ModelStore\n"
        "store = ModelStore()\n"
        "[store.session(m.name) for m in store.models if m.file.endswith('.onnx')]"
    )
    ours = ("PATH", "LANG", "LD_LIBRARY_PATH")
    environ = {name: os.environ[name] for name in ours if name in os.environ}
    environ |= {"HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", code], check=True, env=environ, timeout=120)
    assert [str(path) for path in tmp_path.rglob("*")] == []


def test_a_batch_on_this_computer_opens_no_socket_and_loads_no_cluster(
    photo_pair: tuple[Path, Path], tmp_path: Path
) -> None:
    """Only `exshot batch --dask` uses a network."""
    code = """
        import sys
        def watch(event, arguments):
            if event.startswith(("socket.", "urllib.", "http.")):
                raise SystemExit(f"a batch used the network: {event}")
        sys.addaudithook(watch)
        from exshot.cli.app import app
        try:
            app(["batch", "list.csv", "--jobs", "2"], standalone_mode=True)
        except SystemExit as end:
            loaded = {"dask", "distributed", "tornado"} & set(sys.modules)
            sys.exit(f"loaded: {loaded}" if loaded else end.code)
    """
    pose, expression = photo_pair
    (tmp_path / "list.csv").write_text(f"pose,expression,out\n{pose},{expression},out.png\n")
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=environ,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out.png").exists()
