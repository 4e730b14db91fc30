"""Runs in kritarunner: one edit of /share/pose.png by the installed plug-in, its flat picture as
raw BGRA samples in /share/krita.bgra."""

import sys
import traceback
from pathlib import Path

sys.path.insert(0, "/exshot/tests/krita/inside")
sys.path.insert(0, str(Path.home() / ".local/share/krita/pykrita"))
SHARE = Path("/share")


def main(arguments=None):
    try:
        edit()
    except BaseException:
        (SHARE / "krita.status").write_text(traceback.format_exc())


def edit():
    from documents import on_image, sequence
    from exshot.host import KritaHost

    import exshot  # noqa: F401 - makes exshot_host importable, as in Krita
    from exshot_host.engine.client import EngineClient
    from exshot_host.session.edit_session import EditSession
    from exshot_host.texts.catalogues import Translator

    document = sequence("/share/pose.png", "/share/expression.png")
    host = KritaHost(document, NothingReplaced(), Translator())
    with EngineClient(name="kritarunner") as client:
        session = EditSession(host, client)
        session.open()
        session.set_layer("pose", document.nodeByName("pose").uniqueId().toString())
        session.run(timeout=120)
        session.close()
    (SHARE / "krita.bgra").write_bytes(on_image(document))
    (SHARE / "krita.status").write_text("success")
    document.setModified(False)
    document.close()


class NothingReplaced:
    def add(self, document, old, new):
        raise AssertionError("nothing is replaced here")
