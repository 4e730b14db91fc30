"""Options remembered from one use to the next."""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from exshot_contract import options
from exshot_contract.options import Options
from exshot_contract.paths import config_folder
from exshot_contract.replacing import replace_file
from exshot_host.adapter import EditorHost


def load(host: EditorHost) -> Options:
    """The options last saved; defaults where there are none or they are damaged."""
    text = host.load_settings()
    if text is None:
        with suppress(OSError, UnicodeDecodeError):
            text = _own_file().read_text(encoding="utf-8")
    try:
        record = json.loads(text or "{}")
    except (ValueError, RecursionError):
        record = {}
    return options.from_record(record.get("options") if isinstance(record, dict) else None)


def save(host: EditorHost, chosen: Options) -> None:
    """Remember the options. Never fails: a full disk must not stop an edit."""
    text = json.dumps({"options": options.to_record(chosen)}, indent=1)
    if not host.save_settings(text):
        with suppress(OSError):
            _replace(_own_file(), text)


def _own_file() -> Path:
    return config_folder() / "settings.json"


def _replace(path: Path, text: str) -> None:
    """Write beside and rename, so that a crash leaves the old settings."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        replace_file(Path(name), path)
    except OSError:
        Path(name).unlink()
        raise
