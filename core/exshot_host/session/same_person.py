"""What the user has said about who is who, by choosing a face in each of two photos."""

from __future__ import annotations

from collections.abc import Sequence

from exshot_contract.messages import SamePerson

_MOST = 256


class SaidMatches:
    """Pairs of faces of one person. Photos are known by their content: a layer that is painted on
    is another photo, and what was said about the old one is not asked about any more."""

    def __init__(self) -> None:
        self._said: list[SamePerson] = []

    def add(self, said: SamePerson | None) -> None:
        """Take in what the user says now; where it contradicts what was said before, it counts."""
        if said is not None:
            older = [one for one in self._said if one != said]
            self._said = [said, *older][:_MOST]

    def about(self, photos: Sequence[str]) -> tuple[SamePerson, ...]:
        """What was said about these photos, the newest first, as `Suggest` takes it."""
        names = set(photos)
        return tuple(one for one in self._said if {one.photo, one.other} <= names)
