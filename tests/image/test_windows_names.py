"""Names and paths that Windows treats in its own way."""

from __future__ import annotations

import pytest

from exshot.image.windows_names import long_form, reason_against


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("aux.jpg", "device"), ("AUX", "device"), ("con.tar.gz", "device"), ("nul .png", "device"),
        ("lpt9.tif", "device"), ("COM¹.jpg", "device"),
        ("photo.jpg.", "end"), ("photo.jpg ", "end"),
        ("photo:b.jpg", ":"), ("what?.jpg", "?"), ('a"b.jpg', '"'),
    ],
)  # fmt: skip
def test_names_that_lead_elsewhere_are_named(name: str, word: str) -> None:
    assert word in reason_against(name)


@pytest.mark.parametrize(
    "name",
    ["photo.jpg", "auxiliary.jpg", "com.jpg", "com10.png", "a.b.c", ".jpg", "Größe ä 😀.jpg"],
)
def test_ordinary_names_are_fine(name: str) -> None:
    assert reason_against(name) == ""


def test_only_long_paths_get_the_long_form() -> None:
    deep = "\\".join(["a" * 60] * 5)
    assert long_form(r"C:\photos\a.jpg") == r"C:\photos\a.jpg"
    assert long_form(rf"C:\{deep}\a.jpg") == rf"\\?\C:\{deep}\a.jpg"
    assert long_form(rf"\\server\photos\{deep}") == rf"\\?\UNC\server\photos\{deep}"
    assert long_form(rf"\\?\C:\{deep}\a.jpg") == rf"\\?\C:\{deep}\a.jpg"
