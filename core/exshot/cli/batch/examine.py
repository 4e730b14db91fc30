"""What is there before a batch begins: which files are one, which lines are done.

This looks at the disk, so it runs where the photos are seen: on this computer, or on one worker of
a cluster (one, because the numbers that tell files apart are a computer's own).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from exshot.cli.batch.claims import Claim, Names, check_claims
from exshot.cli.batch.completeness import State, picture_state, report_state
from exshot.cli.batch.jobs import BurstJob, Job, PairJob, as_plain, from_plain
from exshot.cli.batch.rows import Row
from exshot.cli.failure import error_record
from exshot.cli.photo_list import by_number, named_photos
from exshot.errors import ErrorCode, ExshotError
from exshot.path_text import reason_of, shown

_AT_ONCE = 500  # lines a request: half a megabyte of text

T = TypeVar("T")
Ask = Callable[[dict[str, Any]], dict[str, Any]]
"""Sends a request to `answer`, wherever that runs."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be done about a line.

    Attributes:
        skip: nothing; all its files are there and whole.
        kept: those that are whole and stay, where only some are.
        replace: what is there may be replaced: it was asked for, or is a broken remainder.
        error: why nothing can be done.
    """

    skip: bool = False
    kept: tuple[str, ...] = ()
    replace: bool = False
    error: ExshotError | None = None


_MAKE = Verdict()


def examine(
    table: Path, rows: Sequence[Row], part: Sequence[Row], ask: Ask, *, skip_existing: bool
) -> list[Verdict]:
    """A verdict on each line of ``part``; raises `ExshotError` where two of ``rows`` are at odds.

    ``rows`` is the whole list: what one shard writes another may read.
    """
    jobs = [row for row in rows if row.job is not None]
    check_claims(table, _outputs(jobs, ask), _inputs(table, rows, ask))
    verdicts: list[Verdict] = []
    for some in _chunks(part, _AT_ONCE):
        plain = [None if row.job is None else as_plain(row.job) for row in some]
        found = ask({"judge": plain, "skip_existing": skip_existing})["verdicts"]
        verdicts += [_verdict(row, one) for row, one in zip(some, found, strict=True)]
    return verdicts


def sweep(rows: Sequence[Row], ask: Ask) -> None:
    """Remove what killed processes left half-written where the lines' outputs lie."""
    outputs = (path for row in rows if row.job for path in row.job.outputs)
    for some in _chunks(sorted({str(Path(path).parent) for path in outputs}), _AT_ONCE):
        ask({"sweep": some})


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Look at this computer's disk for `examine`."""
    if "keys" in request:
        names = Names()
        return {"keys": [names.keys(path) for path in request["keys"]]}
    if "sweep" in request:
        from exshot.image.leftovers import remove_leftovers

        return {"swept": remove_leftovers(map(Path, request["sweep"]))}
    if "photos" in request:
        return {"photos": [[str(p) for p in burst_photos(Path(b))] for b in request["photos"]]}
    skip_existing = request["skip_existing"]
    found = [
        None if plain is None else _judged(from_plain(plain), skip_existing)
        for plain in request["judge"]
    ]
    return {"verdicts": found}


def judge(job: Job, *, skip_existing: bool) -> Verdict:
    """The verdict on one job, from what is on the disk now."""
    states = _states(job) if skip_existing else {}
    found = [state for state in states.values() if state is not State.STREAM]
    if found and all(state is State.WHOLE for state in found):
        return Verdict(skip=True)
    kept = tuple(path for path, state in states.items() if state is State.WHOLE)
    broken = State.BROKEN in found and State.FOREIGN not in found
    verdict = Verdict(kept=kept, replace=job.overwrite or broken)
    try:
        prepared(job, verdict).check()
    except ExshotError as error:
        return Verdict(error=error)
    except (OSError, ValueError) as error:  # a name too long, folders linked in a circle
        reason = reason_of(error)
        sentence = f"{shown(job.out)} cannot be written or its photos not be found ({reason})."
        return Verdict(
            error=ExshotError(ErrorCode.OUTPUT_NOT_WRITABLE, sentence, "Change the name.")
        )
    return verdict


