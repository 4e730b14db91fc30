"""Fixtures of the training tests; they need the packages of the extra ``train``."""

from __future__ import annotations

from pathlib import Path

import pytest

WHY = "the training packages are not installed (pip install -e '.[train]')"
SIZE = 64


@pytest.fixture
def training_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of shards and runs, with one small shard of made-up faces called ``toy``."""
    pytest.importorskip("safetensors", reason=WHY)
    from train.toy_samples import toy_samples

    from exshot_train.triplets.shards import write_shard

    monkeypatch.setenv("EXSHOT_TRAIN_CACHE", str(tmp_path))
    write_shard(
        tmp_path / "shards" / "toy" / "s0_00000.safetensors", toy_samples(6, SIZE), "toy", 0
    )
    return tmp_path
