"""Switches a Python plug-in of Krita on and off in the text of its settings file, ``kritarc``.

The file is KConfig's INI dialect. Every line that is not the plug-in's own stays as it is, byte for
byte: Krita's other settings, comments, order, line ends.
"""

from __future__ import annotations

SECTION = "[python]"


def enabled(text: str, plugin: str) -> bool:
    """Whether Krita loads ``plugin`` with these settings."""
    lines = text.split("\n")
    own = _lines_of(lines, plugin)
    return bool(own) and _means_on(lines[own[-1]])  # KConfig lets the last of equal keys win


def enable(text: str, plugin: str) -> str:
    """The settings with ``plugin`` switched on; the same text where it already is."""
    if enabled(text, plugin):
        return text
    lines = text.split("\n")
    end = "\r" if "\r\n" in text else ""
    line = f"enable_{plugin}=true{end}"
    own, sections = _lines_of(lines, plugin), _sections(lines)
    if own:
        lines[own[-1]] = line
    elif sections:
        lines.insert(sections[0].start + 1, line)
    else:
        if lines[-1] == "":
            lines.pop()
        lines += [*([end] if lines else []), f"{SECTION}{end}", line, ""]
    return "\n".join(lines)


def disable(text: str, plugin: str) -> str:
    """The settings without the plug-in's key, and without the section that this leaves empty."""
    lines = text.split("\n")
    doomed = set(_lines_of(lines, plugin))
    for section in _sections(lines):
        kept = [n for n in section[1:] if n not in doomed and lines[n].strip()]
        if not kept and doomed.intersection(section):
            doomed.add(section.start)
            if section.start > 0 and not lines[section.start - 1].strip():
                doomed.add(section.start - 1)  # the empty line above came with the section
    lines = [line for number, line in enumerate(lines) if number not in doomed]
    text = "\n".join(lines)
    return text if text.strip() else ""


def _sections(lines: list[str]) -> list[range]:
    """Line numbers of each ``[python]`` section, its header first; a file may hold several."""
    headers = [i for i, line in enumerate(lines) if line.lstrip().startswith("[")]
    ends = [*headers[1:], len(lines)]
    spans = zip(headers, ends)
    return [range(start, end) for start, end in spans if lines[start].strip() == SECTION]


def _lines_of(lines: list[str], plugin: str) -> list[int]:
    key = f"enable_{plugin}"
    numbers = (number for section in _sections(lines) for number in section[1:])
    return [number for number in numbers if lines[number].partition("=")[0].strip() == key]


def _means_on(line: str) -> bool:
    return line.partition("=")[2].strip().lower() == "true"
