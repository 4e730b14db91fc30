"""ExShot in a GIMP without a window, called as scripts and batches call it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from gimp.pixels import compare
from gimp.running_gimp import RunningGimp
from PIL import Image

from exshot import EditOptions, Editor, Photo, RegionWeights, flatten

LARGEST = 1.0  # mean difference allowed, in 255ths
NAME = "Expression of expression"

EDIT = """
image = load("pose.jpg", "expression.jpg")
KEPT[name] = image
exec(prepare)
pose, expression = layer_of(image, "pose"), layer_of(image, "expression")
status, message, values = call(
    "plug-in-exshot-edit", image, [pose], expression=expression, **options
)
made = values[0] if status == "success" else None
result = {
    "status": status, "message": message, "names": names(image),
    "made": made.get_name() if made else None, "selection": Gimp.Selection.bounds(image)[1:],
    "space": made.get_composite_space().value_nick if made else None,
    "selected": [layer.get_name() for layer in image.get_selected_layers()],
}
"""


def edit(gimp: RunningGimp, name: str, prepare: str = "", **options: object) -> dict:
    """Load both photos as layers, do ``prepare``, edit."""
    return gimp.do(EDIT, name=name, prepare=prepare, options=options)


@pytest.mark.newer_editors
def test_the_procedures_and_their_menu_entries_are_registered(gimp: RunningGimp) -> None:
    found = gimp.do(
        """
pdb = Gimp.get_pdb()
result = {}
for name in pdb.query_procedures("plug-in-exshot-.*", *[""] * 7):
    procedure = pdb.lookup_procedure(name)
    result[name] = [
        procedure.get_menu_label(), procedure.get_menu_paths(),
        [argument.name for argument in procedure.get_arguments()],
        [value.name for value in procedure.get_return_values()],
    ]
"""
    )
    assert {name: entry[0] for name, entry in found.items()} == {
        "plug-in-exshot-best": "Best of Sequence…",
        "plug-in-exshot-edit": "Edit Expression…",
        "plug-in-exshot-reedit": "Re-edit ExShot Layer…",
        "plug-in-exshot-sequence": "Open Photo Sequence…",
    }
    assert {path for entry in found.values() for path in entry[1]} == {"<Image>/Filters/E_xShot"}
    arguments = found["plug-in-exshot-edit"][2]
    assert arguments[:3] == ["run-mode", "image", "drawables"]
    assert {"pose", "expression", "strength", "regions-mouth", "gaze"} <= set(arguments)
    assert found["plug-in-exshot-edit"][3] == ["layer"]


@pytest.mark.newer_editors
@pytest.mark.parametrize(
    ("name", "depth", "prepare"),
    [
        ("8 bit", 8, ""),
        ("8 bit linear", 8, "image.convert_precision(Gimp.Precision.U8_LINEAR)"),
        ("16 bit linear", 16, "image.convert_precision(Gimp.Precision.U16_LINEAR)"),
        ("16 bit perceptual", 16, "image.convert_precision(Gimp.Precision.U16_NON_LINEAR)"),
        ("32 bit float linear", 16, "image.convert_precision(Gimp.Precision.FLOAT_LINEAR)"),
        ("grey", 8, "image.convert_grayscale()"),
        ("with alpha", 8, "[layer.add_alpha() for layer in image.get_layers()]"),
        (
            "wide gamut",
            8,
            "image.convert_color_profile(Gimp.ColorProfile.new_rgb_adobe(), "
            "Gimp.ColorRenderingIntent.RELATIVE_COLORIMETRIC, True)",
        ),
    ],
)
def test_gimp_shows_what_the_library_makes(
    gimp: RunningGimp, name: str, depth: int, prepare: str
) -> None:
    made = edit(gimp, name, prepare)
    assert made["status"] == "success", made["message"]
    assert made["names"] == [NAME, "pose", "expression"]
    assert made["selected"] == [NAME]
    assert made["space"] == "rgb-perceptual"
    differences = compare(gimp, name, NAME, depth)
    print(name, differences)
    assert max(differences.layer, differences.mask, differences.picture) <= LARGEST


def test_options_reach_the_engine(gimp: RunningGimp) -> None:
    chosen = {"strength": 0.6, "regions-eyes": 0.0, "gaze": "pose", "color-match": False}
    made = edit(gimp, "options", **chosen, feather=0.2)
    assert made["status"] == "success", made["message"]
    wanted = EditOptions(
        strength=0.6,
        regions=RegionWeights(eyes=0.0),
        gaze="pose",
        color_match=False,
        feather=0.2,
    )
    differences = compare(gimp, "options", NAME, 8, wanted)
    assert max(differences.layer, differences.mask, differences.picture) <= LARGEST


def test_layers_of_other_sizes_and_places_inside_groups(gimp: RunningGimp) -> None:
    prepare = """
