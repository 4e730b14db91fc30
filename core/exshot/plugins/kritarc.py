"""Switches a Python plug-in of Krita on and off in the text of its settings file, ``kritarc``.

The file is KConfig's INI dialect. Every line that is not the plug-in's own stays as it is, byte for
byte: Krita's other settings, comments, order, line ends.
"""

from __future__ import annotations

SECTION = "[python]"


def enabled(text: str, plugin: str) -> bool:
    """Whether Krita loads ``plugin`` with these settings."""
    lines = text.split("\n")
    return any(
        lines[number].partition("=")[2].strip().lower() == "true"
        for number in _lines_of(lines, plugin)
    )


def enable(text: str, plugin: str) -> str:
    """The settings with ``plugin`` switched on; the same text where it already is."""
    if enabled(text, plugin):
        return text
    lines = text.split("\n")
    end = "\r" if "\r\n" in text else ""
    line = f"enable_{plugin}=true{end}"
    own = _lines_of(lines, plugin)
    section = _section(lines)
    if own:
        lines[own[-1]] = line  # KConfig lets the last of several equal keys win
    elif section is not None:
        lines.insert(section[0] + 1, line)
    else:
        if lines and lines[-1] == "":
            lines.pop()
        lines += [*([end] if lines else []), f"{SECTION}{end}", line, ""]
    return "\n".join(lines)


def disable(text: str, plugin: str) -> str:
    """The settings without the plug-in's key, and without its section if that is now empty."""
    lines = text.split("\n")
    own = _lines_of(lines, plugin)
    if not own:
        return text
    for number in reversed(own):
        del lines[number]
    section = _section(lines)
    if section is not None and not any(line.strip() for line in lines[section[0] + 1 : section[1]]):
        start = section[0]
        if start > 0 and not lines[start - 1].strip():
            start -= 1  # the empty line above came with the section
        del lines[start : section[0] + 1]
    text = "\n".join(lines)
    return text if text.strip() else ""


def _section(lines: list[str]) -> tuple[int, int] | None:
    """Line numbers of the section's header and of the first line after it."""
    headers = [i for i, line in enumerate(lines) if line.lstrip().startswith("[")]
    for position, start in enumerate(headers):
        if lines[start].strip() == SECTION:
            following = headers[position + 1 : position + 2]
            return start, following[0] if following else len(lines)
    return None


def _lines_of(lines: list[str], plugin: str) -> list[int]:
    section = _section(lines)
    if section is None:
        return []
    key = f"enable_{plugin}"
    return [
        number
        for number in range(section[0] + 1, section[1])
        if lines[number].partition("=")[0].strip() == key
    ]
