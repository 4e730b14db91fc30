"""One set of networks for all tests of faces."""

from __future__ import annotations

import pytest

from exshot.face.fitter import FaceFitter
from exshot.model_store import ModelStore


@pytest.fixture(scope="session")
def store() -> ModelStore:
    return ModelStore()


@pytest.fixture(scope="session")
def fitter(store: ModelStore) -> FaceFitter:
    return FaceFitter(store)
