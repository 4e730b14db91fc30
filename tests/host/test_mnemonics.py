"""Keyboard letters for the labels of a dialog."""

from __future__ import annotations

from exshot_host.widgets.mnemonics import with_mnemonics


def test_every_label_gets_a_letter_of_its_own_where_one_is_left() -> None:
    assert with_mnemonics(["Strength", "Eyes", "Nose"], "SR") == ["S_trength", "_Eyes", "_Nose"]
    assert with_mnemonics(["a", "A", "あ", "ä"]) == ["_a", "A", "あ", "ä"]
