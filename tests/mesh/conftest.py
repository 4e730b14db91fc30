"""One set of networks for all tests of the mesh."""

from __future__ import annotations

import pytest

from exshot.mesh.fitter import FaceFitter
from exshot.model_store import ModelStore


@pytest.fixture(scope="session")
def store() -> ModelStore:
    return ModelStore()


@pytest.fixture(scope="session")
def fitter(store: ModelStore) -> FaceFitter:
    return FaceFitter(store)
