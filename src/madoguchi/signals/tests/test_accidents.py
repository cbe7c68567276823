"""Which words start the ten days of 消安法35条, however and wherever they are written; which not."""

import unicodedata
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.cases.actions import add_note
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.commerce.factories import make_variant
from madoguchi.complaints.actions import Written, change_complaint, make_complaint
from madoguchi.complaints.models import Complaint
from madoguchi.escalations.tests.conftest import NINE
from madoguchi.infra.models import Event
from madoguchi.infra.reactions import catch_up, enrol
from madoguchi.kernel import clock
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.signals.accidents import find_grave, harm_told
from madoguchi.signals.actions import Seen, raise_signal
from madoguchi.signals.duty import last_moment, may_have_to_be_reported
from madoguchi.signals.lexicon import GRAVEST, USUAL, Found, read_lexicon
from madoguchi.signals.models import Grave
from madoguchi.tasks.queries import open_tasks_of

LEXICON = read_lexicon(USUAL)
# By the kinds of serious accidents: death, carbon monoxide, thirty days or more, after-effects, fire.
STARTS = {
    "死亡": (
        "ストーブを使用中に父が亡くなりました。",
        "母がこの製品のせいで死亡しました",
        "息子がなくなりました",
        "子どもが死んだ",
        "娘が命を落としました",
        "祖母がヒーターの事故で亡くなりました。定期便を解約します。",
        "My father died because of this heater.",
    ),
    "中毒": (
        "一酸化炭素中毒で運ばれました",
        "いっさんかたんそを吸いました",
        "CO中毒です",
        "一酸化炭素警報器が鳴りました",
        "carbon monoxide poisoning",
    ),
    "重傷": (
        "手に全治二か月の傷",
        "意識を失いました",
        "いしきふめいです",
        "気を失って倒れました",
        "指を切断しました",
        "大火傷をしました",
        "ひどいやけどです",
        "こっせつしました",
        "骨を折った",
        "きゅうきゅうしゃで運ばれた",
    ),
    "後遺障害": (
        "後遺症が残りました",
        "こういしょうがのこる",
        "後遺障害の認定",
        "右目を失明しました",
        "手に麻痺が残りました",
    ),
    "火災": (
        "充電器から火が出ました",
        "火がでた",
        "本体から火を噴きました",
        "カーテンに火がつきました",
        "燃えました",
        "ヒーターが燃えた",
        "バッテリーが爆発した",
        "ばくはつしました",
        "はっかしました",
        "けむりがでました",
        "It caught fire.",
    ),
}
STARTS_NOT = (
    "父が先月亡くなりましたので、定期便を解約したいです。",
    "祖父が病気で亡くなりました。",
    "亡くなってはいません",
    "死亡届の写しを送ります",
    "スマホの電池が死んだ",
    "在庫がなくなりました",
    "一酸化炭素警報器はありますか",
    "一酸化炭素は出ていません",
    "お骨折りいただきありがとうございます",
    "接続が切断されます",
    "電話が切断されました",
    "コスト意識がない",
    "安全治具を注文",
    "失明はしていません",
    "顔から火が出る思いでした",
    "口から火が出るほど辛い",
    "コンロの火が出ません",
    "火がつかないライター",
    "燃えるゴミに出せますか",
    "燃え尽き症候群の本",
    "燃えていません",
    "やる気に燃えています",
    "爆発的に売れている",
    "火災保険の書類",
    "出血大サービスですね",
    "救急車のおもちゃを探しています",
    "入院セットを買いたい",
    "けがれのない白",
    "ハッカ油",
    "体脂肪が気になる",
    "my phone died",
    "Fire TV Stick",
    "The fire alarm beeps",
    "会員は意識調査に答えました",
    "コスト意識がありませんでした",
)
# Each of the words that are looked for whatever a company keeps, as somebody writes it.
SAID = """
父が亡くなった / 母が亡くなりました / 夫が亡くなってしまい / 死亡事故です / 子が死にました
妻が死んでしまった / 息を引き取りました / he passed away / he was killed / it led to a death
一酸化炭素を吸った / CO中毒です / ガス中毒です / carbon monoxide came out / 後遺症がある / 後遺障害です
失明した / 指を切断した / 指が切断された / 腕を切断した / 足を切断した / 手を切断した / 麻痺が残った
a permanent injury / he was blinded / 全治二か月 / 重傷です / 重体です / 意識を失った / 意識不明です
意識がなくなった / 母の意識がなかった / 集中治療室にいます / 手術を受けました / he is unconscious
火が出た / 火を噴いた / 炎が出た / 炎が上がった / 本体が燃えた / 床が燃えました / 箱が燃えています
急に燃え出した / 燃え上がった / 壁に燃え移った / The charger started a fire / it burst into flames
"""
EVERY = [(sort, text) for sort, texts in STARTS.items() for text in texts]


@pytest.mark.parametrize(("sort", "text"), EVERY)
@pytest.mark.parametrize("lexicon", [LEXICON, {}], ids=["usual", "own words that know none"])
def test_what_starts_the_clock(sort: str, text: str, lexicon: dict[str, list[str]]) -> None:
    found = find_grave(text, lexicon)

    assert may_have_to_be_reported(found.sorts)
    assert lexicon or found.sorts[0] == sort


