"""No key of a page does two things: what a script registers goes before the element that bears the same key."""

import re
from pathlib import Path

SOURCE = Path(__file__).parents[2]


def said_in(pattern: str, *files: str) -> set[str]:
    return {
        key
        for each in files
        for path in SOURCE.glob(each)
        if "tests" not in path.parts
        for key in re.findall(pattern, path.read_text())
    }


def test_no_element_bears_a_key_that_a_script_has() -> None:
    # given the keys of scripts, and those of what stands beside a case
    by_scripts = said_in(r'register\(\{ key: "([^"]+)"', "desk/static/desk/*.js", "look/static/look/*.js")
    by_elements = said_in(r'data-key="([^"{]+)"', "desk/templates/desk/*_part.html", "desk/parts/*.html")
    assert {"x", "X", "j", "k"} <= by_scripts
    assert {"a", "e", ";"} <= by_elements

    # then none is in both
    assert by_scripts & by_elements == set()
