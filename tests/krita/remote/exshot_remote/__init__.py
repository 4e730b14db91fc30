"""Runs code that a test sends, in Krita's main thread. Part of the tests, not for users.

One JSON text per line each way: ``{"code": …}``, answered by ``{"value": …}`` or
``{"failure": …}``. The code leaves its answer in the variable ``answer``; variables stay from one
call to the next.
"""

import faulthandler
import json
import sys
import traceback

from krita import Extension, Krita

sys.path.append("/exshot/tests/krita/inside")

from qt import QtCore, QtNetwork

SOCKET = "/share/remote"


class Remote(Extension):
    def __init__(self, krita):
        super().__init__(krita)
        self.server = None
        self.connections = []
        self.variables = {"Krita": Krita, "uncaught": []}

    def setup(self):
        faulthandler.enable()  # a crash leaves the Python stack in Krita's log
        sys.excepthook = self.note  # Krita's own asks the user, who is not there

    def note(self, kind, error, trace):
        """Keep an exception that nobody caught; a test that finds one fails."""
        text = "".join(traceback.format_exception(kind, error, trace))
        print(text, file=sys.stderr, flush=True)
        self.variables["uncaught"].append(text)

    def createActions(self, window):  # noqa: N802 - Krita's name
        if self.server is None:
            self.server = QtNetwork.QLocalServer()
            self.server.setSocketOptions(QtNetwork.QLocalServer.SocketOption.WorldAccessOption)
            self.server.newConnection.connect(self.serve)
            self.server.listen(SOCKET)

    def serve(self):
        connection = self.server.nextPendingConnection()
        self.connections.append(connection)  # else only its own slot would hold it
        connection.readyRead.connect(lambda: self.read(connection))

    def read(self, connection):
        if _plugin_is_at_work():
            QtCore.QTimer.singleShot(1, lambda: self.read(connection))
            return
        while connection.canReadLine():
            code = json.loads(bytes(connection.readLine()))["code"]
            try:
                self.variables["answer"] = None
                exec(compile(code, "<test>", "exec"), self.variables)
                reply = {"value": self.variables["answer"]}
            except BaseException:
                reply = {"failure": traceback.format_exc()}
            connection.write(json.dumps(reply, default=str).encode() + b"\n")
            connection.flush()


def _plugin_is_at_work():
    """Whether one of the plug-in's calls to Krita is under way, in which Krita runs its event loop.
    A document that is closed in there takes Krita down when the call goes on, whoever called."""
    frame = sys._getframe()
    while frame is not None:
        if frame.f_code.co_filename.endswith(("/exshot/host.py", "/exshot/workbench.py")):
            return True
        frame = frame.f_back
    return False


Krita.instance().addExtension(Remote(Krita.instance()))
