# Runs inside GIMP as a batch command: one edit of /share/pose.png by the installed plug-in, saved
# flat as /share/gimp.png.
import sys
from pathlib import Path

sys.path.insert(0, "/exshot/tests/gimp/inside")
from tools import call, layer_of, load, save

image = load("pose.png", "expression.png")
pose, expression = layer_of(image, "pose"), layer_of(image, "expression")
expression.set_visible(False)
status, message, _values = call("plug-in-exshot-edit", image, [pose], expression=expression)
Path("/share/gimp.status").write_text(f"{status} {message}".strip())
if status == "success":
    image.flatten()
    save(image, "gimp.png")
