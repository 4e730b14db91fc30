"""Switching a plug-in on and off in Krita's settings without disturbing anything else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exshot.plugins.kritarc import disable, enable, enabled

SETTINGS = """\
# Krita's own
[MainWindow]
ToolBarsMovable=Enabled

[python]
enable_comics_project_management_tools=false
enable_krita_script_starter=true

[theme]
Theme=Krita dark
"""


def test_only_one_line_is_added() -> None:
    changed = enable(SETTINGS, "exshot")
    added = set(changed.splitlines()) - set(SETTINGS.splitlines())
    assert added == {"enable_exshot=true"}
    assert changed.replace("enable_exshot=true\n", "") == SETTINGS
    assert enabled(changed, "exshot")


def test_a_plugin_that_was_off_is_switched_in_place() -> None:
    settings = SETTINGS.replace("[theme]", "enable_exshot=false\n\n[theme]")
    assert not enabled(settings, "exshot")
    assert enable(settings, "exshot") == settings.replace("shot=false", "shot=true")


def test_a_key_in_another_section_does_not_count() -> None:
    settings = "[other]\nenable_exshot=true\n"
    assert not enabled(settings, "exshot")
    assert enable(settings, "exshot") == settings + "\n[python]\nenable_exshot=true\n"


def test_windows_line_ends_stay() -> None:
    settings = SETTINGS.replace("\n", "\r\n")
    changed = enable(settings, "exshot")
    assert "\n" not in changed.replace("\r\n", "")
    assert disable(changed, "exshot") == settings


@pytest.mark.parametrize("settings", [SETTINGS, "", "[theme]\nTheme=dark\n", "[python]\na=b\n"])
def test_on_and_off_again_is_what_it_was(settings: str) -> None:
    changed = enable(settings, "exshot")
    assert enabled(changed, "exshot")
    assert enable(changed, "exshot") == changed
    assert disable(changed, "exshot") == settings


LINES = st.sampled_from(
    ["", "[python]", "[python][sub]", "[a]", "k=v", "enable_exshot=false", " enable_exshot = true"]
)


@given(st.lists(LINES))
def test_other_lines_survive_any_file(lines: list[str]) -> None:
    def others(content: str) -> list[str]:
        dropped = ("", "[python]")
        return [x for x in content.split("\n") if "exshot" not in x and x.strip() not in dropped]

    text = "\n".join(lines)
    on = enable(text, "exshot")
    assert enabled(on, "exshot")
    assert others(on) == others(text)
    off = disable(on, "exshot")
    assert not enabled(off, "exshot")
    assert others(off) == others(text)
