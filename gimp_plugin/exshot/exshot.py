#!/usr/bin/env python3
"""ExShot in GIMP 3: registers the procedures under Filters ▸ ExShot and runs them.

GIMP runs this file in a process of its own for every call. The work is done by the engine, another
process; what is in between, and knows nothing of GIMP, is the package `exshot_host`.
"""

from __future__ import annotations

import sys
import traceback
from contextlib import contextmanager
from pathlib import Path

# Not resolved: where this file is a link to a checkout, `exshot_host` lies beside the link.
sys.path.insert(0, str(Path(__file__).absolute().parent))

import gi

gi.require_version("Gimp", "3.0")
gi.require_version("Gegl", "0.4")

import gimp_sequence
from gi.repository import Gegl, Gimp, GLib, GObject
from gimp_host import OPTIONS, GimpHost

from exshot_contract import options
from exshot_host.engine.client import EngineClient
from exshot_host.errors import EngineError, HostError, RequestStoppedError
from exshot_host.session.best import best_of_sequence
from exshot_host.session.edit_session import EditSession
from exshot_host.session.roles import EXPRESSION, POSE, ROLES
from exshot_host.texts import texts
from exshot_host.texts.catalogues import Translator
from exshot_host.widgets.mnemonics import with_mnemonics

EDIT, REEDIT, SEQUENCE = "plug-in-exshot-edit", "plug-in-exshot-reedit", "plug-in-exshot-sequence"
BEST = "plug-in-exshot-best"
KEEP = "keep-options"
BUTTONS = "rslhcao"  # mnemonics of the buttons that GIMP puts into a dialog, and of Apply
READ_WRITE = GObject.ParamFlags.READWRITE
INTERACTIVE = Gimp.RunMode.INTERACTIVE
say = Translator()


def answers(run):
    """Make a function that returns what a procedure returns into one that GIMP can call.

    An exception that reached GIMP would count as a success.
    """

    def answer(procedure, *arguments):
        try:
            value = run(procedure, *arguments)
        except HostError as error:
            return _failure(procedure, error)
        except Exception as error:
            traceback.print_exc()
            sentence = say(texts.EDITOR_FAILED).format(editor=GimpHost.name, reason=error)
            return _failure(procedure, HostError("internal", sentence))
        values = procedure.new_return_values(Gimp.PDBStatusType.SUCCESS, GLib.Error())
        if value is not None:
            values.remove(1)
            values.insert(1, GObject.Value(type(value), value))
        return values

    return answer


def _failure(procedure, error: HostError):
    status, text = Gimp.PDBStatusType.EXECUTION_ERROR, f"{error.sentence} {error.hint}".strip()
    if isinstance(error, RequestStoppedError):
        status, text = Gimp.PDBStatusType.CANCEL, ""
    elif error.code in ("bad_option", "several_faces", "unsupported_mode"):
        status = Gimp.PDBStatusType.CALLING_ERROR
    return procedure.new_return_values(status, GLib.Error(text))


@answers
def edit(procedure, mode, image, drawables, config, _data):
    """Runs `EDIT`: make a new layer."""
    with _session(image, drawables, config) as (session, _host):
        session.open()
        if mode == Gimp.RunMode.NONINTERACTIVE:  # "repeat" follows the selected layers instead
            for role in ROLES:
                if (layer := config.get_property(role)) is not None:
                    session.set_layer(role, str(layer.get_id()))
                session.set_face(role, config.get_property(f"{role}-face"))
        return _make(procedure, mode, config, session)


@answers
def reedit(procedure, mode, image, drawables, config, _data):
    """Runs `REEDIT`: make a layer again, with its own options unless others are asked for."""
    with _session(image, drawables, config) as (session, host):
        ours = [layer.id for layer in host.layers() if layer.made_by_exshot]
        chosen = [layer_id for layer_id in host.selected_layers() if layer_id in ours]
        target = chosen or (ours if len(ours) == 1 else host.selected_layers())
        if not session.open_again(target[0]):
            view = session.view()
            raise HostError("bad_option", view.sentence, view.hint)
        keep = mode != Gimp.RunMode.NONINTERACTIVE or config.get_property(KEEP)
        for name, spec in OPTIONS.items():
            if keep:
                config.set_property(name, options.get_value(session.options, spec.key))
            else:
                session.set_option(spec.key, config.get_property(name))
        return _make(procedure, mode, config, session)


@answers
def best(procedure, mode, image, drawables, config, _data):
    """Runs `BEST`: combine the best expression of every face of the image's layers."""
    if mode == INTERACTIVE:
        import gimp_dialog  # needs a display, which batches have not

        with _session(image, drawables, None) as (session, _host):
            session.open()
            made_group = gimp_dialog.run_best_dialog(procedure, config, session, say)
        return Gimp.Item.get_by_id(int(made_group))
    host = GimpHost(image, drawables, config, say)
    base = config.get_property("base")
    with EngineClient(name=host.name, version=host.version, translate=say) as client:
        try:
            made = best_of_sequence(
                host, client, say, base=str(base.get_id()) if base is not None else None
            )
        except EngineError as error:
            raise say.error(error) from None
        finally:
            Gimp.progress_end()
    if made.group is None:
        host.message(made.sentence(say), "")
        return None
    return Gimp.Item.get_by_id(int(made.group))


@answers
def open_sequence(_procedure, config, _data):
    """Runs `SEQUENCE`: open several photos as the layers of one image."""
    mode = config.get_property("run-mode")
    files = _choose_photos() if mode == INTERACTIVE else config.get_property("files")
    image = gimp_sequence.open_photos(files, say)
    if mode == INTERACTIVE:
        Gimp.Display.new(image)
    return image


