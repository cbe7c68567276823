"""Whatever a plain scan of folded text finds, the search finds: on made-up texts, against the real index."""

import re
import unicodedata

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.companies.models import Desk
from madoguchi.kernel.channel import Party
from madoguchi.kernel.folding import fold, indexed, spellings
from madoguchi.people.factories import World
from madoguchi.search import queries
from madoguchi.search.factories import index_everything

pytestmark = pytest.mark.django_db
LETTERS = (
    "あいがプﾌﾟｶﾞーヴ返品靴髙高﨑崎齋斉邉辺申し込み"
    "AbＺ09１-‐－ー+()@._、。!？「」\"' \n　😀👍🏽é①㍿\u3099\U000e0100"
)
# A hyphen before a word asks to leave out what holds it, as quotation marks ask for a phrase.
LEAVES_OUT = re.compile(r'(?:^|\s)[-－−](?:[^\W\d]|["「“『])')
texts = st.text(alphabet=LETTERS, min_size=1, max_size=40)
any_text = st.text(
    alphabet=st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20
)


@given(st.one_of(texts, any_text), st.data())
def test_a_part_of_a_text_folds_to_a_part_of_the_folded_text(text: str, data: st.DataObject) -> None:
    plain = unicodedata.normalize("NFKC", text).casefold()
    start = data.draw(st.integers(0, len(plain) - 1)) if plain else 0
    part = plain[start : start + data.draw(st.integers(1, 10))]
    if unicodedata.is_normalized("NFKC", part) and unicodedata.is_normalized("NFKC", plain):
        assert fold(part) in fold(text)
    assert fold(text) in indexed(text)


@pytest.fixture
def said(world: World) -> dict[int, str]:
    """Texts that cover every fold, each the first message of a case, by the id of the case."""
    texts = [
        "靴の返品をお願いします。\n昨日届いた分です!",
        "ｻｰﾊﾞｰが落ちました。ﾌﾟﾗﾝは「Ａ-12」です",
        "サーバの申し込み、髙橋・山﨑・齋藤・渡邊です。",
        "電話は０９０－１２３４－５６７８ 😀👍🏽 まで",
        "Ｏｒｄｅｒ　AB-1234\nfoo.bar+x@home.example",
        "です" * 400 + "終わり",
    ]
    cases = [make_case(world.ours.entry_point, text=text, subject="件") for text in texts]
    index_everything()
    return {case.pk: text for case, text in zip(cases, texts, strict=True)}


def found(world: World, text: str) -> set[int]:
    with world.ours.scope():
        return set(queries.every_case(text, actor=None, desks=[Desk.objects.get(pk=world.ours.desk.pk)]))


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_part_of_what_was_said_is_found(world: World, said: dict[int, str], data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(sorted(said.values())))
    start = data.draw(st.integers(0, len(text) - 1))
    typed = text[start : start + data.draw(st.integers(1, 10))]
    if fold(typed):
        by_scan = {case for case, whole in said.items() if fold(typed) in fold(whole)}
        assert by_scan <= found(world, typed)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(texts, min_size=1, max_size=4), st.data())
