"""One thing has one word on every screen, in every mail and in the sample data."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "madoguchi"
# Words that mean the same as another one that was chosen (look/README.md).
ELSEWHERE_CALLED = {"用件番号": "受付番号", "ケース番号": "受付番号"}


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


def test_the_number_of_a_case_has_one_name() -> None:
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
