"""The dialog of Edit Expression… and Re-edit ExShot Layer…"""

from __future__ import annotations

from pathlib import Path

import gi

gi.require_version("GimpUi", "3.0")

from gi.repository import Gimp, GimpUi, Gio, GLib
from gimp_host import OPTIONS

from exshot_gtk.edit_dialog import EditDialog
from exshot_gtk.panel import EditPanel, about
from exshot_host.session.edit_session import EditSession
from exshot_host.session.view import State, View
from exshot_host.texts import texts
from exshot_host.texts.catalogues import Translator
from exshot_host.widgets.mnemonics import with_mnemonics

MANUAL = Path(__file__).absolute().parent / "manual.html"


def run_dialog(procedure, config, session: EditSession, say: Translator) -> str:
    """Have the user make a layer in GIMP's own dialog for a procedure; the layer's id.

    GIMP makes the options' widgets and remembers their values. Raises `RequestStoppedError`.
    """
    GimpUi.init("exshot")
    dialog = GimpUi.ProcedureDialog.new(procedure, config, say(texts.TITLE))
    apply_label, help_label = with_mnemonics([say(texts.APPLY), say(texts.HELP)])
    dialog.set_ok_label(apply_label)
    panel = EditPanel(session, say, _thumbnail)
    panel.add_options(_options(dialog, say))

    def changed(_config, _spec) -> None:
        for name, spec in OPTIONS.items():
            session.set_option(spec.key, config.get_property(name))

    config.connect("notify", changed)
    return EditDialog(dialog, session, panel, _help, help_label).run()


def run_best_dialog(procedure, config, session: EditSession, say: Translator) -> str:
    """Have the user say who is who and make the group of Best of Sequence; the group's id.

    Raises `RequestStoppedError`.
    """
    GimpUi.init("exshot")
    dialog = GimpUi.ProcedureDialog.new(procedure, config, say(texts.BEST_GROUP))
    make_label, help_label = with_mnemonics([say(texts.MAKE_GROUP), say(texts.HELP)])
    dialog.set_ok_label(make_label)
    panel = EditPanel(session, say, _thumbnail)
    panel.add_options([about(say(texts.BEST_HELP)), about(say(texts.WHO_IS_WHO))])

    def may_begin(view: View) -> bool:
        """It looks at all layers: whether the two that are shown have faces does not matter."""
        return len(view.layers) > 1 and view.state is not State.APPLYING

    return EditDialog(dialog, session, panel, _help, help_label, session.best, may_begin).run()


def _options(dialog, say: Translator) -> list:
    """The options' widgets: the first ones open, regions and the rest to be unfolded."""
    groups: dict[str, list[str]] = {"basic": [], "regions": [], "more": []}
    for name, spec in OPTIONS.items():
        region = spec.key.startswith("regions.")
        groups["regions" if region else "more" if spec.advanced else "basic"].append(name)
        if spec.kind == "number":
            dialog.get_scale_entry(name, 100.0 if spec.percent else 1.0)
    boxes = [dialog.fill_box("exshot-basic", groups["basic"])]
    for group, title in (("regions", texts.REGIONS), ("more", texts.MORE)):
        box, label = f"exshot-{group}", f"exshot-{group}-title"
        dialog.get_label(label, say(title), False, False)
        dialog.fill_box(box, groups[group])
        boxes.append(dialog.fill_expander(f"{box}-expander", label, False, box))
    return boxes


def _thumbnail(layer_id: str, side: int):
    layer = Gimp.Item.get_by_id(int(layer_id))
    return layer and layer.get_thumbnail(side, side, Gimp.PixbufTransparency.KEEP_ALPHA)


def _help() -> None:
    try:
        Gio.AppInfo.launch_default_for_uri(MANUAL.as_uri(), None)
    except GLib.Error:  # no browser: say where the page is
        Gimp.message(str(MANUAL))
