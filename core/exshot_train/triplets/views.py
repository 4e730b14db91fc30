"""All triplets that the studio's developed views give (`exshot_train.studio.views`)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations
from pathlib import Path
from typing import Final

import numpy as np

from exshot_train.studio.view_file import ViewInfo, read_info, read_view
from exshot_train.triplets.sample import Sample, Uncropped, crop_sample

_SHOWN: Final = 4  # draws of a triplet: half of them in the studio's light, the rest relit
_TRIES: Final = 64  # views from far aside, in which no face was found, in a row


@dataclass(frozen=True)
class Moment:
    """Takes of one person and turn of the head, which differ in the expression only."""

    takes: tuple[ViewInfo, ...]

    @property
    def cameras(self) -> int:
        """How many there were."""
        return self.takes[0].cameras

    def __len__(self) -> int:
        expressions, cameras = len(self.takes), self.cameras
        return expressions * (expressions - 1) * cameras * (cameras - 1)


class ViewTriplets:
    """Triplets on the paper's terms, as a sequence of samples. Safe in worker processes.

    Pose photo and truth are one camera's, the expression photo is another's; all stand in the
    studio's own light, but half of the expression photos are relit (light augmentation).
    """

    def __init__(self, folder: Path, size: int, *, relight: bool = True) -> None:
        """List what is there.

        Args:
            folder: of ``KEY.safetensors``.
            size: side of the crops, pixels.
            relight: False for the studio's light alone.

        Raises:
            ValueError: no person there with two expressions, or files of another format.
        """
        self.size = size
        self.relight = relight
        by_moment: dict[str, list[ViewInfo]] = {}
        for path in sorted(folder.glob("*.safetensors")):
            info = read_info(path)
            person, turn, _ = info.key.split("_", 2)
            by_moment.setdefault(f"{person}_{turn}", []).append(info)
        self.moments = [Moment(tuple(takes)) for takes in by_moment.values() if len(takes) > 1]
        if not self.moments:
            raise ValueError(
                f"{folder} holds no two expressions of a person; "
                "python -m exshot_train.studio render, then develop"
            )
        self._starts = np.cumsum([0, *map(len, self.moments)])

    @property
    def distinct(self) -> int:
        """Triplets of different views, lights apart."""
        return int(self._starts[-1])

    def __len__(self) -> int:
        return self.distinct * _SHOWN

    def __getitem__(self, index: int) -> Sample:
        """Sample number ``index``; where a view shows no face that can be found, the next one."""
        if not 0 <= index < len(self):
            raise IndexError(index)
        for step in range(_TRIES):
            sample = self._sample((index + step * _SHOWN) % len(self))
            if sample is not None:
                return sample
        raise ValueError(f"no face was found in {_TRIES} triplets from number {index} on")

    def _sample(self, index: int) -> Sample | None:
        number, shown = divmod(index, _SHOWN)
        moment_index = int(np.searchsorted(self._starts, number, side="right")) - 1
        moment = self.moments[moment_index]
        within = number - int(self._starts[moment_index])
        pair, cameras = divmod(within, moment.cameras * (moment.cameras - 1))
        before, after = _ordered_pair(len(moment.takes), pair)
        here, there = _ordered_pair(moment.cameras, cameras)
        pose_take, take = moment.takes[before], moment.takes[after]
        light = 0
        if self.relight and shown >= _SHOWN // 2 and take.relit:
            light = 1 + (shown + within) % take.relit
        pose, truth = read_view(pose_take.path, here), read_view(take.path, here)
        plain = read_view(take.path, there)
        expression = read_view(take.path, there, light) if light else plain
        if pose.mesh is None or expression.mesh is None:
            return None
        whole = Uncropped(
            pose.picture,
            truth.picture,
            np.full(truth.picture.shape[:2], 255, np.uint8),
            expression.picture,
            plain.picture,
            pose.mesh,
            expression.mesh,
            f"views {pose_take.key} {take.key} {here} {there} {light}",
            independent=True,
        )
        return crop_sample(whole, self.size)


@lru_cache(maxsize=8)
def _ordered_pairs(count: int) -> tuple[tuple[int, int], ...]:
    return tuple(permutations(range(count), 2))


def _ordered_pair(count: int, number: int) -> tuple[int, int]:
    """Pair ``number`` of the ordered pairs of two different things out of ``count``."""
    return _ordered_pairs(count)[number]
