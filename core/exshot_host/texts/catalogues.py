"""The texts in the user's language, with gettext. `tools/translations.py` makes the catalogues."""

from __future__ import annotations

import gettext
from pathlib import Path

from exshot_host.errors import EngineError, HostError
from exshot_host.texts.texts import ERRORS, NOTICES

DOMAIN = "exshot"
_CATALOGUES = Path(__file__).parent / "locale"


class Translator:
    """Texts in the languages of the user's environment (``LANGUAGE``, ``LC_ALL``, ``LANG``)."""

    def __init__(self, languages: list[str] | None = None) -> None:
        """``languages``: e.g. ``["de"]`` where the editor knows better than the environment."""
        self._catalogue = gettext.translation(
            DOMAIN, str(_CATALOGUES), languages=languages, fallback=True
        )

    def __call__(self, text: str) -> str:
        """The text in the user's language, itself where there is no translation."""
        return self._catalogue.gettext(text) if text else ""

    def error(self, error: HostError) -> HostError:
        """The error in the user's language.

        The engine composes its sentences in English; where one has no translation of its own, the
        general sentence for its code is shown.
        """
        sentence, hint = self(error.sentence), self(error.hint)
        general = ERRORS.get(error.code)
        untranslated = isinstance(error, EngineError) and sentence == error.sentence
        if untranslated and general is not None and self(general[0]) != general[0]:
            sentence, hint = self(general[0]), self(general[1])
        return HostError(error.code, sentence, hint, error.details)

    def notice(self, code: str, sentence: str) -> str:
        """The sentence of a warning in the user's language; by its code as in `error`."""
        general = NOTICES.get(code, "")
        return self(general) if self(general) != general else self(sentence)
