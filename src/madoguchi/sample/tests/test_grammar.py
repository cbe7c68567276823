"""The notation of the sample texts."""

import pytest

from madoguchi.sample.grammar import pool, quoted_pool, say, stream


@pytest.mark.parametrize(
    ("fragment", "texts"),
    [
        ("そのまま。", ("そのまま。",)),
        ("[朝|夜]に", ("朝に", "夜に")),
        (
            "[朝|夜]に[届き|着き]ました",
            ("朝に届きました", "朝に着きました", "夜に届きました", "夜に着きました"),
        ),
        ("少し[だけ|]待つ", ("少しだけ待つ", "少し待つ")),
    ],
)
def test_a_fragment_is_every_way_of_putting_it(fragment: str, texts: tuple[str, ...]) -> None:
    assert pool([fragment]) == (texts,)


@pytest.mark.parametrize(
    ("fragment", "text", "quote"),
    [
        ("昨日から‹電源が入りません›。", "昨日から電源が入りません。", "電源が入りません"),
        ("‹「{code}」と出ます›。", "「{code}」と出ます。", "『{code}』と出ます"),
        ("‹届け先を変えて›ほしいです。", "届け先を変えてほしいです。", ""),
        ("何も言わない。", "何も言わない。", ""),
    ],
)
def test_only_whole_clauses_can_be_quoted(fragment: str, text: str, quote: str) -> None:
    assert quoted_pool([fragment]) == (((text, quote),),)


def test_every_variant_of_every_fragment_comes_up() -> None:
    texts = pool(["[あ|い]", "う"])
    chance = stream(1, 1, 1)
    assert {say(chance, texts) for _ in range(200)} == {"あ", "い", "う"}


def test_a_stream_depends_on_its_row_alone() -> None:
    rows = [[stream(1, 3, row)() for _ in range(2)] for row in (7, 8, 7)]
    assert rows[0] == rows[2] != rows[1]
    assert stream(1, 3, 7)() != stream(2, 3, 7)()
    assert stream(1, 3, 7)() != stream(1, 4, 7)()
