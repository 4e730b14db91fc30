"""Lines into tasks: those that share a photo go together, so that it is read and fitted once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from exshot.cli.batch.jobs import Job

_MOST: Final = 8  # lines a task: what a lost worker has to do again
_TASKS_A_SLOT: Final = 8  # at least; few large tasks would leave slots idle at the end
_GROUPS_A_SLOT: Final = 4  # from there on none is split: another worker would fit its photos anew
_PACKED_TASKS_A_SLOT: Final = 64  # from there on unrelated lines travel together, too


def plan_tasks(jobs: Mapping[int, Job], slots: int) -> list[tuple[int, ...]]:
    """The jobs' numbers, each once, in tasks for ``slots`` that work at a time.

    Jobs that share photos, directly or through others, follow each other, ordered by the photos
    that they share; the groups are in the order of their first job. In long lists several small
    groups make one task: a scheduler has work with every task.
    """
    slots = max(1, slots)
    groups = _groups(jobs)
    most = max(1, min(_MOST, len(jobs) // (_TASKS_A_SLOT * slots)))
    if len(groups) >= _GROUPS_A_SLOT * slots:
        most = _MOST
    packed = max(1, min(_MOST, len(jobs) // (_PACKED_TASKS_A_SLOT * slots)))
    tasks: list[tuple[int, ...]] = []
    for group in groups:
        parts = [group[start : start + most] for start in range(0, len(group), most)]
        if tasks and len(tasks[-1]) + len(parts[0]) <= packed:
            parts[0] = tasks.pop() + parts[0]
        tasks += parts
    return tasks


def _groups(jobs: Mapping[int, Job]) -> list[tuple[int, ...]]:
    """Connected by shared photos (union-find over the photos)."""
    owner: dict[str, int] = {}
    leader: dict[int, int] = {}

    def find(number: int) -> int:
        while leader[number] != number:
            leader[number] = leader[leader[number]]
            number = leader[number]
        return number

    for number, job in jobs.items():
        leader[number] = number
        for photo in job.shared:
            one, other = sorted((find(owner.setdefault(photo, number)), find(number)))
            leader[other] = one
    members: dict[int, list[int]] = {}
    for number in jobs:
        members.setdefault(find(number), []).append(number)
    return [_ordered(group, jobs) for group in members.values()]


def _ordered(group: Sequence[int], jobs: Mapping[int, Job]) -> tuple[int, ...]:
    """With the photos shared by most first, so that neighbours have one in common."""
    if len(group) < 3:
        return tuple(group)
    uses: dict[str, int] = {}
    for number in group:
        for photo in jobs[number].shared:
            uses[photo] = uses.get(photo, 0) + 1

    def key(number: int) -> tuple[tuple[int, str], ...]:
        return tuple(sorted((-uses[photo], photo) for photo in jobs[number].shared))

    return tuple(sorted(group, key=key))
