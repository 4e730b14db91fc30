"""Native libraries do not print into the user's terminal or into what scripts read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

CODE = """
import os
from exshot.quiet_import import native_output_discarded
print("before", flush=True)
with native_output_discarded():
    import chatty
print("after", flush=True)
os.write(2, b"complaint")
"""


def test_what_a_library_prints_while_it_loads_is_not_seen(tmp_path: Path) -> None:
    noise = 'import os\nos.write(1, b"L\\0o\\0o\\0k\\0")\nos.write(2, b"warning")\n'
    (tmp_path / "chatty.py").write_text(noise, encoding="utf-8")
    path = os.pathsep.join([str(tmp_path), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        check=True,
    )
    assert done.stdout.split() == [b"before", b"after"]
    assert done.stderr == b"complaint"


def test_onnx_runtime_is_loaded_that_way(tmp_path: Path) -> None:
    (tmp_path / "onnxruntime.py").write_text(
        'import os\nos.write(2, b"Unknown CPU vendor")\n'
        "class InferenceSession: ...\nclass SessionOptions: ...\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, "-c", "import exshot.model_store"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])},
        capture_output=True,
        check=True,
    )
    assert done.stderr == b""
