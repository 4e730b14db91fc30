"""Bring the catalogues of translations up to date: ``python tools/translations.py``.

Collects the texts marked with ``N_`` in `core/exshot_host` and `core/exshot_contract`, puts new
ones untranslated into each ``locale/LANGUAGE/LC_MESSAGES/exshot.po``, drops those that are gone,
and compiles the ``.mo`` files that `exshot_host.texts.catalogues` reads. Needs ``msgfmt`` (the
package gettext). Exit code 1 where texts are missing in a language.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

CORE = Path(__file__).resolve().parents[1] / "core"
SOURCES = (CORE / "exshot_contract", CORE / "exshot_host")
LOCALE = CORE / "exshot_host" / "texts" / "locale"
_ENTRY = re.compile(r'^msgid (".*")\nmsgstr (".*")$', re.MULTILINE)


def marked_texts() -> list[str]:
    """Every text marked with ``N_``, in the order of the files."""
    found: dict[str, None] = {}
    for path in (path for folder in SOURCES for path in sorted(folder.rglob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            marks = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if marks and node.func.id == "N_" and isinstance(node.args[0], ast.Constant):  # type: ignore[union-attr]
                found[str(node.args[0].value)] = None  # type: ignore[union-attr]
    return list(found)


def read_catalogue(path: Path) -> dict[str, str]:
    """Texts and translations of a ``.po`` file with one line each."""
    if not path.exists():
        return {}
    pairs = _ENTRY.findall(path.read_text(encoding="utf-8"))
    entries = {ast.literal_eval(text): ast.literal_eval(other) for text, other in pairs}
    return {text: other for text, other in entries.items() if text}


def write_catalogue(path: Path, language: str, entries: dict[str, str]) -> None:
    """Write a ``.po`` file and compile it."""
    lines = [
        f"# {language} texts of the ExShot plug-ins",
        'msgid ""',
        f'msgstr "Language: {language}\\nContent-Type: text/plain; charset=UTF-8\\n"',
    ]
    for text, other in entries.items():
        lines += ["", f"msgid {_quoted(text)}", f"msgstr {_quoted(other)}"]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    subprocess.run(["msgfmt", "--check-format", "-o", path.with_suffix(".mo"), path], check=True)


def main() -> int:
    """Update every language; 1 where one is incomplete."""
    texts, status = marked_texts(), 0
    for folder in sorted(LOCALE.iterdir()):
        path = folder / "LC_MESSAGES" / "exshot.po"
        known = read_catalogue(path)
        entries = {text: known.get(text, "") for text in texts}
        write_catalogue(path, folder.name, entries)
        missing = [text for text, other in entries.items() if not other]
        print(f"{folder.name}: {len(texts) - len(missing)} of {len(texts)} translated")
        for text in missing:
            print(f"  {text}")
        status = 1 if missing else status
    return status


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


if __name__ == "__main__":
    sys.exit(main())
