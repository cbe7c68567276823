"""Whether an entry speaks of what was asked: among few entries the nearest is not yet an answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.knowledge.ranking import Decision, Entry, Index, Phrasing
from madoguchi.knowledge.ranking.covering import Coverage

ENTRIES = [
    Entry("size", "サイズの選び方", "コートは、中に着る服の分として身幅に余裕を見るとゆったり着られます。"),
    Entry("change", "サイズを交換したい", "未使用の商品を交換します。返送料はお客様のご負担です。"),
    Entry("refund", "返金はいつですか", "返品が届いて検品した後、3営業日以内に手続きします。"),
    Entry(
        "wash",
        "カシミヤ混ニットの洗い方",
        "中性洗剤を溶かした水で、押し洗いします。ネットに入れて脱水します。",
    ),
    Entry("gift", "ギフト包装はできますか", "1点330円で承ります。値段の分かる紙は入れません。"),
    Entry("cancel", "注文を取り消したい", "発送前であれば取り消せます。ご注文番号をお知らせください。"),
]
WORDS = st.sets(st.sampled_from(["返品", "送料", "負担", "返金", "洗濯", "毛玉"]))


@pytest.fixture(scope="module")
def index() -> Index:
    return Index(ENTRIES)


@pytest.mark.parametrize("text", ["返品の送料はどちらの負担ですか", "コートを洗濯機で洗えますか"])
def test_what_only_resembles_the_question_is_no_answer(index: Index, text: str) -> None:
    found = index.rank(text)
    assert found.fits is False
    assert found.decision in (Decision.SUGGEST, Decision.HUMAN)


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("返金はいつになりますか", "refund"),
        ("カシミヤ混ニットの洗い方を教えてください", "wash"),
        ("発送前なら注文を取り消せますか", "cancel"),
        # no word in common, but the same question
        ("お金はいつ戻ってきますか", "refund"),
    ],
)
def test_what_speaks_of_the_question_is_answered(index: Index, text: str, entry: str) -> None:
    found = index.rank(text)
    assert (found.ranked[0][0], found.fits, found.decision) == (entry, True, Decision.ANSWER)


def test_how_somebody_asked_before_counts_as_words_of_the_entry(index: Index) -> None:
    text = "プレゼント用にラッピングしてもらえますか"
    assert index.rank(text).decision == Decision.SUGGEST
    told = Index(ENTRIES, [Phrasing("gift", "プレゼントのラッピングは用意がありますか")]).rank(text)
    assert (told.ranked[0][0], told.decision) == ("gift", Decision.ANSWER)


@pytest.mark.parametrize(("entries", "least"), [(1, 0.8095), (20, 0.425), (1786, 0.0094)])
def test_the_more_entries_the_less_has_to_be_shared(entries: int, least: float) -> None:
    assert round(Coverage([{"返品"}] * entries).least, 4) == least


def test_a_rare_word_weighs_more_and_one_that_only_asks_nothing() -> None:
    among = Coverage([{"返品", "期限"}, {"返品", "送料"}, {"返品"}])
    assert among.share(["返品", "送料"], {"送料"}) > 0.8
    assert among.share(["返品", "送料"], {"返品"}) < 0.2
    assert among.share(["いつ", "返品"], {"返品"}) == 1.0
    assert among.share(["いつ"], set()) == 1.0


def test_what_arrives_and_what_is_delivered_are_one_matter() -> None:
    among = Coverage([{"届ける", "日数"}, {"返品"}])
    assert among.share(["届く"], {"届ける"}) == 1.0
    assert among.share(["届く"], {"届出"}) == 0.0
    assert among.share(["もらう"], {"もつ"}) == 0.0


@given(WORDS, WORDS, WORDS)
def test_more_words_never_cover_less(asked: set[str], has: set[str], more: set[str]) -> None:
    among = Coverage([{"返品", "送料"}, {"返金"}])
    assert 0.0 <= among.share(asked, has) <= among.share(asked, has | more) + 1e-9
    assert round(among.share(asked, asked), 9) == 1.0
