"""What is done only when the user asks for it twice."""

from __future__ import annotations

from collections.abc import Hashable

from exshot_contract.codes import WarningCode
from exshot_contract.messages import Report

TO_CONFIRM = frozenset({WarningCode.DIFFERENT_PERSON.value})
"""Codes of warnings that stop an edit once."""


class Confirmation:
    """Remembers for which faces the user has been asked."""

    def __init__(self) -> None:
        self._asked: set[Hashable] = set()

    def needed(self, layers: Hashable, report: Report) -> bool:
        """Whether to ask now: True once for the two faces of these layers."""
        if not any(warning.code in TO_CONFIRM for warning in report.warnings):
            return False
        faces = (layers, report.pose_face, report.expression_face)
        if faces in self._asked:
            return False
        self._asked.add(faces)
        return True