def _choose_photos() -> list[str]:
    gi.require_version("GimpUi", "3.0")
    from gi.repository import GimpUi

    from exshot_gtk.choose_photos import choose_photos  # needs a display, which batches have not

    GimpUi.init("exshot")
    return choose_photos(say)


@contextmanager
def _session(image, drawables, config):
    """A session on an image, with an engine of its own, until the procedure returns.

    ``config``: the arguments with the options; None for a procedure without any.
    """
    host = GimpHost(image, drawables, config, say)
    with EngineClient(name=host.name, version=host.version, translate=say) as client:
        session = EditSession(host, client, translate=say)
        try:
            yield session, host
        finally:
            session.close()


def _make(procedure, mode, config, session: EditSession) -> Gimp.Layer:
    """Have the session make its layer, with a dialog or without."""
    if mode == INTERACTIVE:
        import gimp_dialog  # needs a display, which batches have not

        layer_id = gimp_dialog.run_dialog(procedure, config, session, say)
        if session.unseen:  # the dialog is gone and cannot say it
            Gimp.message(session.said)
    else:
        layer_id = session.run(guess=mode == Gimp.RunMode.WITH_LAST_VALS)
    return Gimp.Item.get_by_id(int(layer_id))


class ExShot(Gimp.PlugIn):
    """What GIMP asks for when it looks for plug-ins, and at each call."""

    def do_set_i18n(self, _procedure_name):
        return False  # the texts come translated from exshot_host

    def do_query_procedures(self):
        return [EDIT, REEDIT, BEST, SEQUENCE]

    def do_create_procedure(self, name):
        if name == SEQUENCE:
            return self._sequence_procedure()
        Gegl.init(None)
        if name == BEST:
            return self._best_procedure()
        run, label = (edit, texts.MENU_EDIT) if name == EDIT else (reedit, texts.MENU_REEDIT)
        procedure = Gimp.ImageProcedure.new(self, name, Gimp.PDBProcType.PLUGIN, run, None)
        procedure.set_image_types("*")
        mask = Gimp.ProcedureSensitivityMask
        procedure.set_sensitivity_mask(mask.DRAWABLE | mask.DRAWABLES)
        self._describe(procedure, label, texts.PDB_EDIT if name == EDIT else texts.PDB_REEDIT)
        if name == EDIT:
            for role, nick in (
                (POSE, say(texts.POSE_LAYER)),
                (EXPRESSION, say(texts.EXPRESSION_LAYER)),
            ):
                face = say(texts.PDB_FACE)
                procedure.add_layer_argument(role, nick, nick, True, READ_WRITE)
                procedure.add_int_argument(f"{role}-face", nick, face, -1, 63, -1, READ_WRITE)
        else:
            keep = say(texts.PDB_KEEP)
            procedure.add_boolean_argument(KEEP, keep, keep, True, READ_WRITE)
        labels = with_mnemonics([say(spec.label) for spec in OPTIONS.values()], BUTTONS)
        for (option, spec), label in zip(OPTIONS.items(), labels):
            _add_option(procedure, (option, label, say(spec.help)), spec)
        layer = say(texts.PDB_LAYER)
        procedure.add_layer_return_value("layer", layer, layer, False, READ_WRITE)
        return procedure

    def _best_procedure(self):
        procedure = Gimp.ImageProcedure.new(self, BEST, Gimp.PDBProcType.PLUGIN, best, None)
        procedure.set_image_types("*")
        mask = Gimp.ProcedureSensitivityMask
        procedure.set_sensitivity_mask(mask.DRAWABLE | mask.DRAWABLES)
        self._describe(procedure, texts.MENU_BEST, texts.PDB_BEST)
        base, group = say(texts.PDB_BASE), say(texts.PDB_GROUP)
        procedure.add_layer_argument("base", base, base, True, READ_WRITE)
        procedure.add_layer_return_value("group", group, group, True, READ_WRITE)
        return procedure

    def _sequence_procedure(self):
        procedure = Gimp.Procedure.new(self, SEQUENCE, Gimp.PDBProcType.PLUGIN, open_sequence, None)
        procedure.set_sensitivity_mask(Gimp.ProcedureSensitivityMask.ALWAYS)
        self._describe(procedure, texts.MENU_SEQUENCE, texts.PDB_SEQUENCE)
        files, image = say(texts.PDB_FILES), say(texts.PDB_IMAGE)
        mode = Gimp.RunMode.NONINTERACTIVE
        procedure.add_enum_argument(
            "run-mode", "Run mode", "Run mode", Gimp.RunMode, mode, READ_WRITE
        )
        procedure.add_string_array_argument("files", files, files, READ_WRITE)
        procedure.add_image_return_value("image", image, image, False, READ_WRITE)
        return procedure

    def _describe(self, procedure, label: str, blurb: str) -> None:
        procedure.set_menu_label(say(label))
        procedure.add_menu_path("<Image>/Filters/E_xShot")
        procedure.set_documentation(say(texts.BLURB), say(blurb), procedure.get_name())
        procedure.set_attribution("The ExShot developers", "Apache-2.0", "2026")


def _add_option(procedure, text: tuple[str, str, str], spec: options.OptionSpec) -> None:
    """Register one option of the table; ``text`` is its name, label and help."""
    if spec.kind == "number":
        procedure.add_double_argument(*text, spec.low, spec.high, spec.default, READ_WRITE)
    elif spec.kind == "switch":
        procedure.add_boolean_argument(*text, spec.default, READ_WRITE)
    else:
        choice = Gimp.Choice.new()
        for number, entry in enumerate(spec.choices):
            choice.add(entry.value, number, say(entry.label), "")
        procedure.add_choice_argument(*text, choice, spec.default, READ_WRITE)


Gimp.main(ExShot.__gtype__, sys.argv)