def prepared(job: Job, verdict: Verdict) -> Any:
    """The job with its files, ready to be checked and run; raises `ExshotError`."""
    from exshot.cli.best import BestJob
    from exshot.cli.edit import EditJob

    def path(text: str | None) -> Path | None:
        return None if text is None else Path(text)

    if isinstance(job, BurstJob):
        photos = tuple(one for one in burst_photos(Path(job.burst)) if str(one) != job.out)
        if not photos:
            raise ExshotError(
                ErrorCode.FILE_NOT_FOUND,
                f"No photos were found at {shown(job.burst)}.",
                "Name a folder with photos, or a pattern such as anna/IMG_*.jpg.",
            )
        return BestJob(photos, Path(job.out), path(job.base), (), path(job.layers), verdict.replace)
    return EditJob(
        Path(job.pose),
        Path(job.expression),
        Path(job.out),
        job.options,
        layer=path(job.layer),
        report=path(job.report),
        quality=job.quality,
        overwrite=verdict.replace,
        kept=frozenset(map(Path, verdict.kept)),
    )


def burst_photos(burst: Path) -> list[Path]:
    """The photos of a folder, or those that a pattern finds; of none, an empty list."""
    from exshot.photo.file_formats import FORMAT_OF_SUFFIX

    try:
        if burst.is_dir():
            return named_photos([burst])
        found = burst.parent.glob(burst.name)
        photos = [
            one
            for one in found
            if one.suffix.lower() in FORMAT_OF_SUFFIX and not one.name.startswith(".")
        ]
        return sorted(photos, key=lambda one: by_number(one.name))
    except (ExshotError, OSError, ValueError):
        return []


def _states(job: Job) -> dict[str, State]:
    states = {path: picture_state(Path(path)) for path in job.outputs}
    if isinstance(job, PairJob) and job.report is not None:
        states[job.report] = report_state(Path(job.report))
    return states


def _judged(job: Job, skip_existing: bool) -> dict[str, Any]:
    verdict = judge(job, skip_existing=skip_existing)
    record: dict[str, Any] = {
        "skip": verdict.skip,
        "kept": verdict.kept,
        "replace": verdict.replace,
    }
    return record if verdict.error is None else {"error": error_record(verdict.error)}


def _verdict(row: Row, found: dict[str, Any] | None) -> Verdict:
    if found is None:
        return Verdict(error=row.error)
    if "error" in found:
        return Verdict(error=error_from(found["error"]))
    verdict = Verdict(found["skip"], tuple(found["kept"]), found["replace"])
    return _MAKE if verdict == _MAKE else verdict


def error_from(record: dict[str, str]) -> ExshotError:
    """The failure that `error_record` wrote."""
    return ExshotError(ErrorCode(record["code"]), record["sentence"], record["hint"])


def _outputs(rows: Sequence[Row], ask: Ask) -> Iterator[Claim]:
    yield from _claims(
        ((row.line, path) for row in rows if row.job for path in row.job.claimed), ask
    )


def _inputs(table: Path, rows: Sequence[Row], ask: Ask) -> Iterator[Claim]:
    # The list itself lies here, whoever reads the photos.
    yield Claim(0, str(table), Names().keys(str(table)))
    yield from _claims(((row.line, path) for row in rows for path in row.inputs), ask)
    bursts = [row for row in rows if isinstance(row.job, BurstJob)]
    for some in _chunks(bursts, _AT_ONCE):
        jobs = [row.job for row in some if isinstance(row.job, BurstJob)]
        found = ask({"photos": [job.burst for job in jobs]})["photos"]
        named = (
            (row.line, photo)
            for row, job, photos in zip(some, jobs, found, strict=True)
            for photo in photos
            if photo != job.out
        )
        yield from _claims(named, ask)


def _claims(named: Iterable[tuple[int, str]], ask: Ask) -> Iterator[Claim]:
    for some in _chunks(named, _AT_ONCE):
        found = ask({"keys": [path for _line, path in some]})["keys"]
        for (line, path), keys in zip(some, found, strict=True):
            yield Claim(line, path, tuple(keys))


def _chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
