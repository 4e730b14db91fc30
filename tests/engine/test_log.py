"""The engine's log, which several engines share."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from exshot.engine import run


def test_a_full_log_that_another_engine_holds_open_is_written_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows lets nobody rename a file that is open elsewhere."""

    def denied(*_names: object) -> None:
        raise PermissionError(13, "The process cannot access the file")

    log = logging.getLogger("exshot")
    before = log.handlers[:], log.propagate, log.level
    monkeypatch.setattr(run, "LOG_BYTES", 200)
    try:
        path = run.start_log(tmp_path)
        assert path is not None
        monkeypatch.setattr(os, "rename", denied)
        for number in range(20):
            log.info("line %d of some length", number)
        text = path.read_text("utf-8")
        assert all(f"line {number} " in text for number in range(20))
    finally:
        for handler in set(log.handlers) - set(before[0]):
            log.removeHandler(handler)
            logging.getLogger("py.warnings").removeHandler(handler)
            handler.close()
        log.propagate, log.level = before[1], before[2]
        logging.captureWarnings(capture=False)
