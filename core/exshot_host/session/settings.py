"""Options remembered from one use to the next."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from exshot_contract import options
from exshot_contract.options import Options
from exshot_contract.paths import config_folder
from exshot_contract.replacing import write_whole
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
            write_whole(_own_file(), text.encode())


def _own_file() -> Path:
    return config_folder() / "settings.json"
