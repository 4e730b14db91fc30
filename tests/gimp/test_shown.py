"""Layers with filters, masks, opacity, modes and groups: an edit starts from what GIMP shows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from gimp.running_gimp import RunningGimp
from gimp.test_headless import NAME
from numpy.typing import NDArray

from exshot import Editor, Photo, flatten

LARGEST = 1.0  # mean difference allowed, in 255ths

# Both photos fill the image. What it shows of each is saved before the edit.
EDIT = """
image = load("pose.jpg", "expression.jpg")
pose, expression = layer_of(image, "pose"), layer_of(image, "expression")

def add_filter(drawable, operation, **values):
    effect = Gimp.DrawableFilter.new(drawable, operation, operation)
    for key, value in values.items():
        effect.get_config().set_property(key, value)
    effect.update()
    drawable.append_filter(effect)

def put_into_group(layer):
    group = Gimp.GroupLayer.new(image, "group")
    image.insert_layer(group, None, 0)
    image.reorder_item(layer, group, 0)
    return group

def add_below(red, green, blue):
    below = Gimp.Layer.new(
        image, "below", image.get_width(), image.get_height(), Gimp.ImageType.RGBA_IMAGE, 100,
        Gimp.LayerMode.NORMAL,
    )
    image.insert_layer(below, None, len(image.get_layers()))
    color = Gegl.Color.new("black")
    color.set_rgba(red, green, blue, 1)
    Gimp.context_set_foreground(color)
    below.fill(Gimp.FillType.FOREGROUND)
    return below

def add_oval_mask(layer):
    width, height = image.get_width(), image.get_height()
    image.select_ellipse(Gimp.ChannelOps.REPLACE, 0.05 * width, 0, 0.9 * width, 1.1 * height)
    layer.add_mask(layer.create_mask(Gimp.AddMaskType.SELECTION))
    Gimp.Selection.none(image)

target, source = pose, expression

def adjust(on):
    "Turn on and off what is done to the pose layer from outside."

exec(prepare)
adjust(True)
source.set_visible(False)
flat(image, "R'G'B' u8", "before.raw")
adjust(False)
flat(image, "R'G'B' u8", "pose.raw")
shown = [layer for layer in image.get_layers() if layer.get_visible()]
opacity, mode = source.get_opacity(), source.get_mode()
source.set_visible(True)
source.set_opacity(100)
source.set_mode(Gimp.LayerMode.NORMAL)
for layer in shown:
    layer.set_visible(False)
flat(image, "R'G'B' u8", "expression.raw")
for layer in shown:
    layer.set_visible(True)
source.set_opacity(opacity)
source.set_mode(mode)
status, message, values = call("plug-in-exshot-edit", image, [target], expression=source)
source.set_visible(False)
flat(image, "R'G'B' u8", "flat.raw")
adjust(True)
flat(image, "R'G'B' u8", "adjusted.raw")
result = {
    "status": status, "message": message, "names": names(image),
    "size": [image.get_height(), image.get_width(), 3],
}
"""
BELOW = "add_below(0.2, 0.4, 0.8)"
BELOW_SHOWN = np.array([0.4845, 0.6652, 0.9063])  # the same light, as sRGB encodes it
EXPOSED = 'add_filter({}, "gegl:exposure", exposure=0.6)'
HUE = 'add_filter({}, "gegl:hue-chroma", hue=35.0)'


def edit(gimp: RunningGimp, prepare: str) -> tuple[dict, dict[str, NDArray]]:
    """Do ``prepare`` and edit; what was made of it, and the pictures that were shown."""
    made = gimp.do(EDIT, prepare=prepare)

    def picture(name: str) -> NDArray:
        path = Path(gimp.share) / f"{name}.raw"
        return np.fromfile(path, np.uint8).reshape(made["size"])

    parts = ("before", "pose", "expression", "flat", "adjusted")
    return made, {name: picture(name) for name in parts}


def from_library(pictures: dict[str, NDArray]) -> NDArray:
    """The library's edit of the pictures that were shown."""
    pose, expression = (Photo.from_array(pictures[name]) for name in ("pose", "expression"))
    return flatten(pose, Editor().edit(pose, expression))


def difference(one: NDArray, other: NDArray) -> float:
    return float(np.abs(one.astype(float) - other.astype(float)).mean())


