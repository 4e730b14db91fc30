"""Keyboard letters for the labels of a dialog."""

from __future__ import annotations

from collections.abc import Sequence


def with_mnemonics(labels: Sequence[str], taken: str = "") -> list[str]:
    """Labels with an underscore before a letter that no other of them uses, where one is left.

    ``taken``: letters that the dialog's other widgets use.
    """
    used, marked = set(taken.lower()), []
    for label in labels:
        letters = enumerate(label.lower())
        at = next((i for i, c in letters if c.isalpha() and c.isascii() and c not in used), None)
        if at is not None:
            used.add(label[at].lower())
            label = f"{label[:at]}_{label[at:]}"
        marked.append(label)
    return marked