image.resize(1000, 900, 100, 60)
pose, expression = layer_of(image, "pose"), layer_of(image, "expression")
group = Gimp.GroupLayer.new(image, "group")
image.insert_layer(group, None, 0)
image.reorder_item(pose, group, 0)
expression.scale(600, 600, False)
expression.set_offsets(-40, 250)
"""
    made = edit(gimp, "group", prepare)
    assert made["status"] == "success", made["message"]
    assert made["names"] == [["group", [NAME, "pose"]], "expression"]
    differences = compare(gimp, "group", NAME, 8)
    assert max(differences.layer, differences.mask, differences.picture) <= LARGEST


def test_a_selection_limits_the_mask_and_stays(gimp: RunningGimp) -> None:
    # Around the mouth, whichever photos are there.
    select = """
place = [round(share * side) for share, side in zip(
    (0.39, 0.5, 0.24, 0.2), 2 * (image.get_width(), image.get_height()))]
image.select_ellipse(Gimp.ChannelOps.REPLACE, *place)
KEPT["place"] = place
"""
    made = edit(gimp, "selection", select)
    assert made["status"] == "success", made["message"]
    x, y, width, height = gimp.do('result = KEPT["place"]')
    assert made["selection"] == [True, x, y, x + width, y + height]
    worst = gimp.do(
        """
image = KEPT["selection"]
layer = layer_of(image, made)
_, x, y = layer.get_offsets()
width, height = layer.get_width(), layer.get_height()
rect = Gegl.Rectangle.new(x, y, width, height)
chosen = bytes(image.get_selection().get_buffer().get(rect, 1.0, "Y u8", Gegl.AbyssPolicy.NONE))
here = Gegl.Rectangle.new(0, 0, width, height)
mask = bytes(layer.get_mask().get_buffer().get(here, 1.0, "Y u8", Gegl.AbyssPolicy.NONE))
result = [max(m - c for m, c in zip(mask, chosen)), max(mask)]
""",
        made=NAME,
    )
    assert worst[0] <= 1, "the mask reaches out of the selection"
    assert worst[1] > 200


def test_repeating_edits_the_layer_that_is_active_now(gimp: RunningGimp) -> None:
    edit(gimp, "repeat", strength=0.5)
    status, names_now, note = gimp.do(
        """
image = KEPT["repeat"]
image.set_selected_layers([layer_of(image, "pose")])
procedure = Gimp.get_pdb().lookup_procedure("plug-in-exshot-edit")
status, message, values = call(
    "plug-in-exshot-edit", image, mode=Gimp.RunMode.WITH_LAST_VALS
)
data = values[0].get_parasite("exshot-edit").get_data() if status == "success" else b"{}"
result = [status + message, names(image), bytes(data).decode()]
"""
    )
    assert status == "success"
    assert names_now == [f"{NAME} #1", NAME, "pose", "expression"]
    assert json.loads(note)["pose"]["name"] == "pose"


def test_saved_and_opened_again_it_looks_the_same_and_can_be_edited_again(
    gimp: RunningGimp,
) -> None:
    edit(gimp, "saved", strength=0.7)
    status, tree = gimp.do(
        """
save(KEPT["saved"], "saved.xcf")
image = Gimp.file_load(NONINTERACTIVE, Gio.File.new_for_path("/share/saved.xcf"))
KEPT["opened"] = image
result = ["", names(image)]
"""
    )
    assert tree == [NAME, "pose", "expression"]
    seventy = EditOptions(strength=0.7)
    assert compare(gimp, "opened", NAME, 8, seventy).picture <= LARGEST
    status, tree = gimp.do(
        """
image = KEPT["opened"]
image.set_selected_layers([layer_of(image, made)])
status, message, values = call("plug-in-exshot-reedit", image)
result = [status + message, names(image)]
""",
        made=NAME,
    )
    assert status == "success"
    assert tree == [NAME, "pose", "expression"], "the old layer was not replaced"
    assert compare(gimp, "opened", NAME, 8, seventy).picture <= LARGEST
    status = gimp.do(
        """