@example(["ー"], None)
def test_any_part_of_any_text_is_found(world: World, made: list[str], data: st.DataObject | None) -> None:
    cases: dict[int, str] = {}
    for text in made:
        case = make_case(world.ours.entry_point, text=text, subject="件")
        cases[case.pk] = text
    index_everything()
    whole = made[0] if data is None else data.draw(st.sampled_from(made))
    start = 0 if data is None else data.draw(st.integers(0, len(whole) - 1))
    typed = whole[start : start + (1 if data is None else data.draw(st.integers(1, 10)))]
    if fold(typed) and '"' not in typed and not LEAVES_OUT.search(typed):
        assert {case for case, text in cases.items() if fold(typed) in fold(text)} <= found(world, typed)


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("サーバーの不具合", "サーバ"),
        ("サーバの不具合", "サーバーの"),
        ("サーバの不具合", "ｻｰﾊﾞｰ"),
        ("インタフェースが違う", "インターフェース"),
        ("カタカナで", "ｶﾀｶﾅ"),
        ("カタカナで", "かたかな"),
        ("ｶﾀｶﾅで", "カタカナ"),
        *(
            (written, typed)
            for written in ("申込書", "申込み書", "申し込み書")
            for typed in ("申込書", "申込み書", "申し込み書")
        ),
        *(
            (written, typed)
            for written in ("申込です", "申込みです", "申し込みです")
            for typed in ("申込", "申込み", "申し込み")
        ),
        ("問合せ先", "問い合わせ"),
        *(
            (written, typed)
            for written in ("口座の引落です", "口座の引落しです", "口座の引き落としです")
            for typed in ("引落", "引落し", "引き落とし")
        ),
        *(
            (written, typed)
            for written in ("見積をください", "見積りをください", "見積もりをください")
            for typed in ("見積", "見積り", "見積もり")
        ),
        ("落とし物です", "落し物"),
        ("落し物です", "落とし物"),
        ("ヴァイオリンの弦", "バイオリン"),
        ("バイオリンの弦", "ヴァイオリン"),
        ("落とし物の引取です", "落とし物の引き取り"),
        ("落物の引取です", "落とし物の引き取り"),
        ("インタヴューの件", "インタビュー"),
        ("インタビューの件", "インタヴュー"),
        ("黒いヴァイオリン用ケースカバーです", "バイオリン用ケースカバー"),
        ("黒いヴァイオリン用ケースカバです", "バイオリン用ケースカバー"),
        ("バイオリン用ケースカバーです", "ヴァイオリン用ケースカバ"),
        ("my Wi-Fi router", "wifi"),
        ("家のWiFiが", "Wi-Fi"),
        ("an e-mail came", "email"),
        ("髙橋と山﨑", "高橋"),
        ("高橋と山崎", "山﨑"),
        *((f"{a}藤さん", f"{b}藤") for a in "齋斎斉齊" for b in "齋斎斉齊"),
        *((f"渡{a}さん", f"渡{b}") for a in "邊邉辺" for b in "邊邉辺"),
        ("𠮷野家", "吉野家"),
        ("葛\U000e0101飾区", "葛飾区"),
        *(
            (f"電話{written}まで", typed)
            for written in (
                "090-1234-5678",
                "０９０ー１２３４ー５６７８",
                "+81 90-1234-5678",
                "090 1234 5678",
            )
            for typed in (
                "09012345678",
                "090-1234-5678",
                "０９０－１２３４－５６７８",
                "+81-90-1234-5678",
                "090 1234 5678",
            )
        ),
        ("注文AB-1234-5の件", "AB12345"),
        ("注文AB12345の件", "ab-1234-5"),
        ("返\n品したい", "返品"),
        ("靴", "靴"),
        ("Straße", "STRASSE"),
    ],
)
def test_what_is_written_in_one_way_is_found_in_another(world: World, written: str, typed: str) -> None:
    case = make_case(world.ours.entry_point, text=written, subject="件", sender=Party("a@home.example", "林"))
    make_case(world.ours.entry_point, text="ほかのこと", subject="件", sender=Party("b@home.example", "森"))
    index_everything()

    assert found(world, typed) == {case.pk}


@pytest.mark.parametrize(
    ("written", "typed"), [("コートを買った", "こと"), ("早いこと", "コート"), ("がま口", "かま")]
)
def test_what_only_looks_alike_is_not_found(world: World, written: str, typed: str) -> None:
    make_case(world.ours.entry_point, text=written, subject="件")
    index_everything()

    assert found(world, typed) == set()


@given(texts)
def test_a_word_is_always_asked_for_as_it_was_typed(word: str) -> None:
    ways = spellings(word)
    assert ways[:1] == (((fold(word),),) if fold(word) else ())
    assert len(ways) == len(set(ways)) <= 12
    assert all(piece for way in ways for piece in way)


def test_a_text_longer_than_any_position_in_an_index_is_found_at_its_end(world: World) -> None:
    case: Case = make_case(world.ours.entry_point, text="あいうえお。" * 20_000 + "最後の言葉", subject="件")
    index_everything()

    assert found(world, "最後の言葉") == {case.pk}
