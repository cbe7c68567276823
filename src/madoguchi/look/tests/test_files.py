"""Rules of the static files and the catalogue that no reviewer should have to watch."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from madoguchi import look

ROOT = Path(look.__file__).parent
SCRIPTS = sorted(ROOT.glob("static/look/*.js"))
STYLES = sorted(ROOT.glob("static/look/*.css"))
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|oklch|oklab)\(")


def without_comments(text):
    return re.sub(r"/\*.*?\*/|(?m:^\s*//.*$)", "", text, flags=re.DOTALL)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_evaluates_nothing_and_speaks_no_language(path):
    text = without_comments(path.read_text())
    assert not re.search(r"\beval\(|new Function|\.style\b|setAttribute\(\"style|outerHTML =", text)
    words = re.findall(r"[ぁ-んァ-ヶ一-龠]{2,}", text)
    assert words == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_imports_only_small_files(path):
    for module in re.findall(r'import .*?"\./([^"]+)"', path.read_text()):
        assert (path.parent / module).is_file()
        assert module not in {"app.js", "plain.js"}


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_only_the_tokens_name_a_colour(path):
    found = COLOUR.findall(without_comments(path.read_text()))
    allowed = {"tokens.css": True, "print.css": True, "base.css": found == ["oklch("] * 4}
    assert not found or allowed.get(path.name, False), found


def test_every_role_that_a_rule_uses_exists():
    text = "".join(path.read_text() for path in STYLES)
    used = set(re.findall(r"var\((--[a-z0-9-]+)", text))
    named = set(re.findall(r"(--[a-z0-9-]+)\s*:", text))
    assert used - named == set()


def test_the_japanese_catalogue_is_complete():
    with (ROOT / "locale/ja/LC_MESSAGES/django.po").open("rb") as file:
        catalogue = read_po(file)
    messages = [message for message in catalogue if message.id]
    assert [message.id for message in messages if not message.string or message.fuzzy] == []
    assert len(messages) > 90
    assert catalogue.obsolete == {}
