"""The shooting plan: which person shows what, how the head is turned, where the cameras stand.

A *take* is one moment: a person, an expression, a turn of the head, seen by all five cameras.
Takes of one person with the same turn differ in nothing but the expression, so any two of them
and any two cameras make a triplet's truth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exshot_train.studio.expressions import EXPRESSIONS
from exshot_train.studio.head import HeadTurn
from exshot_train.studio.people import CASTS, Cast, Split
from exshot_train.studio.rig import Camera, look_at

CAMERAS = 5
TURNS = 2
_BLOCK = 8  # people shot together, so that an interrupted plan has whole sets of several
_YAWS = (-30.0, -15.0, 0.0, 15.0, 30.0)
_LENSES = (26.0, 35.0, 50.0, 85.0)  # millimetres for a 36 mm wide picture: phones to portrait


@dataclass(frozen=True, order=True)
class Take:
    """One moment of the plan."""

    turn: int  # 0 … TURNS - 1
    expression: int  # index into EXPRESSIONS
    person: int

    @property
    def key(self) -> str:
        return f"p{self.person:02d}_t{self.turn}_{EXPRESSIONS[self.expression]}"


def plan(
    split: Split,
    shard: int = 1,
    shards: int = 1,
    turns: int = TURNS,
    first: int | None = None,
    *,
    cast: Cast = "people",
) -> list[Take]:
    """Takes of a split in shooting order; shard ``1 … shards`` gets every ``shards``-th.

    Args:
        first: limits the plan to that many people.
        cast: whose takes.
    """
    if not 1 <= shard <= shards:
        raise ValueError(f"shard {shard} of {shards} does not exist")
    people = CASTS[cast][split][:first]
    blocks = [people[k : k + _BLOCK] for k in range(0, len(people), _BLOCK)]
    takes = [
        Take(turn, expression, person)
        for turn in range(turns)
        for block in blocks
        for expression in range(len(EXPRESSIONS))
        for person in block
    ]
    return takes[shard - 1 :: shards]


def head_turn(person: int, turn: int) -> HeadTurn:
    """The head pose of a person's takes: nearly frontal first, then turned."""
    rng = np.random.default_rng([501, person, turn])
    spread = 4.0 if turn == 0 else 13.0
    yaw, roll = rng.uniform(-spread, spread), rng.uniform(-spread / 2, spread / 2)
    return HeadTurn(
        round(float(yaw), 2), round(float(rng.uniform(-spread, spread) * 0.6), 2),
        round(float(roll), 2),
    )  # fmt: skip


def cameras(person: int, eyes: NDArray[np.float64], size: int) -> tuple[Camera, ...]:
    """The five cameras of a person's session, from the sitter's right to left.

    Args:
        eyes: ``(3,)``, between the eyes of the neutral head that faces forward.
        size: side of the square pictures, pixels.
    """
    rng = np.random.default_rng([502, person])
    return tuple(
        look_at(
            eyes,
            yaw + float(rng.uniform(-3, 3)),
            float(rng.uniform(-8, 8)),
            float(rng.choice(_LENSES)),
            size * float(rng.uniform(0.27, 0.31)),
            (size, size),
            (float(rng.uniform(-0.02, 0.02)), float(rng.uniform(-0.03, 0.0))),
            float(rng.uniform(-3, 3)),
        )
        for yaw in _YAWS
    )
