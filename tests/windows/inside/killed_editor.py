"""killed_editor.py PLUGIN_FOLDER: an editor that is killed while its engine runs.

The editor starts an engine, and a second child that inherits the engine's stdin, so that this pipe
does not close when the editor is gone. Prints the engine's process id and whether it ended.
"""

import ctypes
import json
import subprocess
import sys
import time

EDITOR = """
import subprocess, sys, os
sys.path.insert(0, sys.argv[1])
from exshot_contract.engine_command import find_command
engine = subprocess.Popen([*find_command().argv], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
os.set_handle_inheritable(__import__("msvcrt").get_osfhandle(engine.stdin.fileno()), True)
other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], close_fds=False)
print(engine.pid, other.pid, flush=True)
sys.stdin.read()
"""


def running(pid: int) -> bool:
    kernel = ctypes.windll.kernel32
    process = kernel.OpenProcess(0x00100000, False, pid)  # SYNCHRONIZE
    return bool(process) and kernel.WaitForSingleObject(process, 0) != 0


editor = subprocess.Popen(
    [sys.executable, "-c", EDITOR, sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE
)
engine, other = map(int, editor.stdout.readline().split())
time.sleep(4)
record = {"before": running(engine)}
editor.kill()
end = time.monotonic() + 20
while running(engine) and time.monotonic() < end:
    time.sleep(0.2)
record["after"] = running(engine)
record["pipe_was_held"] = running(other)
subprocess.run(["taskkill", "/F", "/PID", str(other)], capture_output=True, check=False)
print(json.dumps(record))