status, message, values = call(
    "plug-in-exshot-reedit", KEPT["opened"], keep_options=False, strength=0.3
)
result = status + message
"""
    )
    assert status == "success"
    assert compare(gimp, "opened", NAME, 8, EditOptions(strength=0.3)).picture <= LARGEST


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (
            "image.convert_indexed(0, Gimp.ConvertPaletteType.GENERATE, 64, False, False, '')",
            ["indexed", "Image ▸ Mode ▸ RGB"],
        ),
        ("image.remove_layer(layer_of(image, 'expression'))", ["needs two photo layers"]),
        ("layer_of(image, 'expression').fill(Gimp.FillType.WHITE)", ["no face", "“expression”"]),
    ],
)
def test_what_cannot_be_done_is_a_pdb_error_with_a_sentence_and_nothing_is_made(
    gimp: RunningGimp, prepare: str, words: list[str]
) -> None:
    answer = edit(gimp, "refused", prepare)
    assert answer["status"] in ("calling-error", "execution-error")
    for word in words:
        assert word in answer["message"]
    assert NAME not in answer["names"]


def test_a_layer_of_someone_else_cannot_be_edited_again(gimp: RunningGimp) -> None:
    status, message = gimp.do(
        """
image = load("pose.jpg", "expression.jpg")
result = call("plug-in-exshot-reedit", image, [layer_of(image, "pose")])[:2]
"""
    )
    assert status == "calling-error"
    assert "“pose” was not made by ExShot" in message


@pytest.mark.newer_editors
@pytest.mark.parametrize("precision", ["U8_NON_LINEAR", "U16_NON_LINEAR", "U16_LINEAR"])
def test_the_adapter_keeps_the_contract_of_hosts(gimp: RunningGimp, precision: str) -> None:
    results = gimp.do("import contract_scene; result = contract_scene.run(p, 1)", p=precision)
    assert len(results) >= 15
    assert [problem for _, problem in results if problem] == []


def test_photos_of_a_sequence_become_named_layers_of_one_size(
    gimp: RunningGimp, photos: tuple[Path, Path]
) -> None:
    tree, sizes, selected = gimp.do(
        """