@pytest.mark.newer_editors
@pytest.mark.parametrize(
    "prepare",
    [
        EXPOSED.format("pose"),
        HUE.format("expression"),
        "\n".join([EXPOSED.format("pose"), HUE.format("pose"), EXPOSED.format("expression")]),
        f"{EXPOSED.format('pose')}\npose.get_filters()[0].set_visible(False)",
        f"{BELOW}\nadd_oval_mask(pose)",
        f"{BELOW}\nadd_oval_mask(pose)\n" + EXPOSED.format("pose"),
        "expression.set_opacity(40)",
        "expression.set_mode(Gimp.LayerMode.MULTIPLY)",
        f"target = group = put_into_group(pose)\n{EXPOSED.format('group')}",
        f"{BELOW}\ntarget = put_into_group(pose)\nadd_oval_mask(target)",
        "target = put_into_group(pose)\ntarget.set_mode(Gimp.LayerMode.PASS_THROUGH)",
        f"source = group = put_into_group(expression)\n{HUE.format('group')}",
        f"{BELOW}\nadd_oval_mask(pose)\npose.set_apply_mask(False)",
        f"{BELOW}\npose.set_composite_mode(Gimp.LayerCompositeMode.CLIP_TO_BACKDROP)",
    ],
    ids=[
        "filter on pose",
        "filter on expression",
        "several filters",
        "hidden filter",
        "mask",
        "mask and filter",
        "expression half transparent",
        "expression multiplied",
        "group with a filter as pose",
        "group with a mask as pose",
        "pass-through group as pose",
        "group with a filter as expression",
        "mask that is turned off",
        "clipped",
    ],
)
def test_the_picture_is_the_librarys_edit_of_what_was_shown(
    gimp: RunningGimp, prepare: str
) -> None:
    made, pictures = edit(gimp, prepare)
    assert made["status"] == "success", made["message"]
    assert difference(pictures["flat"], pictures["pose"]) > 0.1, "nothing was changed"
    assert difference(pictures["flat"], from_library(pictures)) <= LARGEST


@pytest.mark.newer_editors
@pytest.mark.parametrize(
    ("prepare", "done"),
    [
        (
            'group = put_into_group(pose)\nadd_filter(group, "gegl:invert-gamma")\n'
            "adjust = group.get_filters()[0].set_visible",
            lambda edited, change, before: 255 - edited,
        ),
        (
            "above = add_below(1, 1, 1)\nimage.reorder_item(above, None, 0)\n"
            "above.set_mode(Gimp.LayerMode.DIFFERENCE)\nadjust = above.set_visible",
            lambda edited, change, before: 255 - edited,
        ),
        (
            f"{BELOW}\ngroup = put_into_group(pose)\n"
            "group.set_composite_space(Gimp.LayerColorSpace.RGB_PERCEPTUAL)\n"
            "adjust = lambda on: group.set_opacity(60 if on else 100)",
            lambda edited, change, before: before + 0.6 * change,
        ),
        (
            f"{BELOW}\ngroup = put_into_group(pose)\nadd_oval_mask(group)\n"
            "adjust = group.set_apply_mask",
            lambda edited, change, before: before + change,
        ),
        (
            f"{BELOW}\ngroup = put_into_group(pose)\n"
            "modes = [Gimp.LayerMode.NORMAL, Gimp.LayerMode.MULTIPLY_LEGACY]\n"
            "adjust = lambda on: group.set_mode(modes[on])",
            lambda edited, change, before: edited * BELOW_SHOWN,
        ),
    ],
    ids=["filter on its group", "adjusted from above", "faint group", "masked group", "multiplied"],
)
def test_what_is_done_to_the_pose_layer_is_done_to_the_new_one(
    gimp: RunningGimp,
    prepare: str,
    done: Callable[[NDArray, NDArray, NDArray], NDArray],
) -> None:
    """``done``: what the image shows then, from the library's edit, from what that changes, and
    from what the image showed before."""
    made, pictures = edit(gimp, prepare)
    assert made["status"] == "success", made["message"]
    if "group" in prepare:
        assert ["group", [NAME, "pose"]] in made["names"]
    edited = from_library(pictures).astype(float)
    wanted = done(edited, edited - pictures["pose"], pictures["before"].astype(float))
    assert difference(pictures["adjusted"], wanted) <= LARGEST


@pytest.mark.newer_editors
@pytest.mark.parametrize(
    "prepare", ["pose.set_opacity(60)", "pose.set_mode(Gimp.LayerMode.MULTIPLY)"]
)
def test_a_pose_layer_that_is_mixed_is_refused_with_an_offer(
    gimp: RunningGimp, prepare: str
) -> None:
    made, _ = edit(gimp, f"{BELOW}\n{prepare}")
    assert made["status"] == "calling-error"
    assert "The layer “pose” is mixed with what lies below it" in made["message"]
    assert "100 % opacity" in made["message"]
    assert NAME not in made["names"]


def test_the_best_of_a_sequence_keeps_the_filters_of_its_base(
    gimp: RunningGimp, demo_pair_in_share: tuple[Path, Path]
) -> None:
    made = gimp.do("""
image = load("demo0.png", "demo1.png")
for layer in image.get_layers():
    effect = Gimp.DrawableFilter.new(layer, "gegl:exposure", "exposure")
    effect.get_config().set_property("exposure", 0.5)
    effect.update()
    layer.append_filter(effect)
status, message, values = call(
    "plug-in-exshot-best", image, base=layer_of(image, "demo0")
)
group = values[0]
for layer in group.get_children()[:-1]:
    layer.set_visible(False)
flat(image, "R'G'B' u8", "base.raw")
group.set_visible(False)
flat(image, "R'G'B' u8", "below.raw")
result = [status + message, names(image)]
""")
    assert made[0] == "success"
    base, below = (
        np.fromfile(Path(gimp.share) / f"{name}.raw", np.uint8) for name in ("base", "below")
    )
    assert difference(base, below) <= LARGEST
