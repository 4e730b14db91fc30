"""How a text is marked for translation; `tools/translations.py` collects what is marked."""


def N_(text: str) -> str:  # noqa: N802 - gettext's customary name
    """Mark a text for translation without translating it now."""
    return text