import os
small = load("expression.jpg")
small.scale(small.get_width() // 2, small.get_height() // 2)
save(small, "third.png")
for name in ("pose", "expression"):
    save(load(name + ".jpg"), {"pose": "second.png", "expression": "first.png"}[name])
for second, name in enumerate(("first.png", "second.png", "third.png")):
    os.utime(SHARE / name, (1700000000 + second,) * 2)
files = [str(SHARE / name) for name in ("second.png", "first.png", "third.png")]
procedure = Gimp.get_pdb().lookup_procedure("plug-in-exshot-sequence")
config = procedure.create_config()
config.set_property("files", files)
values = procedure.run(config)
image = values.index(1)
result = [
    names(image),
    [[layer.get_width(), layer.get_height()] for layer in image.get_layers()],
    [layer.get_name() for layer in image.get_selected_layers()],
]
"""
    )
    assert [name.partition(" (")[0] for name in tree] == ["first", "second", "third"]
    assert all(name.endswith(")") and name.count(":") == 2 for name in tree)
    with Image.open(photos[0]) as first:
        assert sizes == [list(first.size)] * 3
    assert selected == tree[:1]


def test_photos_of_a_sequence_stand_upright_and_carry_the_cameras_time(gimp: RunningGimp) -> None:
    lying = Image.new("RGB", (60, 40), (200, 10, 10))
    lying.paste((10, 10, 200), (0, 0, 30, 40))  # blue on the left: on top once it is turned
    for name, orientation, second in (("lying", 6, 7), ("upright", 1, 5)):
        exif = Image.Exif()
        exif[0x0112] = orientation
        exif.get_ifd(0x8769)[0x9003] = f"2024:05:01 10:00:0{second}"
        photo = lying if orientation == 6 else lying.rotate(-90, expand=True)
        photo.save(gimp.share / f"{name}.jpg", exif=exif, quality=95)
    tree, sizes = gimp.do(
        """
found = Gimp.get_pdb().lookup_procedure("plug-in-exshot-sequence")
config = found.create_config()
config.set_property("files", ["/share/lying.jpg", "/share/upright.jpg"])
image = found.run(config).index(1)
dump(image.get_layers()[1], "R'G'B' u8", "lying.raw")
result = [
    names(image), [[layer.get_width(), layer.get_height()] for layer in image.get_layers()]
]
"""
    )
    assert tree == ["upright (10:00:05)", "lying (10:00:07)"]
    assert sizes == [[40, 60]] * 2
    pixels = np.fromfile(gimp.share / "lying.raw", np.uint8).reshape(60, 40, 3)
    assert pixels[5, 20, 2] > 150 > pixels[5, 20, 0]
    assert pixels[55, 20, 0] > 150 > pixels[55, 20, 2]


def test_a_sequence_with_an_unreadable_file_is_refused(gimp: RunningGimp) -> None:
    status, message = gimp.do(
        """
(SHARE / "broken.jpg").write_bytes(b"not a picture")
before = len(Gimp.get_images())
found = Gimp.get_pdb().lookup_procedure("plug-in-exshot-sequence")
config = found.create_config()
config.set_property("files", [str(SHARE / "pose.jpg"), str(SHARE / "broken.jpg")])
values = found.run(config)
result = [values.index(0).value_nick, Gimp.get_pdb().get_last_error()]
assert len(Gimp.get_images()) == before
"""
    )
    assert status == "execution-error"
    assert "broken.jpg" in message


def test_script_fu_can_call_it(gimp: RunningGimp) -> None:
    tree = gimp.do(
        """
image = load("pose.jpg", "expression.jpg")
pose, expression = layer_of(image, "pose"), layer_of(image, "expression")
script = f'''(plug-in-exshot-edit #:run-mode RUN-NONINTERACTIVE #:image {image.get_id()}
    #:drawables (vector {pose.get_id()}) #:expression {expression.get_id()} #:strength 0.8)'''
found = Gimp.get_pdb().lookup_procedure("plug-in-script-fu-eval")
config = found.create_config()
config.set_property("run-mode", NONINTERACTIVE)
config.set_property("script", script)
found.run(config)
result = names(image)
"""
    )
    assert tree == [NAME, "pose", "expression"]


BEST = """
image = load("pose.jpg", "expression.jpg")
KEPT["best"] = image
image.undo_enable()
before = [dump(layer, "R'G'B'A u8", f"before{k}") for k, layer in enumerate(image.get_layers())]
pose = layer_of(image, "pose")
status, message, values = call("plug-in-exshot-best", image, [pose], base=pose if fixed else None)
group = values[0] if status == "success" and values else None
result = {
    "status": status, "message": message, "names": names(image),
    "masks": [child.get_mask() is not None for child in group.get_children()] if group else [],
}
if group:
    flat(image, "R'G'B' u8", "best.rgb")
    result["size"] = [image.get_width(), image.get_height()]
"""


def test_best_of_a_sequence_is_one_group_on_top(
    gimp: RunningGimp, demo_pair_in_share: tuple[Path, Path]
) -> None:
    made = gimp.do(
        BEST.replace('"pose.jpg", "expression.jpg"', '"demo0.png", "demo1.png"').replace(
            'layer_of(image, "pose")', 'layer_of(image, "demo0")'
        ),
        fixed=True,
    )
    assert made["status"] == "success", made["message"]
    assert made["names"] == [
        ["Best of sequence", ["Expression of demo1", "demo0 #1"]],
        "demo0",
        "demo1",
    ]
    assert made["masks"] == [True, False]
    width, height = made["size"]
    seen = np.frombuffer((gimp.share / "best.rgb").read_bytes(), np.uint8).reshape(height, width, 3)
    photos = [Photo.open(path) for path in demo_pair_in_share]
    wanted = flatten(photos[0], Editor().edit(photos[0], photos[1]))
    assert np.abs(seen.astype(float) - wanted).mean() < LARGEST


def test_where_every_face_is_at_its_best_nothing_is_added(
    gimp: RunningGimp, demo_pair_in_share: tuple[Path, Path]
) -> None:
    made = gimp.do(
        BEST.replace('"pose.jpg", "expression.jpg"', '"demo0.png", "demo1.png"').replace(
            'layer_of(image, "pose")', 'layer_of(image, "demo1")'
        ),
        fixed=False,
    )
    assert made["status"] == "success", made["message"]
    assert made["names"] == ["demo0", "demo1"]
    assert "Every face is at its best in “demo1”" in gimp.log()
