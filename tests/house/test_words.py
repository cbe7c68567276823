"""One thing has one word on every screen, in every mail and in the sample data."""

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

SOURCE = Path(__file__).parents[2] / "src" / "madoguchi"
# Words that mean the same as another one that was chosen (look/README.md).
ELSEWHERE_CALLED = {
    "用件番号": "受付番号",
    "ケース番号": "受付番号",
    **dict.fromkeys(["ひな形", "雛形", "返信テンプレート"], "テンプレート"),
}


def texts(root: Path) -> Iterator[Path]:
    """What people read: catalogues, templates, and the texts of the sample data."""
    for pattern in ("**/*.po", "**/templates/**/*.html", "**/templates/**/*.txt", "sample/texts/*.toml"):
        yield from root.glob(pattern)


def strays(root: Path) -> list[str]:
    return sorted(
        f"{path.relative_to(root)}: {word}, not {chosen}"
        for path in texts(root)
        for word, chosen in ELSEWHERE_CALLED.items()
        if word in path.read_text()
    )


def test_what_was_chosen_is_the_only_name() -> None:
    assert strays(SOURCE) == []


@pytest.mark.parametrize("name", ["desk/locale/ja/LC_MESSAGES/django.po", "sample/texts/phrases.toml"])
def test_a_second_name_would_be_found(tmp_path: Path, name: str) -> None:
    planted = tmp_path / name
    planted.parent.mkdir(parents=True)
    planted.write_text('msgstr "用件番号"')

    assert strays(tmp_path) == [f"{name}: 用件番号, not 受付番号"]


def test_no_template_changes_the_language_in_its_midst() -> None:
    """`look/fixed.py` asks for the language once a page."""
    changing = [str(path) for path in texts(SOURCE) if re.search(r"{%\s*language\s", path.read_text())]

    assert changing == []


def said_in_two_ways(root: Path) -> list[str]:
    """Words that apps put into different Japanese: all catalogues are one on a page, and one of them wins."""
    said = defaultdict[tuple[str, str], set[str]](set)
    for path in root.glob("**/ja/LC_MESSAGES/django.po"):
        with path.open("rb") as file:
            for entry in read_po(file):
                if entry.id:
                    said[str(entry.id), entry.context or ""].add(str(entry.string))
    return sorted(
        f"{words}: {' / '.join(sorted(ways))}" for (words, _), ways in said.items() if len(ways) > 1
    )


def test_what_two_apps_say_they_say_in_one_way() -> None:
    assert said_in_two_ways(SOURCE) == []


def test_another_way_would_be_found(tmp_path: Path) -> None:
    for app, words in (("desk", "並び順"), ("administration", "順番")):
        planted = tmp_path / app / "locale" / "ja" / "LC_MESSAGES" / "django.po"
        planted.parent.mkdir(parents=True)
        planted.write_text(f'msgid "Order"\nmsgstr "{words}"\n')

    assert said_in_two_ways(tmp_path) == ["Order: 並び順 / 順番"]
