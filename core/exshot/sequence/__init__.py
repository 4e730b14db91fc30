"""Photo sequences: who is in them, how each face turned out, what to combine.

In the order of use: `look` at every photo, `match_persons`, `judge` each face against the same
person's other ones, `suggest`.
"""

from exshot.sequence.judge import FaceScore, judge
from exshot.sequence.persons import Person, match_persons
from exshot.sequence.sighting import Sighting, look
from exshot.sequence.suggest import Choice, Ease, FaceAdvice, Suggestion, suggest

__all__ = [
    "Choice",
    "Ease",
    "FaceAdvice",
    "FaceScore",
    "Person",
    "Sighting",
    "Suggestion",
    "judge",
    "look",
    "match_persons",
    "suggest",
]
