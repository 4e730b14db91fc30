"""Users read every text in their language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from exshot_contract import options
from exshot_host.errors import EngineError, HostError
from exshot_host.texts import texts
from exshot_host.texts.catalogues import Translator
from tools.translations import LOCALE, marked_texts, read_catalogue

LANGUAGES = ["de", "es"]
_SAME = {"Open", "OK"}  # words that may be alike


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_is_complete(language: str) -> None:
    translate = Translator([language])
    missing = [text for text in marked_texts() if translate(text) == text and text not in _SAME]
    assert missing == [], "run: python tools/translations.py"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_the_written_one(language: str) -> None:
    translate = Translator([language])
    written = read_catalogue(LOCALE / language / "LC_MESSAGES" / "exshot.po")
    assert set(written) == set(marked_texts()), "run: python tools/translations.py"
    for text, other in written.items():
        assert translate(text) == other


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_filled_in_is_the_same_in_every_language(language: str) -> None:
    translate = Translator([language])
    for text in marked_texts():
        assert set(re.findall(r"{\w+}", translate(text))) == set(re.findall(r"{\w+}", text))


def test_every_text_is_shown_somewhere(checkout: Path) -> None:
    folders = (
        "core/exshot_host",
        "core/exshot_gtk",
        "core/exshot_qt",
        "gimp_plugin",
        "krita_plugin",
    )
    files = [path for folder in folders for path in (checkout / folder).rglob("*.py")]
    words = re.findall(r"\b[A-Z_]+\b", "\n".join(path.read_text("utf-8") for path in files))
    names = [name for name, value in vars(texts).items() if name.isupper() and value]
    assert [name for name in names if words.count(name) < 2] == []


def test_an_unknown_language_is_english() -> None:
    assert Translator(["tlh"])(texts.APPLY) == "Apply"


def test_the_engines_sentences_are_translated_by_their_code() -> None:
    error = EngineError("face_too_small", "The face is only 12 pixels wide.", "Use 32.")
    assert Translator(["de"]).error(error).sentence == "Das Gesicht ist zu klein zum Bearbeiten."
    assert Translator(["tlh"]).error(error).sentence == "The face is only 12 pixels wide."


def test_sentences_that_are_translated_already_stay() -> None:
    error = HostError("no_face", "In der Ebene „Lächeln“ ist kein Gesicht.")
    assert Translator(["de"]).error(error).sentence == error.sentence


def test_every_option_has_a_label_and_a_text() -> None:
    for entry in options.OPTIONS:
        assert entry.label
        assert entry.help.endswith(".")


def test_catalogues_are_small_enough_to_ship() -> None:
    assert all(path.stat().st_size < 100_000 for path in Path(LOCALE).rglob("*.mo"))