def test_each_word_that_no_company_can_take_away_is_found_whatever_it_keeps() -> None:
    said = [one.strip() for line in SAID.split("\n") for one in line.split(" / ") if one.strip()]
    words = [(sort, word) for sort, words in read_lexicon(GRAVEST).items() for word in words]
    of_word = {word: [text for text in said if word.casefold() in text.casefold()] for _sort, word in words}

    assert [word for word, texts in of_word.items() if not texts] == []
    for sort, word in words:
        for kept in ({}, {sort: [word]}, {"弁護士": ["弁護士"]}):
            assert sort in find_grave(of_word[word][0], kept).sorts, (word, kept)
        assert "事故" in find_grave(of_word[word][0], {"事故": [word]}).sorts, word
    assert find_grave("意識がありませんでした", {}).sorts == ("重傷",)
    assert find_grave("意識が無かった", {}).sorts == ("重傷",)
    assert find_grave("コンセントが急に燃えました", {}).sorts == ("火災",)


@pytest.mark.parametrize("text", STARTS_NOT)
def test_what_does_not(text: str) -> None:
    # Who ends a contract is seen to at once, and it is no accident.
    ends = "解約したい" in text
    assert find_grave(text, LEXICON) == (Found(("解約したい",), ("解約",)) if ends else Found((), ()))


def narrow(text: str) -> str:
    """Katakana at half width, as old machines write it."""
    table = {unicodedata.normalize("NFKC", chr(c)): chr(c) for c in range(0xFF66, 0xFF9E)}
    return "".join(table.get(c, c) for c in unicodedata.normalize("NFKD", text))


def wide(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def katakana(text: str) -> str:
    return "".join(chr(ord(c) + 0x60) if "ぁ" <= c <= "ゖ" else c for c in text)


@given(
    st.sampled_from([text for _sort, text in EVERY if text.isascii() is False]),
    st.lists(st.sampled_from([narrow, wide, katakana, str.upper]), max_size=3),
    st.text("あ商品を。 、!?\n", max_size=12),
)
def test_width_kana_case_and_what_stands_around_change_nothing(
    text: str, ways: list[object], around: str
) -> None:
    written = text
    for way in ways:
        written = way(written)  # type: ignore[operator]

    found = find_grave(f"{around}。{written}。{around}", {})

    assert set(find_grave(text, {}).sorts) <= set(found.sorts)


@given(st.sampled_from(STARTS_NOT[3:]), st.sampled_from([wide, katakana, str.upper]))
def test_nor_makes_it_an_accident_of_what_is_none(text: str, way: object) -> None:
    assert not may_have_to_be_reported(find_grave(way(text), {}).sorts)  # type: ignore[operator]


@pytest.mark.django_db(transaction=True)
class TestTold:
    """On the phone nobody but staff writes."""

    @pytest.fixture
    def case(self, world: World) -> Case:
        with clock.held_at(NINE):
            made = make_case(world.ours.entry_point, text="電話でのお問い合わせ")
        enrol()
        return made

    def read(self, world: World, case: Case, how: str, words: str) -> None:
        by = actor_of(world.ours.agent)
        with world.ours.scope(), clock.held_at(NINE):
            if how == "note":
                add_note(case, text=words, by=by)
            elif how == "complaint":
                due = NINE + timedelta(days=1)
                make_complaint(case, Written(facts=words, severity=3, due_at=due), by=by)
            else:
                product = make_variant(world.ours.company).product_id
                raise_signal(case, Seen(kind="product", words=words, product=product), by=by)
        with clock.held_at(NINE):
            catch_up("signals.look_at_notes")

    @pytest.mark.parametrize("how", ["note", "signal", "complaint"])
    def test_what_staff_write_down_sets_the_task_once(self, world: World, case: Case, how: str) -> None:
        self.read(world, case, how, "ストーブから火が出て、ご主人が全治二か月とのこと。")
        self.read(world, case, "note", "火が出た件、折り返し。全治二か月。")

        with world.ours.scope():
            [grave], [task] = Grave.objects.all(), open_tasks_of(case)
            case.refresh_from_db()
            told = Event.objects.get(kind="grave.found").data
        source = {name: getattr(grave, f"{name}_id") for name in ("message", "note", "signal", "complaint")}
        assert [name for name, pk in source.items() if pk] == [how]
        assert (grave.task_id, task.due_at, case.tags) == (task.pk, last_moment(NINE), ["重大"])
        assert told == {"grave": grave.pk, "message": None, "sorts": ["重傷", "火災"]}

    def test_a_complaint_is_read_again_when_it_says_more(self, world: World, case: Case) -> None:
        self.read(world, case, "complaint", "ふたが割れた。")
        with world.ours.scope():
            assert Grave.objects.count() == 0
        with world.ours.scope(), clock.held_at(NINE):
            [made] = Complaint.objects.all()
            said = Written(facts="ふたが割れ、破片で失明された。", severity=3, due_at=made.due_at)
            change_complaint(made, said, by=actor_of(world.ours.agent))
        with clock.held_at(NINE):
            catch_up("signals.look_at_notes")

        with world.ours.scope():
            assert [one.sorts for one in Grave.objects.all()] == [["後遺障害"]]

    @pytest.mark.parametrize(
        "words",
        [
            "けがなし、火災なし。交換希望。",
            "けがの有無を確認、なし。",
            "やけどはないか確認した。",
            "救急車のおもちゃの色の件。",
        ],
    )
    def test_what_was_asked_and_was_not_so_sets_none(self, world: World, case: Case, words: str) -> None:
        self.read(world, case, "note", words)

        with world.ours.scope():
            assert (Grave.objects.count(), open_tasks_of(case)) == (0, [])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("やけどをして病院へ行きました。", ("やけど", "病院")),
        ("ヤケドと怪我で全治2週間、入院しました。", ("やけど", "けが", "入院", "全治2週間")),
        ("お届けが遅く、けがはありません。", ()),
        ("入院はしていません。打撲です。", ("打撲",)),
        ("心が汚れました。", ()),
    ],
)
def test_words_of_harm_are_told_unless_they_are_denied(text: str, words: tuple[str, ...]) -> None:
    assert harm_told(text) == words
