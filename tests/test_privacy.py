"""Nothing about the user is gathered, not by the libraries that we use either."""

from __future__ import annotations

import os
import subprocess
import sys
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
