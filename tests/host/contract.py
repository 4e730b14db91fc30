"""What every editor's adapter must do, to be run inside the real editor. Stdlib only, no pytest.

A test in an editor builds a `Scene` around its adapter and calls `run_contract`:

    results = run_contract(make_scene)        # make_scene() -> a fresh Scene for every check
    for name, problem in results: ...         # problem is "" where it passed

The scene's image is `IMAGE_SIZE`; its layers, from the top:

- ``expression``: `EXPRESSION_BOX`, pixels ``pattern(40, 36, 1)``, opaque
- ``pose``: `POSE_BOX`, pixels ``pattern(64, 48, 0)``, opaque; the active layer

8-bit sRGB, nothing selected. Adapters for other depths run it with images converted by the editor
and the `tolerance` that the conversion costs.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Protocol

from exshot_contract.messages import CHANNELS
from exshot_host.adapter import EditorHost, LayerInfo, Patch
from exshot_host.errors import HostError

IMAGE_SIZE = (64, 48)
POSE_BOX = (0, 0, 64, 48)
EXPRESSION_BOX = (10, -4, 50, 32)
PATCH_BOX = (20, 10, 36, 22)
UPPER_BOX = (40, 30, 56, 42)
NOTE = '{"exshot":1,"name":"Grüße, 写真"}'


class Scene(Protocol):
    """An editor with the image that the module's text describes.

    Attributes:
        host: the adapter under test.
        pose, expression: ids of the layers.
        tolerance: largest difference of an 8-bit sample that the editor's conversions explain.
        can_undo: False where the editor has no undo here (e.g. without a window).
    """

    host: EditorHost
    pose: str
    expression: str
    tolerance: int
    can_undo: bool

    def select(self, x0: int, y0: int, x1: int, y1: int) -> None:
        """Select a rectangle of the image, hard edges."""
        ...

    def undo(self) -> None:
        """One step, as Ctrl+Z."""
        ...

    def delete(self, layer_id: str) -> None:
        """Remove a layer, as the user would."""
        ...

    def flattened(self) -> bytes | None:
        """The visible image as RGBA 8-bit bytes of `IMAGE_SIZE`; None where that cannot be had."""
        ...


def pattern(width: int, height: int, kind: int) -> bytes:
    """Opaque RGBA pixels, all different enough to notice a swapped channel, row or column."""
    rows = bytearray()
    for y in range(height):
        for x in range(width):
            rows += bytes(((3 * x + 40 * kind) % 256, 5 * y % 256, (x + 2 * y + 90) % 256, 255))
    return bytes(rows)


def run_contract(make_scene: Callable[[], Scene]) -> list[tuple[str, str]]:
    """Every check on a fresh scene: its name, and "" or what went wrong."""
    results = []
    for check in CONTRACT:
        try:
            check(make_scene())
            problem = ""
        except Exception:
            problem = traceback.format_exc()
        results.append((check.__name__, problem))
    return results


def layers_are_listed_topmost_first_with_place_and_size(scene: Scene) -> None:
    found = [(info.name, *_box(info)) for info in scene.host.layers()]
    assert found == [("expression", *EXPRESSION_BOX), ("pose", *POSE_BOX)], found
    ids = [info.id for info in scene.host.layers()]
    assert ids == [scene.expression, scene.pose], ids
    assert not any(info.made_by_exshot for info in scene.host.layers())


def the_active_layer_is_first_among_the_selected(scene: Scene) -> None:
    assert list(scene.host.selected_layers())[:1] == [scene.pose]


def pixels_are_read_as_srgb(scene: Scene) -> None:
    _assert_close(read_rgba(scene, scene.pose), pattern(64, 48, 0), scene.tolerance)
    _assert_close(read_rgba(scene, scene.expression), pattern(40, 36, 1), scene.tolerance)


def a_layer_read_in_bands_is_the_layer_read_at_once(scene: Scene) -> None:
    reader = scene.host.open_layer(scene.pose)
    try:
        whole = bytes(reader.rows(0, reader.height))
        bands = [bytes(reader.rows(y, min(y + 7, reader.height))) for y in range(0, 48, 7)]
    finally:
        reader.close()
    assert b"".join(bands) == whole


def reading_changes_nothing(scene: Scene) -> None:
    before = (list(scene.host.layers()), scene.flattened())
    read_rgba(scene, scene.pose)
    read_rgba(scene, scene.expression)
    assert (list(scene.host.layers()), scene.flattened()) == before
    assert list(scene.host.selected_layers())[:1] == [scene.pose]


def a_missing_layer_is_an_error_with_a_sentence(scene: Scene) -> None:
    scene.delete(scene.expression)
    sentence = None
    try:
        scene.host.open_layer(scene.expression)
    except HostError as error:
        sentence = error.sentence
    assert sentence, "open_layer of a deleted layer raised no HostError with a sentence"


def without_a_selection_there_is_no_mask(scene: Scene) -> None:
    assert scene.host.selection() is None


def a_selection_comes_as_its_box_and_mask(scene: Scene) -> None:
    scene.select(8, 6, 30, 20)
    selection = scene.host.selection()
    assert selection is not None
    full = _spread(
        bytes(selection.mask), selection.x, selection.y, selection.width, selection.height
    )
    for y in range(IMAGE_SIZE[1]):
        for x in range(IMAGE_SIZE[0]):
            inside = 8 <= x < 30 and 6 <= y < 20
            value = full[y * IMAGE_SIZE[0] + x]
            assert value == (255 if inside else 0), (x, y, value)


def a_patch_lands_right_above_its_layer(scene: Scene) -> None:
    new = scene.host.write_patch(make_patch(scene))
    listed = list(scene.host.layers())
    assert [info.id for info in listed] == [scene.expression, new, scene.pose]
    assert _box(listed[1]) == PATCH_BOX
    assert listed[1].name == "patch"
    assert listed[1].made_by_exshot
    assert list(scene.host.selected_layers())[:1] == [new]


def a_patch_keeps_its_note(scene: Scene) -> None:
    new = scene.host.write_patch(make_patch(scene))
    assert scene.host.read_note(new) == NOTE
    assert scene.host.read_note(scene.pose) is None


def a_patch_blends_as_the_preview_did(scene: Scene) -> None:
    scene.delete(scene.expression)
    patch = make_patch(scene)
    scene.host.write_patch(patch)
    shown = scene.flattened()
    if shown is not None:
        _assert_close(shown, _blended(patch), scene.tolerance + 1)


def a_patch_leaves_the_layers_and_the_selection_alone(scene: Scene) -> None:
    scene.select(8, 6, 30, 20)
    before = (read_rgba(scene, scene.pose), read_rgba(scene, scene.expression))
    scene.host.write_patch(make_patch(scene))
    assert (read_rgba(scene, scene.pose), read_rgba(scene, scene.expression)) == before
    selection = scene.host.selection()
    assert selection is not None
    assert bytes(selection.mask).count(255) == 22 * 14


def a_patch_is_one_undo_step(scene: Scene) -> None:
    before = ([info.id for info in scene.host.layers()], scene.flattened())
    scene.host.write_patch(make_patch(scene))
    if scene.can_undo:
        scene.undo()
        assert ([info.id for info in scene.host.layers()], scene.flattened()) == before


def a_patch_may_reach_out_of_the_image(scene: Scene) -> None:
    new = scene.host.write_patch(make_patch(scene, x0=-5, y0=-3))
    info = next(item for item in scene.host.layers() if item.id == new)
    assert (info.x, info.y) in ((-5, -3), (0, 0))  # an editor may cut it to the image


def a_patch_replaces_an_older_one_in_its_place(scene: Scene) -> None:
    old = scene.host.write_patch(make_patch(scene))
    new = scene.host.write_patch(make_patch(scene, replace=old))
    ids = [info.id for info in scene.host.layers()]
    assert ids == [scene.expression, new, scene.pose], ids
    if scene.can_undo:
        scene.undo()
        names = [info.name for info in scene.host.layers()]
        assert names == ["expression", "patch", "pose"], names


def a_patch_whose_older_one_is_gone_is_made_above_its_layer(scene: Scene) -> None:
    old = scene.host.write_patch(make_patch(scene))
    scene.delete(old)
    new = scene.host.write_patch(make_patch(scene, replace=old))
    assert [info.id for info in scene.host.layers()] == [scene.expression, new, scene.pose]


def a_group_lands_on_top_with_a_copy_of_its_base_at_the_bottom(scene: Scene) -> None:
    before = [info.id for info in scene.host.layers()]
    group = make_group(scene)
    listed = list(scene.host.layers())
    names = [info.name for info in listed]
    assert [name.partition(" #")[0] for name in names] == [
        *("group", "upper", "lower", "pose", "expression", "pose")
    ], names
    assert listed[0].id == group
    assert listed[0].kind == "group"
    assert [_box(info) for info in listed[1:4]] == [UPPER_BOX, PATCH_BOX, POSE_BOX]
    assert [info.made_by_exshot for info in listed[:4]] == [False, True, True, False]
    assert [info.id for info in listed[4:]] == before
    assert list(scene.host.selected_layers())[:1] == [group]


def the_layers_of_a_group_keep_their_notes(scene: Scene) -> None:
    make_group(scene)
    _, upper, lower, base, *_ = scene.host.layers()
    assert [scene.host.read_note(info.id) for info in (upper, lower, base)] == [NOTE, NOTE, None]


def a_group_shows_its_base_and_patches_whatever_lies_below(scene: Scene) -> None:
    make_group(scene, patches=1)
    shown = scene.flattened()
    if shown is not None:
        _assert_close(shown, _blended(make_patch(scene)), scene.tolerance + 1)


def a_group_leaves_the_layers_and_the_selection_alone(scene: Scene) -> None:
    scene.select(8, 6, 30, 20)
    before = (read_rgba(scene, scene.pose), read_rgba(scene, scene.expression))
    make_group(scene)
    assert (read_rgba(scene, scene.pose), read_rgba(scene, scene.expression)) == before
    selection = scene.host.selection()
    assert selection is not None
    assert bytes(selection.mask).count(255) == 22 * 14


def a_group_is_one_undo_step(scene: Scene) -> None:
    before = ([info.id for info in scene.host.layers()], scene.flattened())
    make_group(scene)
    if scene.can_undo:
        scene.undo()
        assert ([info.id for info in scene.host.layers()], scene.flattened()) == before


def a_group_that_is_given_up_leaves_nothing(scene: Scene) -> None:
    before = ([info.id for info in scene.host.layers()], scene.flattened())
    writer = scene.host.begin_group(scene.pose, "group")
    for _ in writer.add(make_patch(scene)):
        pass
    writer.close()
    assert ([info.id for info in scene.host.layers()], scene.flattened()) == before


def settings_come_back_or_are_declined(scene: Scene) -> None:
    text = '{"options": {"strength": 0.5}}'
    if scene.host.save_settings(text):
        assert scene.host.load_settings() == text
    else:
        assert scene.host.load_settings() is None


def progress_and_messages_are_taken(scene: Scene) -> None:
    scene.host.progress(0.5, "Grüße, 写真")
    scene.host.message("A sentence.", "A hint.")


CONTRACT: tuple[Callable[[Scene], None], ...] = (
    layers_are_listed_topmost_first_with_place_and_size,
    the_active_layer_is_first_among_the_selected,
    pixels_are_read_as_srgb,
    a_layer_read_in_bands_is_the_layer_read_at_once,
    reading_changes_nothing,
    a_missing_layer_is_an_error_with_a_sentence,
    without_a_selection_there_is_no_mask,
    a_selection_comes_as_its_box_and_mask,
    a_patch_lands_right_above_its_layer,
    a_patch_keeps_its_note,
    a_patch_blends_as_the_preview_did,
    a_patch_leaves_the_layers_and_the_selection_alone,
    a_patch_is_one_undo_step,
    a_patch_may_reach_out_of_the_image,
    a_patch_replaces_an_older_one_in_its_place,
    a_patch_whose_older_one_is_gone_is_made_above_its_layer,
    a_group_lands_on_top_with_a_copy_of_its_base_at_the_bottom,
    the_layers_of_a_group_keep_their_notes,
    a_group_shows_its_base_and_patches_whatever_lies_below,
    a_group_leaves_the_layers_and_the_selection_alone,
    a_group_is_one_undo_step,
    a_group_that_is_given_up_leaves_nothing,
    settings_come_back_or_are_declined,
    progress_and_messages_are_taken,
)


def make_group(scene: Scene, *, patches: int = 2) -> str:
    """A group on the pose layer with the patches ``lower`` and, where there are two, ``upper``."""
    writer = scene.host.begin_group(scene.pose, "group")
    try:
        added = [make_patch(scene, name="lower")]
        if patches > 1:
            added.append(make_patch(scene, x0=UPPER_BOX[0], y0=UPPER_BOX[1], name="upper"))
        for patch in added:
            for _ in writer.add(patch):
                pass
        return writer.finish()
    finally:
        writer.close()


def make_patch(
    scene: Scene,
    *,
    replace: str | None = None,
    x0: int = PATCH_BOX[0],
    y0: int = PATCH_BOX[1],
    name: str = "patch",
) -> Patch:
    """A patch of one colour under a mask that grows from left to right, as the pose's reader is."""
    width, height = PATCH_BOX[2] - PATCH_BOX[0], PATCH_BOX[3] - PATCH_BOX[1]
    reader = scene.host.open_layer(scene.pose)
    order, depth = reader.order, reader.depth
    reader.close()
    sample = {"rgb": (240, 20, 60), "rgba": (240, 20, 60, 255), "bgra": (60, 20, 240, 255)}[order]
    pixel = b"".join((v * 257).to_bytes(2, "little") if depth == 16 else bytes([v]) for v in sample)
    mask = bytes(255 * x // (width - 1) for x in range(width)) * height
    return Patch(
        *(scene.pose, replace, name, x0, y0, width, height, order, depth),
        pixels=pixel * (width * height),
        mask=mask,
        note=NOTE,
    )


def read_rgba(scene: Scene, layer_id: str) -> bytes:
    """A layer as RGBA 8-bit, whatever its reader gives."""
    reader = scene.host.open_layer(layer_id)
    try:
        data = bytes(reader.rows(0, reader.height))
    finally:
        reader.close()
    if reader.depth == 16:
        data = data[1::2]
    count = CHANNELS[reader.order]
    planes = [data[i::count] for i in range(count)]
    if count == 3:
        planes.append(b"\xff" * len(planes[0]))
    if reader.order == "bgra":
        planes[0], planes[2] = planes[2], planes[0]
    result = bytearray(len(planes[0]) * 4)
    for i, plane in enumerate(planes):
        result[i::4] = plane
    return bytes(result)


def _box(info: LayerInfo) -> tuple[int, int, int, int]:
    return info.x, info.y, info.x + info.width, info.y + info.height


def _spread(mask: bytes, left: int, top: int, width: int, height: int) -> bytes:
    """A mask on the whole image, 0 outside its box."""
    full = bytearray(IMAGE_SIZE[0] * IMAGE_SIZE[1])
    for y in range(height):
        for x in range(width):
            if 0 <= left + x < IMAGE_SIZE[0] and 0 <= top + y < IMAGE_SIZE[1]:
                full[(top + y) * IMAGE_SIZE[0] + left + x] = mask[y * width + x]
    return bytes(full)


def _blended(patch: Patch) -> bytes:
    """The pose layer with the patch over it, mixed on sRGB values."""
    shown = bytearray(pattern(64, 48, 0))
    for y in range(patch.height):
        for x in range(patch.width):
            cover = patch.mask[y * patch.width + x] / 255
            at = ((patch.y + y) * IMAGE_SIZE[0] + patch.x + x) * 4
            for channel, value in enumerate((240, 20, 60)):
                below = shown[at + channel]
                shown[at + channel] = round(value * cover + below * (1 - cover))
    return bytes(shown)


def _assert_close(found: bytes, wanted: bytes, tolerance: int) -> None:
    assert len(found) == len(wanted), (len(found), len(wanted))
    worst = max(abs(a - b) for a, b in zip(found, wanted))
    assert worst <= tolerance, f"samples differ by up to {worst}"
