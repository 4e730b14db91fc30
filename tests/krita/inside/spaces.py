"""Runs in kritarunner, without a window: one edit in every color space, by the plug-in's own parts.

Reads ``/share/pose.png`` and ``/share/expression.png``; leaves for each space raw RGBA samples of
the read photos, the new layer and the flattened image, the mask, and ``/share/spaces.json``.
"""

import json
import sys
import traceback
from pathlib import Path

sys.path.insert(0, "/exshot/tests/krita/inside")
sys.path.insert(0, "/tmp/home/.local/share/krita/pykrita")

SHARE = Path("/share")


def main(arguments=None):
    report = {}
    try:
        from documents import SPACES

        import exshot  # noqa: F401 - makes exshot_host importable, as in Krita

        for name, space in SPACES.items():
            report[name] = edit_in(name, space)
    except BaseException:
        report["failure"] = traceback.format_exc()
    (SHARE / "spaces.json").write_text(json.dumps(report, indent=1))


def edit_in(name, space):
    from documents import color_space, on_image, pixels_of, sequence
    from exshot.host import KritaHost

    from exshot_host.engine.client import EngineClient
    from exshot_host.errors import HostError
    from exshot_host.session.edit_session import EditSession
    from exshot_host.texts.catalogues import Translator

    document = sequence("/share/pose.png", "/share/expression.png", space=space)
    host = KritaHost(document, NothingReplaced(), Translator())
    pose, expression = (document.nodeByName(part) for part in ("pose", "expression"))
    before = bytes(pose.pixelData(0, 0, document.width(), document.height()))
    try:
        with EngineClient(name="kritarunner") as client:
            session = EditSession(host, client)
            session.open()
            session.set_layer("pose", pose.uniqueId().toString())
            key = session.run(timeout=120)
            session.close()
    except HostError as error:
        names = [node.name() for node in document.topLevelNodes()]
        return {"error": error.code, "sentence": error.sentence, "hint": error.hint, "names": names}
    names = [node.name() for node in document.topLevelNodes()]
    untouched = before == bytes(pose.pixelData(0, 0, document.width(), document.height()))
    layer = next(node for node in document.topLevelNodes() if node.uniqueId().toString() == key)
    box = layer.bounds()
    mask = layer.childNodes()[0].selection()
    place = (box.x(), box.y(), box.width(), box.height())
    whole = (0, 0, document.width(), document.height())
    (SHARE / f"{name}.mask").write_bytes(bytes(mask.pixelData(*place)))
    for part, node in (("pose", pose), ("expression", expression)):
        samples = pixels_of(bytes(node.pixelData(*whole)), whole, color_space(node))
        (SHARE / f"{name}.{part}").write_bytes(samples)
    patch = pixels_of(bytes(layer.pixelData(*place)), place, color_space(layer))
    (SHARE / f"{name}.patch").write_bytes(patch)
    flat = pixels_of(on_image(document), whole, color_space(document))
    (SHARE / f"{name}.flat").write_bytes(flat)
    answer = {
        "box": place,
        "size": whole[2:],
        "space": color_space(layer),
        "document": color_space(document),
        "names": names,
        "untouched": untouched,
        "masks": [node.type() for node in layer.childNodes()],
    }
    document.setModified(False)
    document.close()
    return answer


class NothingReplaced:
    def add(self, document, old, new):
        raise AssertionError("nothing is replaced here")
