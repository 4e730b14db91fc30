"""as_editor.py PLUGIN_FOLDER POSE EXPRESSION: what a plug-in does, with the installed files.

Run by a Windows Python that stands for the editor's own. Prints one JSON record.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

plugin = Path(sys.argv[1])
sys.path.insert(0, str(plugin))
flags = []
_start = subprocess.Popen.__init__


def noted(self, *words, **options):
    flags.append(options.get("creationflags", 0))
    _start(self, *words, **options)


subprocess.Popen.__init__ = noted

from exshot_contract.engine_command import find_command
from exshot_contract.messages import Edit, EditResult, Faces
from exshot_host.engine.client import EngineClient
from exshot_host.errors import HostError

record = {"plugin": str(plugin), "modules": sys.modules["exshot_host"].__file__}
command = find_command()
record["engine"] = list(command.argv) if command else None


def picture(client, path):
    """Send a picture that was saved as raw RGBA with its size in its name."""
    width, height = map(int, path.stem.split("-")[-1].split("x"))
    ticket = client.submit_photo(width, height, "rgba", 8, [path.read_bytes()])
    client.wait(ticket, timeout=60)
    return ticket.photo_name


with EngineClient(name="Wine", version="1") as client:
    began = time.perf_counter()
    hello = client.wait(client.start(), timeout=60)
    record["hello_seconds"] = time.perf_counter() - began
    record["version"] = hello.version
    pose, expression = (picture(client, Path(name)) for name in sys.argv[2:4])
    record["faces"] = len(client.call(Faces(pose), timeout=120).faces)
    ticket = client.submit(Edit(pose, expression))
    time.sleep(0.3)
    ticket.cancel()
    try:
        ticket.result()
    except HostError as error:
        record["cancelled"] = error.code
    result = client.call(Edit(pose, expression), timeout=240)
    assert isinstance(result, EditResult)
    record["patch"] = [result.x, result.y, result.width, result.height]
    record["mask"] = sum(bytes(result.mask)) > 0
    record["pixels"] = len(result.pixels) == 4 * result.width * result.height
    try:
        client.call(Faces("0" * 64), timeout=30)
    except HostError as error:
        record["unknown_photo"] = error.code
    first = client.engine_pid
    subprocess.run(["taskkill", "/F", "/PID", str(first)], capture_output=True, check=False)
    record["after_a_crash"] = len(client.call(Faces(pose), timeout=240).faces)
    record["replaced"] = client.engine_pid != first
    last = client.engine_pid
record["flags"] = flags
process = subprocess.Popen(
    list(command.argv), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
)
said, _ = process.communicate(b"GET / HTTP/1.1\r\n\r\n" * 40, timeout=60)
record["garbage"] = [process.returncode, len(said)]
print(json.dumps(record))
