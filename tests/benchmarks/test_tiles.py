"""Contact sheets hold every tile at full size."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from benchmarks import tiles
from benchmarks.sets import Case
from benchmarks.sheet import MAX_HEIGHT, Block, extremes, write_pages


def test_tiles_keep_their_size_and_order() -> None:
    shades = [np.full((20, 20, 3), 50 * i, np.uint8) for i in range(1, 4)]
    page = tiles.arrange(shades, columns=2)
    assert page.shape == (20 + 20 + tiles.GAP, 20 + 20 + tiles.GAP, 3)
    assert page[5, 5, 0] == 50
    assert page[5, 25 + tiles.GAP, 0] == 100
    assert page[25 + tiles.GAP, 5, 0] == 150


def test_the_mask_is_seen_where_it_covers_and_only_there() -> None:
    picture = np.full((40, 40, 3), 100, np.uint8)
    mask = np.zeros((40, 40), np.uint8)
    mask[10:30, 10:30] = 255
    shown = tiles.mask_overlay(picture, mask)
    assert (shown[:8] == 100).all()
    assert shown[20, 20, 0] > 150
    assert shown[20, 20, 1] < 100


def test_pages_hold_whole_cases_and_replace_those_of_an_earlier_run(tmp_path: Path) -> None:
    stale = tmp_path / "page-09.png"
    stale.touch()
    picture = np.zeros((MAX_HEIGHT // 2 - 50, 30, 3), np.uint8)
    case = Case("set", "a", Path("p"), Path("e"), None)
    blocks = [Block(case, picture, 20.0, 0)] * 3
    pages = list(write_pages(blocks, tmp_path))
    assert [len(page) for _, page in pages] == [2, 1]
    assert all(file.is_file() for file, _ in pages)
    assert not stale.exists()


def test_extremes_are_the_worst_the_median_and_the_best_with_a_truth() -> None:
    case = Case("set", "a", Path("p"), Path("e"), None)
    blocks = [
        Block(case, np.zeros((1, 1, 3), np.uint8), psnr, 0) for psnr in (math.nan, 1, 2, 3, 4)
    ]
    assert [block.psnr for block in extremes(blocks)] == [1, 3, 4]
    assert [block.psnr for block in extremes(blocks[:2])] == [1]
    assert extremes(blocks[:1]) == []
