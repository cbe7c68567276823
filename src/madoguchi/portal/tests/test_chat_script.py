"""The chat's script: small, of our own, and nothing in it that a strict content policy forbids."""

import gzip
import re
from pathlib import Path

import pytest

from madoguchi import portal

FOLDER = Path(portal.__file__).parent / "static" / "portal" / "chat"
SCRIPTS = sorted(FOLDER.glob("*.js"))
FORBIDDEN = (
    "eval(",
    "new Function",
    "innerHTML",
    "insertAdjacentHTML",
    "document.write",
    'createElement("style")',
)


def test_it_is_less_than_30_kb_compressed():
    assert sum(len(gzip.compress(script.read_bytes())) for script in SCRIPTS) < 30_000


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_it_needs_no_exception_of_a_content_policy(script):
    source = script.read_text()
    assert [words for words in FORBIDDEN if words in source] == []
    assert all(path.startswith("./") for path in re.findall(r'from "([^"]+)"', source))


def test_what_goes_wrong_is_told_in_words_of_our_own():
    source = (FOLDER / "widget.js").read_text()
    assert "validationMessage" not in source
    assert 'told.status === 403) return gaveUp(message, words.refused, "text")' in source


def test_the_place_in_the_queue_stands_above_what_scrolls():
    built = (FOLDER / "widget.js").read_text()
    assert built.index("parts.log, parts.state,") < built.index('{ class: "under" }')
    assert ".state { flex: none;" in (FOLDER / "looks.js").read_text()


def test_both_languages_say_the_same():
    source = (FOLDER / "words.js").read_text()
    ja, en = (set(re.findall(r"^  (\w+):", part, re.M)) for part in source.split("const en"))
    assert ja == en
