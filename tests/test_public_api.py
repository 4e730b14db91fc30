"""The names that users of the library may rely on."""

from __future__ import annotations

import pytest

import exshot

NAMES = [
    "Edit",
    "EditOptions",
    "EditReport",
    "EditWarning",
    "Editor",
    "ErrorCode",
    "ExshotError",
    "Face",
    "Photo",
    "Preview",
    "RegionWeights",
    "__version__",
    "flatten",
    "save_edit",
    "save_layer",
]


def test_the_public_names_are_these() -> None:
    assert sorted(exshot.__all__) == NAMES
    assert dir(exshot) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_each_name_loads_and_knows_itself(name: str) -> None:
    thing = getattr(exshot, name)
    assert name == "__version__" or thing.__name__ == name
    assert name == "__version__" or thing.__doc__


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Edits'"):
        exshot.Edits  # type: ignore[attr-defined]  # noqa: B018
