"""Short words that also stand within others."""

import pytest

from madoguchi.kernel.folding import fold
from madoguchi.kernel.within import folded, pattern_of


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("けが", "けがをしました"),
        ("ケガ", "手にけがをした"),
        ("けが", "大けがです"),
        ("けが", "子供がけがをしました"),
        ("けが", "おけがはありませんか"),
        ("けが", "ひどいケガ"),
        ("けが", "お届けが遅い。けがもした"),
        ("けがを", "誰かけがをしたら"),
        ("けが", "打撲やけが"),
        ("やけど", "やけどをしました"),
        ("やけど", "低温やけど"),
        ("やけど", "指にヤケド"),
        ("くそ", "くそったれ"),
        ("クソ", "このクソ会社"),
        ("くそ", "対応が遅い、くそ"),
        ("火事", "火事です"),
    ],
)
def test_by_itself_it_is_found(word: str, text: str) -> None:
    assert pattern_of(word).search(fold(text))


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("けが", "お届けがまだ届きません"),
        ("ケガ", "これだけが足りません"),
        ("けが", "わけがわかりません"),
        ("けが", "受付けができません"),
        ("けが", "おまけが入っていません"),
        ("けが", "きっかけが知りたい"),
        ("けが", "日やけが気になる"),
        ("けがし", "お届けがしばらくありません"),
        ("やけど", "返品したいんやけど"),
        ("やけど", "そうやけど"),
        ("くそ", "早くそちらに送りたい"),
        ("クソ", "よくその色を見ます"),
        ("くそ", "詳しくそれを知りたい"),
    ],
)
def test_within_another_it_is_not(word: str, text: str) -> None:
    assert not pattern_of(word).search(fold(text))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ありがとう\nやけどをしました", True),
        ("ありがとうやけどをしました", False),
        ("ありがとう やけどをしました", True),
        ("使うだ\r\nけがをしました", True),
        ("お届\n日が遅い", False),
        ("そうなんや\nけど", False),
    ],
)
def test_what_stands_before_white_space_is_no_part_of_it(text: str, found: bool) -> None:
    assert any(pattern_of(word).search(folded(text)) for word in ("けが", "やけど")) is found


def test_where_none_stands_so_a_text_is_folded_as_everywhere() -> None:
    assert folded("なんや\nけど、よくそ\nの") == fold("なんやけど、よくその")
