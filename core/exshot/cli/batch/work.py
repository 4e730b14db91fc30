"""Does tasks: on a thread of this process, or on a worker of a cluster.

Tasks and answers are plain JSON data: numbers, paths, options, reports. Photos stay on the disk.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exshot.cli.batch.completeness import made_here
from exshot.cli.batch.examine import Verdict, prepared
from exshot.cli.batch.jobs import BurstJob, Job, as_plain, from_plain
from exshot.cli.failure import error_record
from exshot.cli.records import report_record
from exshot.errors import Cancelled, ErrorCode, ExshotError
from exshot.memory import is_out_of_memory, out_of_memory
from exshot.path_text import shown

if TYPE_CHECKING:
    from exshot.editor import Editor
    from exshot.photo import Photo
    from exshot.progress import CancelToken

EditorMaker = Callable[[], "Editor"]
BEST_ALREADY = "Every face is at its best already; nothing was written."


def task_for(lines: Sequence[tuple[int, Job, Verdict]], *, again: bool) -> dict[str, Any]:
    """A task of some lines, as `Desk.do` takes it.

    Args:
        lines: number, job and verdict of each.
        again: the task may have been begun before by a worker that was lost: files of ours that
            were not there when the batch began are replaced.
    """
    plain = [
        {"number": number, "job": as_plain(job), "kept": one.kept, "replace": one.replace}
        for number, job, one in lines
    ]
    return {"lines": plain, "again": again}


@dataclass
class Desk:
    """Where tasks are done: an `Editor`, made when the first is begun and kept for all others."""

    make_editor: EditorMaker
    _editor: Editor | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def do(self, task: dict[str, Any], stop: CancelToken) -> list[dict[str, Any]]:
        """An answer for each line that was begun: ``number``, ``status`` and what belongs to it.

        ``status`` is ``made`` (with ``report`` and ``notes``) or ``failed`` (with ``error``). Once
        ``stop`` is set no further line is begun, and the one at hand ends at its next step.
        """
        photos = _Photos()
        answers = []
        for line in task["lines"]:
            if stop.is_set():
                break
            job = from_plain(line["job"])
            verdict = Verdict(kept=tuple(line["kept"]), replace=line["replace"])
            if task["again"] and not verdict.replace:
                verdict = replace(verdict, replace=_only_ours(job, verdict))
            try:
                answer = self._made(job, verdict, photos, stop)
            except Cancelled:
                break
            except ExshotError as error:
                answer = {"status": "failed", "error": error_record(error)}
            except Exception as error:  # one photo that trips a library must not end the others
                answer = {"status": "failed", "error": error_record(_unexpected(error))}
            answers.append({"number": line["number"], **answer})
        return answers

    def editor(self) -> Editor:
        with self._lock:
            if self._editor is None:
                self._editor = self.make_editor()
            return self._editor

    def _made(
        self, job: Job, verdict: Verdict, photos: _Photos, stop: CancelToken
    ) -> dict[str, Any]:
        from exshot.cli.best import run_best
        from exshot.cli.edit import run_edit
        from exshot.cli.suggest import all_notes

        if isinstance(job, BurstJob):
            made = run_best(prepared(job, verdict), self.editor(), cancel=stop)
            notes = [*all_notes(made.shots, made.suggestion)]
            if made.out is None:
                notes.append(BEST_ALREADY)
            return {"status": "made", "report": made.record(), "notes": notes}
        photos.keep(job.photos)
        edit = run_edit(prepared(job, verdict), self.editor(), cancel=stop, open_photo=photos.open)
        notes = [*edit.report.notes, *(warning.sentence for warning in edit.report.warnings)]
        return {"status": "made", "report": report_record(edit.report), "notes": notes}


class _Photos:
    """The photos of the line at hand; the next line finds those that it shares with it."""

    def __init__(self) -> None:
        self._open: dict[str, Photo] = {}

    def keep(self, paths: Sequence[str]) -> None:
        """Let go of all others, before more are read."""
        self._open = {path: photo for path, photo in self._open.items() if path in paths}

    def open(self, path: Path) -> Photo:
        from exshot.photo import Photo

        name = str(path)
        if name not in self._open:
            self._open[name] = Photo.open(path)
        return self._open[name]


def _only_ours(job: Job, verdict: Verdict) -> bool:
    """Whether an earlier attempt at this line left something, and nobody else did."""
    there = [Path(path) for path in job.outputs if path not in verdict.kept]
    there = [path for path in there if path.is_file()]
    return bool(there) and all(map(made_here, there))


def _unexpected(error: Exception) -> ExshotError:
    if is_out_of_memory(error):
        return out_of_memory("for this line")
    sentence = f"Something unexpected went wrong ({type(error).__name__}: {shown(str(error))})."
    hint = "Try this line alone with `exshot edit` and EXSHOT_DEBUG=1."
    return ExshotError(ErrorCode.INTERNAL, sentence, hint)
