"""Fixtures that every folder of tests may use."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from editors.selection import (
    pytest_addoption,
    pytest_collection_modifyitems,
    pytest_terminal_summary,
)
from numpy.typing import NDArray
from shared_data import CHECKOUT, find_shared_data

try:
    from hypothesis import HealthCheck, settings
except ImportError:  # the editors' own tests run where it is not installed
    pass
else:
    # How long an example takes says how busy the computer is, not whether the code is right.
    settings.register_profile(
        "any computer", deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    settings.load_profile("any computer")

__all__ = ["pytest_addoption", "pytest_collection_modifyitems", "pytest_terminal_summary"]


@pytest.fixture(scope="session")
def checkout() -> Path:
    """Top folder of the project."""
    return CHECKOUT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the data sets beside the project; skips the test where it is absent."""
    folder = find_shared_data()
    if folder is None:
        pytest.skip("the shared data is not here (set EXSHOT_SHARED_DATA or put ../shared/data)")
    return folder


@pytest.fixture
def photo_array() -> NDArray[np.uint8]:
    """A smooth synthetic picture without a face, ``(96, 128, 3)`` uint8 RGB."""
    rows, columns = np.mgrid[0:96, 0:128]
    return (
        np.stack([rows * 2, columns * 2, (rows + columns)], axis=-1).clip(0, 255).astype(np.uint8)
    )


@pytest.fixture(scope="session")
def photo_pair() -> tuple[Path, Path]:
    """Pose and expression photo of one person: the demo's, else one of the shared data's."""
    demo = CHECKOUT / "core" / "exshot" / "demo"
    found = [sorted(demo.glob(f"{name}.*")) for name in ("pose", "expression")]
    if all(found):
        return found[0][0], found[1][0]
    folder = find_shared_data()
    if folder is None or not (folder / "real_pairs").is_dir():
        pytest.skip("there are neither demo photos nor the shared data")
    return next(
        (pose, pose.with_name(pose.name.replace("_a.", "_b.")))
        for pose in sorted((folder / "real_pairs").glob("*_a.*"))
    )
