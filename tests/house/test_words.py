"""One thing has one word on every screen, in every mail and in the sample data."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
import wording
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from madoguchi.administration.wording import MACHINES

SOURCE = Path(__file__).parents[2] / "src" / "madoguchi"
# Words that mean the same as another one that was chosen (look/README.md).
ELSEWHERE_CALLED = {
    "用件番号": "受付番号",
    "ケース番号": "受付番号",
    **dict.fromkeys(["ひな形", "雛形", "返信テンプレート"], "テンプレート"),
}


def texts(root: Path) -> Iterator[Path]:
    """What people read: catalogues, templates, and the texts of the sample data."""
    for pattern in (
        "**/*.po",
        "**/templates/**/*.html",
        "**/templates/**/*.txt",
        "**/parts/*.html",
        "sample/texts/*.toml",
    ):
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


def repeating_itself(root: Path) -> list[str]:
    """Words whose Japanese is the same text twice over, as a line too many in a catalogue makes it."""
    found = []
    for path in root.glob("**/ja/LC_MESSAGES/django.po"):
        with path.open("rb") as file:
            strings = [str(entry.string) for entry in read_po(file) if len(str(entry.string)) > 8]
        found += [words for words in strings if words[: len(words) // 2] * 2 == words]
    return found


def test_nothing_is_repeating_itself() -> None:
    assert repeating_itself(SOURCE) == []


def test_what_repeats_itself_would_be_found(tmp_path: Path) -> None:
    planted = tmp_path / "desk/locale/ja/LC_MESSAGES/django.po"
    planted.parent.mkdir(parents=True)
    planted.write_text('msgid "Saved."\nmsgstr "保存しました。"\n"保存しました。"\n')

    assert repeating_itself(tmp_path) == ["保存しました。保存しました。"]


# Brackets of half width round Japanese; those of a weekday, 2026年8月1日(土), and of placeholders stay.
_HALF = re.compile(
    r"(?<![%\]])\((?![月火水木金土日]\)|\{weekday\}|%\(weekday\))[^()%]*[ぁ-んァ-ヶ一-龠][^()]*\)"
)
# What is spoken, and what other machines read back.
_HALF_STAYS = {"voice"}


def brackets_of_half_width(root: Path) -> list[str]:
    """Japanese in which brackets are not as wide as the words round them."""
    found = []
    for path in root.glob("**/ja/LC_MESSAGES/django.po"):
        if path.relative_to(root).parts[0] in _HALF_STAYS:
            continue
        with path.open("rb") as file:
            said = ["".join(entry.string) for entry in read_po(file) if entry.id]
        found += [words for words in said if _HALF.search(words)]
    return found


def test_brackets_are_as_wide_as_the_words_round_them(tmp_path: Path) -> None:
    assert brackets_of_half_width(SOURCE) == []

    planted = tmp_path / "desk/locale/ja/LC_MESSAGES/django.po"
    planted.parent.mkdir(parents=True)
    planted.write_text('msgid "Room"\nmsgstr "客室(宿泊)"\n\nmsgid "Day"\nmsgstr "8月1日(土)"\n')
    assert brackets_of_half_width(tmp_path) == ["客室(宿泊)"]


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


DEFINED = re.compile(r'^((?:msgctxt .*\n(?:".*"\n)*)?msgid .*\n(?:".*"\n)*)', re.MULTILINE)


def said_twice(root: Path) -> list[str]:
    """Words that a catalogue defines more than once, which msgfmt refuses."""
    return sorted(
        f"{path.relative_to(root)}: {words.strip()}"
        for path in root.glob("**/django.po")
        for words, count in Counter(DEFINED.findall(path.read_text())).items()
        if count > 1
    )


def test_a_catalogue_says_everything_once() -> None:
    assert said_twice(SOURCE) == []


def test_what_is_said_twice_would_be_found(tmp_path: Path) -> None:
    orders = ['msgid "Order"\nmsgstr "並び順"\n', 'msgctxt "of a shop"\nmsgid "Order"\nmsgstr "注文"\n']
    (tmp_path / "django.po").write_text("\n".join(orders))
    assert said_twice(tmp_path) == []

    (tmp_path / "django.po").write_text("\n".join([*orders, orders[0]]))
    assert said_twice(tmp_path) == ['django.po: msgid "Order"']


def test_words_that_stand_close_are_told_apart() -> None:
    """Each in a block of its own, so that no block is written once for each of its words."""
    words = Catalog(locale="ja")
    for word in ("First", "Second", "Third"):
        words.add(word)
    close = '# Japanese.\nmsgid ""\nmsgstr ""\n\nmsgid "First"\nmsgstr "一"\nmsgid "Third"\nmsgstr ""\n"三"\n'

    apart = wording.brought_up(close, words)

    assert apart.split("\n\n")[1:] == [
        'msgid "First"\nmsgstr "一"',
        'msgid "Second"\nmsgstr ""',
        'msgid "Third"\nmsgstr ""\n"三"\n',
    ]


def test_whatever_acts_by_itself_has_a_name_in_the_log() -> None:
    """A program that tries something apart is no part of the product."""
    acting = {
        name
        for path in SOURCE.glob("**/*.py")
        if "tests" not in path.parts and path.name != "factories.py"
        for name in re.findall(r'\bsystem\("([^"]+)"\)', path.read_text())
    }
    assert acting - set(MACHINES) == set()
    assert len(acting) > 20
