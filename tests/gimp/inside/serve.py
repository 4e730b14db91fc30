# Runs inside GIMP as a batch command and executes what tests send, one JSON line each way:
#   gimp --batch-interpreter=python-fu-eval -b 'exec(open("…/serve.py").read())'
# GIMP's own loop goes on meanwhile, so menus, dialogs and other plug-ins work.
import json
import socket
import sys
import traceback
from pathlib import Path

sys.path.insert(0, "/exshot/tests/gimp/inside")


def serve(names):
    server = socket.socket(socket.AF_UNIX)
    server.bind("/share/gimp.socket")
    Path("/share/gimp.socket").chmod(0o777)
    server.listen(1)
    connection, _ = server.accept()
    lines = connection.makefile("rw")
    for line in lines:
        request = json.loads(line)
        if request["code"] == "QUIT":
            break
        try:
            scope = {**names, **request["values"], "result": None}
            exec(request["code"], scope)
            answer = {"result": scope["result"]}
        except Exception:
            answer = {"error": traceback.format_exc()}
        lines.write(json.dumps(answer, default=str) + "\n")
        lines.flush()


import tools

serve({name: getattr(tools, name) for name in dir(tools) if not name.startswith("__")})
