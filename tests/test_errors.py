"""A failure stays itself on its way from one process to another, as batch and training need it."""

from __future__ import annotations

import pickle

import pytest

from exshot.cli.batch.cluster import ClusterError
from exshot.errors import Cancelled, ErrorCode, ExshotError


@pytest.mark.parametrize(
    "error",
    [
        ExshotError(ErrorCode.NO_FACE, "There is no face in a.jpg.", "Choose another photo."),
        ClusterError("Nobody answers.", "Start the scheduler."),
        Cancelled(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_failure_crosses_processes_whole(error: ExshotError) -> None:
    other = pickle.loads(pickle.dumps(error))
    assert type(other) is type(error)
    assert (other.code, other.sentence, other.hint) == (error.code, error.sentence, error.hint)
    assert str(other) == str(error)
