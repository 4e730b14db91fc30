"""hello.py PLUGIN_FOLDER ROUNDS: seconds until a fresh engine says hello, as a JSON list.

Run by a Windows Python that stands for the editor's own, with the plug-in's own files.
"""

import json
import sys
import time

sys.path.insert(0, sys.argv[1])

from exshot_host.engine.client import EngineClient

waits = []
for _ in range(int(sys.argv[2])):
    began = time.perf_counter()
    with EngineClient(name="Wine", version="1") as client:
        client.wait(client.start(), timeout=60)
        waits.append(round(time.perf_counter() - began, 3))
print(json.dumps(waits))
