"""Blind rating: forms are read strictly, figures are what the forms say."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from benchmarks.rating_scores import (
    Rating,
    RatingError,
    agreement,
    fault_map,
    read_form,
    report,
)


def form(folder: Path, text: str, name: str = "one.csv") -> Path:
    file = folder / name
    file.write_text("item,rating,regions,remark\n" + text)
    return file


def test_a_form_gives_ratings_with_regions_and_remarks(tmp_path: Path) -> None:
    ratings = read_form(form(tmp_path, "001,6,,\n002,3,eyes; Teeth,grey teeth\n"))

    assert ratings == [
        Rating("one", 1, 6, ()),
        Rating("one", 2, 3, ("eyes", "teeth"), "grey teeth"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("001,8,,\n", "outside 1 to 7"),
        ("001,,,\n", "two whole numbers"),
        ("001,5,,\n001,6,,\n", "rated twice"),
        ("001,5,elbow,\n", "no region 'elbow'"),
        ("", "no ratings"),
    ],
)
def test_a_wrong_form_says_what_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(RatingError, match=said):
        read_form(form(tmp_path, text))


def test_agreement_of_two_raters() -> None:
    ratings = [Rating("a", i, v, ()) for i, v in enumerate((1, 4, 7))]
    ratings += [Rating("b", i, v, ()) for i, v in enumerate((2, 5, 7))]

    apart, alike = agreement(ratings)

    assert apart == pytest.approx(2 / 3)
    assert alike == pytest.approx(0.993, abs=0.002)


def test_one_rater_agrees_with_nobody() -> None:
    assert np.isnan(agreement([Rating("a", 1, 5, ())])).all()


def test_faults_are_drawn_where_they_were_named() -> None:
    faults = fault_map([Rating("a", 1, 3, ("mouth", "teeth")), Rating("a", 2, 6, ())])

    assert 0.3 < np.nanmax(faults) <= 0.51  # softened over a narrow band
    assert np.nanmin(faults) == pytest.approx(0, abs=1e-3)


def test_the_report_tells_kinds_and_worst_cases(tmp_path: Path) -> None:
    key = tmp_path / "key.json"
    entries = [
        {"number": 1, "kind": "pairs", "case": "x_ab"},
        {"number": 2, "kind": "untouched", "case": "v/01"},
    ]
    key.write_text(json.dumps(entries))
    forms = [form(tmp_path, "1,3,eyes,dull\n2,7,,\n"), form(tmp_path, "1,4,,\n2,6,,\n", "two.csv")]
    console = Console(record=True, width=120)

    report(key, forms, tmp_path / "heat.png", console)

    text = console.export_text()
    assert "3.50" in text
    assert "6.50" in text
    assert "x_ab" in text
    assert "dull" in text
    assert (tmp_path / "heat.png").is_file()


def test_a_form_of_other_sheets_is_refused(tmp_path: Path) -> None:
    key = tmp_path / "key.json"
    key.write_text(json.dumps([{"number": 1, "kind": "pairs", "case": "x"}]))

    with pytest.raises(RatingError, match="do not belong"):
        report(key, [form(tmp_path, "9,5,,\n")], None, Console(quiet=True))
