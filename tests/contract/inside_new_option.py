"""Asks every part about the option ``sparkle``; run by `test_new_option` with a table that has it.

Prints JSON. The first argument is the checkout.
"""

from __future__ import annotations

import importlib.util
import io
import json
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

from typer.testing import CliRunner

from exshot.cli.app import app
from exshot.cli.batch.rows import OPTIONS as COLUMNS
from exshot.cli.option_flags import override
from exshot.errors import ExshotError
from exshot.options import EditOptions, checked
from exshot_contract import messages, options
from exshot_contract.messages import Edit, Message
from exshot_contract.options import Options
from exshot_host.session.layer_memory import LayerMemory, LayerReference

GIVEN: Any = options.with_value(Options(), "sparkle", "bright")


class Known(type):
    """A class with every constant that is asked for."""

    def __getattr__(cls, name: str) -> Any:
        return mock.MagicMock(name=name)


class StandIn(metaclass=Known):
    """Any class of a toolkit: takes everything, returns stand-ins."""

    __gtype__ = None

    def __init__(self, *_arguments: Any, **_named: Any) -> None:
        self.calls = mock.MagicMock()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.calls, name)


class Toolkit(ModuleType):
    """A module in which every name is a class of its own."""

    def __getattr__(self, name: str) -> Any:
        made = Known(name, (StandIn,), {})
        setattr(self, name, made)
        return made


def refusal(call: Any, *arguments: Any) -> str:
    try:
        call(*arguments)
    except ExshotError as error:
        return error.sentence
    return ""


def carried(message: Message) -> Edit:
    stream = io.BytesIO()
    messages.write(stream, 1, message)
    stream.seek(0)
    frame = messages.read_request(stream)  # type: ignore[arg-type]
    assert frame is not None
    assert isinstance(frame[1], Edit)
    return frame[1]


def library_and_protocol() -> dict[str, Any]:
    stream = io.BytesIO()
    messages.write(stream, 1, Edit("a", "b", GIVEN))
    older: Any = messages.wire.decode_header(
        b'{"type":"edit","request":1,"pose":"a","expression":"b","options":{"strength":1}}',
        0,
        messages.REQUESTS,
    )[1]
    default: Any = EditOptions()
    arrived: Any = checked(carried(Edit("a", "b", GIVEN)).options)
    return {
        "library": {"default": default.sparkle, "given": checked(GIVEN).sparkle},  # type: ignore[attr-defined]
        "refused": refusal(lambda: EditOptions(sparkle="green")),  # type: ignore[call-arg]
        "frame": stream.getvalue().decode("latin-1"),
        "arrived": arrived.sparkle,
        "from_an_older_client": older.options.sparkle,
    }


def command_line() -> dict[str, Any]:
    plain = {"NO_COLOR": "1", "COLUMNS": "200", "TERM": "dumb"}
    shown = {
        name: re.sub(r"\s+", " ", CliRunner().invoke(app, [name, "--help"], env=plain).stdout)
        for name in ("edit", "batch")
    }
    changed: Any = override(EditOptions(), {"sparkle": "bright"})
    assert "sparkle" in COLUMNS
    return {
        "help": shown,
        "column": changed.sparkle,
        "column_refused": refusal(override, EditOptions(), {"sparkle": "green"}),
    }


def memory() -> dict[str, Any]:
    layer = LayerReference("1", "layer")
    note = LayerMemory(layer, layer, GIVEN, "1", "editor").to_text()
    again = LayerMemory.from_text(note)
    assert again is not None
    settings: Any = options.from_record(json.loads(json.dumps(options.to_record(GIVEN))))
    remembered: Any = again.options
    return {"settings": settings.sparkle, "note": remembered.sparkle}


def gimp(checkout: Path) -> dict[str, Any]:
    repository = mock.MagicMock(Gtk=Toolkit("Gtk"))
    repository.Gimp.PlugIn = StandIn
    sys.modules |= {"gi": mock.MagicMock(repository=repository), "gi.repository": repository}
    folder = checkout / "gimp_plugin" / "exshot"
    sys.path.insert(0, str(folder))
    spec = importlib.util.spec_from_file_location("exshot_in_gimp", folder / "exshot.py")
    assert spec is not None
    assert spec.loader is not None
    plugin: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(plugin)
    procedure = repository.Gimp.ImageProcedure.new.return_value
    plugin.ExShot().do_create_procedure(plugin.EDIT)
    names = [call.args[0] for call in procedure.add_choice_argument.call_args_list]
    dialog = mock.MagicMock()
    importlib.import_module("gimp_dialog")._options(dialog, plugin.say)
    filled = [name for call in dialog.fill_box.call_args_list for name in call.args[1]]
    return {
        "gimp_argument": ["sparkle", "choice"] if "sparkle" in names else names,
        "gimp_widgets": filled,
    }


def qt() -> dict[str, Any]:
    names = ("QtCore", "QtGui", "QtWidgets")
    sys.modules |= {"PyQt5": ModuleType("PyQt5")}
    sys.modules |= {f"PyQt5.{name}": Toolkit(name) for name in names}
    from exshot_host.texts.catalogues import Translator
    from exshot_qt.option_form import OptionForm

    return {"qt_rows": list(OptionForm(Translator(["C"])).controls)}


if __name__ == "__main__":
    found = {**library_and_protocol(), **command_line(), **memory(), **qt()}
    print(json.dumps({**found, **gimp(Path(sys.argv[1]))}))
