"""Pure parts: what addresses ask for, what events and answers of mail servers are called."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import QueryDict
from django.utils import translation

from madoguchi.cases.lists import Place, View
from madoguchi.cases.models import Attachment, Contact, Message
from madoguchi.cases.queries import Timeline
from madoguchi.channels.email.transport import KEPT_IN_OUTBOX
from madoguchi.delivery.models import Outgoing
from madoguchi.desk.advice import advice_for
from madoguchi.desk.due import wait_of
from madoguchi.desk.event_words import Names, as_called, words_for
from madoguchi.desk.faring import delivery_of
from madoguchi.desk.flow import Entry, entries_of, pieces_of, same_words
from madoguchi.desk.lists import Wanted
from madoguchi.desk.notifications import done_by
from madoguchi.desk.stamps import moment, small_face
from madoguchi.people.models import User

NOON = datetime(2026, 8, 1, 3, 0, tzinfo=UTC)
NAMES = Names(customer="髙橋 美咲", desk="窓口", people={2: "森 美咲"}, desks={7: "修理窓口"}, customer_id=3)


def event(kind: str, **data: Any) -> Any:
    return SimpleNamespace(kind=kind, data=data, actor_id=1, actor_name="青木 翔", actor_kind="person")


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("", Wanted()),
        ("view=all", Wanted(view=View.ALL)),
        ("view=nonsense&desk=x&before=y&shown=z", Wanted()),
        ("desk=3", Wanted(view=View.ACTIVE, desk=3)),
        ("tag=+配送+", Wanted(tag="配送")),
        ("q=返品", Wanted(text="返品")),
        ("shown=9999", Wanted(size=200)),
        ("shown=1", Wanted(size=20)),
        ("before=2026-08-01T03:00:00%2B00:00~5", Wanted(before=Place(NOON, 5))),
    ],
)
def test_an_address_says_which_cases_are_wanted(asked: str, wanted: Wanted) -> None:
    assert Wanted.read(QueryDict(asked)) == wanted


@pytest.mark.parametrize(
    ("wanted", "query", "here"),
    [
        (Wanted(), "view=mine", ""),
        (Wanted(view=View.ALL, desk=3, size=99), "view=all&desk=3", "?view=all&desk=3"),
        (Wanted(text="a&b"), "q=a%26b", "?q=a%26b"),
        (Wanted(tag="配送"), "tag=%E9%85%8D%E9%80%81", "?tag=%E9%85%8D%E9%80%81"),
    ],
)
def test_a_list_is_found_again_by_its_query(wanted: Wanted, query: str, here: str) -> None:
    assert (wanted.query, wanted.here) == (query, here)


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (event("case.assigned", before=None, after=1), "青木 翔さんが担当になりました"),
        (event("case.assigned", before=1, after=2), "青木 翔さんが森 美咲さんを担当にしました"),
        (event("case.assigned", before=1, after=9), "青木 翔さんが別の担当者さんを担当にしました"),
        (event("case.assigned", before=1, after=None), "青木 翔さんが担当を外しました"),
        (event("case.status", before="new", after="solved"), "青木 翔さんが状態を「解決」にしました"),
        (
            event("case.changed", field="subject", before="炊飯器", after="x"),
            "青木 翔さんが件名を変えました（変更前:「炊飯器」）",
        ),
        (
            event("case.changed", field="priority", before=2, after=4),
            "青木 翔さんが優先度を「緊急」にしました",
        ),
        (
            event("case.changed", field="tags", before=[], after=["配送", "返品"]),
            "青木 翔さんがタグ「配送・返品」を付けました",
        ),
        (
            event("case.changed", field="tags", before=["配送"], after=[]),
            "青木 翔さんがタグ「配送」を外しました",
        ),
        (event("case.changed", field="tags", before=["a"], after=["b"]), "青木 翔さんがタグを変えました"),
        (event("case.changed", field="desk", before=1, after=7), "青木 翔さんが修理窓口へ移しました"),
        (event("case.changed", field="desk", before=1, after=8), "青木 翔さんが別の窓口へ移しました"),
        (event("message.received", reopened=True), "お客様からの返信で、対応を再開しました"),
        (event("message.received", reopened=False), ""),
        (event("case.changed", field="colour"), ""),
        (event("something.else"), ""),
    ],
)
def test_what_was_done_is_told_in_words(what: Any, words: str) -> None:
    with translation.override("ja"):
        assert words_for(what, NAMES) == words


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        ("550 5.1.1 User unknown", "宛先のアドレスが存在しないようです。"),
        ("452 4.2.2 over quota", "お客様の受信箱がいっぱいです。"),
        ("552 message size exceeds limit", "メールが大きすぎて、相手側で受け取れませんでした。"),
        ("550 5.7.1 blocked by policy", "相手側が迷惑メールの疑いで受け取りませんでした。"),
        ("451 4.7.1 Greylisting in action", "相手側から、後で送り直すよう求められました。"),
        ("Connection refused", "メールサーバーにつながりませんでした。"),
        ("535 authentication failed", "こちらのメールサーバーにログインできませんでした。"),
        ("599 あらら", "相手側がメールを受け取りませんでした。"),
    ],
)
def test_the_other_sides_answer_is_made_sense_of(answer: str, what: str) -> None:
    with translation.override("ja"):
        advice = advice_for(answer)

    assert (advice.what, advice.answer) == (what, answer)
    assert advice.todo


@pytest.mark.parametrize(
    ("state", "tries", "words", "tone", "undo"),
    [
        ("queued", 0, "送信中", "", True),
        ("queued", 2, "まだ届いていません", "warn", False),
        ("sending", 0, "送信中", "", False),
        ("sent", 1, "送信済み", "", False),
        ("failed", 3, "届きませんでした", "bad", False),
        ("bounced", 1, "不達: お客様に届かず、戻ってきました", "bad", False),
        ("cancelled", 0, "送信前に取り消しました", "", False),
    ],
)
def test_a_delivery_is_told_as_it_stands(state: str, tries: int, words: str, tone: str, undo: bool) -> None:
    outgoing = Outgoing(state=state, tries=tries, due_at=NOON + timedelta(seconds=5), response="550 x")

    with translation.override("ja"):
        told = delivery_of(outgoing, own=True, now=NOON)

    assert (told.words, told.tone, told.until is not None) == (words, tone, undo)
    assert told.may_retry == (state == "failed")


@pytest.mark.parametrize(
    ("response", "receipt", "words"),
    [
        (KEPT_IN_OUTBOX, "", "送信箱に残しました。お客様には届いていません"),
        ("250 OK", "", "送信済み"),
        ("250 2.0.0 kept in queue", "", "送信済み"),
    ],
)
def test_what_was_only_kept_is_not_said_to_be_sent(response: str, receipt: str, words: str) -> None:
    outgoing = Outgoing(state="sent", due_at=NOON, response=response, receipt=receipt, channel="email")

    with translation.override("ja"):
        told = delivery_of(outgoing, own=True, now=NOON)

    assert (told.words, told.tone, told.until, told.may_retry) == (
        words,
        "warn" if response == KEPT_IN_OUTBOX else "",
        None,
        False,
    )


def test_a_mail_in_place_of_a_chat_that_was_only_kept_says_both() -> None:
    outgoing = Outgoing(
        state="sent", due_at=NOON, response=KEPT_IN_OUTBOX, channel="email", instead="misaki@home.example"
    )

    with translation.override("ja"):
        told = delivery_of(outgoing, own=True, now=NOON)

    assert "チャットを離れていたため、メールにして、送信箱に残しました" in told.words


def test_of_several_addresses_it_came_back_from_one() -> None:
    outgoing = Outgoing(state="bounced", due_at=NOON, response="550 5.1.1 no such user (cc@shop.example)")

    with translation.override("ja"):
        told = delivery_of(outgoing, own=True, now=NOON, among=2)

    assert told.words == "一部の宛先に届かず、戻ってきました（ほかの宛先には届いている可能性があります）"


def test_what_came_back_by_the_address_alone_is_told_as_a_possibility() -> None:
    outgoing = Outgoing(state="bounced", unconfirmed=True, due_at=NOON, response="550 User unknown")

    with translation.override("ja"):
        told = delivery_of(outgoing, own=True, now=NOON)

    assert (told.tone, told.may_retry) == ("bad", False)
    assert told.words == (
        "不達の可能性があります: この宛先へのメールが不達だと知らせが届きましたが、このメールかどうかは確かめられません"
    )


def message(
    author: str, *, user: User | None = None, to: Sequence[str] = (), cc: Sequence[str] = ()
) -> Message:
    copied, addressed = ([{"address": address} for address in addresses] for addresses in (cc, to))
    made = Message(id=5, author=author, user=user, at=NOON, to=addressed, cc=copied, case_id=1)
    made.contact = Contact(customer_id=3)
    return made


def entry(said: Message, *, outgoing: Outgoing | None = None, names: Names = NAMES) -> Entry:
    files = {5: [Attachment(id=9, message=said)]}
    told = {5: outgoing} if outgoing else {}
    part = Timeline([said], files, [], None)
    with translation.override("ja"):
        (only,) = entries_of(part, [], outgoing=told, names=names, reader=2, now=NOON)
    return only


def test_a_customer_is_called_by_name_or_said_to_have_none() -> None:
    known = entry(message("customer", to=["support@shop.example"], cc=["a@home.example", "b@home.example"]))
    nameless = entry(message("customer"), names=replace(NAMES, customer=""))

    assert (known.kind, known.who, known.called, known.css) == ("customer", "髙橋 美咲", "髙橋 美咲 様", "")
    assert (known.to, known.cc, known.bcc) == ("", "", "")
    assert [file.pk for file in known.files] == [9]
    assert (nameless.who, nameless.called, nameless.cc) == ("", "お名前未登録", "")


OURS = "support@shop.example"


@pytest.mark.parametrize(
    ("to", "cc", "wished", "lines", "words"),
    [
        ([OURS], [], [], [("宛先", OURS)], "宛先は当窓口"),
        (["Support+c.abc123@shop.example"], [], [], [("宛先", OURS)], "宛先は当窓口"),
        ([], [OURS], [], [("Cc", OURS)], "宛先は当窓口"),
        ([], [], [], [], ""),
        (["boss@home.example"], [], [], [("宛先", "boss@home.example")], ""),
        ([OURS], ["a@x.jp", "b@x.jp"], [], [("宛先", OURS), ("Cc", "a@x.jp, b@x.jp")], ""),
        ([OURS, OURS], [], [], [("宛先", f"{OURS}, {OURS}")], ""),
        ([OURS], [], ["c@x.jp"], [("宛先", OURS), ("返信先", "c@x.jp")], ""),
        ([f"n{n}@x.jp" for n in range(6)], [], [], [("宛先", ", ".join(f"n{n}@x.jp" for n in range(6)))], ""),
    ],
)
def test_a_mail_tells_whom_it_was_for(
    to: list[str], cc: list[str], wished: list[str], lines: list[tuple[str, str]], words: str
) -> None:
    said = message("customer", to=to, cc=cc)
    said.reply_to = [{"address": address, "name": ""} for address in wished]
    found = entry(said, names=replace(NAMES, came_to=OURS))

    with translation.override("ja"):
        assert (found.came_for, found.came_for_words) == (lines, words)


def test_very_many_addresses_are_folded_and_only_those_of_mails_are_told() -> None:
    many = entry(message("customer", to=["a@x.jp"], cc=[f"n{n}@x.jp" for n in range(6)]))
    typed, ours = message("customer", to=[OURS]), message("staff", to=["a@x.jp"])
    typed.channel = "form"

    with translation.override("ja"):
        assert many.came_for_words == "宛先 7件"
        assert [len(line.split(", ")) for _name, line in many.came_for] == [1, 6]
        assert entry(typed).came_for == entry(ours).came_for == []


@pytest.mark.parametrize(
    ("between", "is_open"), [("", False), ("赤でお願いします。\n", True), ("色は赤と青の\n", True)]
)
def test_a_quotation_with_answers_between_our_lines_is_not_folded(between: str, is_open: bool) -> None:
    ours, theirs = message("staff", user=User(id=2, name="森 美咲")), message("customer")
    ours.text = "色は赤と青のどちらですか。\nサイズはMですか。"
    quoted = f"差出人: 窓口\n件名: 色\n\n色は赤と青のどちらですか。\n{between}サイズはMですか。"
    theirs.text = f"下記の通りです。\n\n{quoted}"
    theirs.pieces = [["new", 10], ["quote", len(quoted)]]
    part = Timeline([ours, theirs, theirs], {}, [], None)

    first, answer, _ = entries_of(part, [], outgoing={}, names=NAMES, reader=2, now=NOON)

    assert first.answered == ()
    assert [part.open for part in answer.parts] == [False, is_open]
    assert answer.parts[1].text == quoted


@pytest.mark.parametrize(
    ("state", "css"), [("sent", "us"), ("failed", "us failed"), ("cancelled", "us taken-back"), (None, "us")]
)
def test_an_answer_shows_how_it_fared(state: str | None, css: str) -> None:
    ours = message("staff", user=User(id=2, name="森 美咲"), to=["a@home.example"])
    told = entry(ours, outgoing=Outgoing(state=state, due_at=NOON) if state else None)

    assert (told.kind, told.who, told.called) == ("us", "森 美咲", "森 美咲")
    assert (told.css, told.to, told.cc) == (css, "a@home.example", "")


def test_what_a_machine_of_ours_wrote_comes_from_the_desk() -> None:
    told = entry(message("system", to=["a@home.example"]))

    assert (told.kind, told.called, told.css, told.to) == ("automatic", "窓口", "", "")


def test_only_who_wrote_an_answer_may_take_it_back_and_only_in_time() -> None:
    outgoing = Outgoing(state="queued", tries=0, due_at=NOON)

    assert delivery_of(outgoing, own=True, now=NOON - timedelta(seconds=1)).until == NOON
    assert delivery_of(outgoing, own=False, now=NOON - timedelta(seconds=1)).until is None
    assert delivery_of(outgoing, own=True, now=NOON).until is None


@pytest.mark.parametrize(
    ("hours", "status", "told"),
    [
        (2, "new", ("お待たせ 2時間", "")),
        (4, "open", ("お待たせ 4時間", "warn")),
        (24, "open", ("お待たせ 1日", "bad")),
        (5, "solved", None),
        (5, "waiting_customer", None),
        (None, "open", None),
    ],
)
def test_how_long_somebody_waits_is_said_first(hours: int | None, status: str, told: Any) -> None:
    since = None if hours is None else NOON - timedelta(hours=hours)
    with translation.override("ja"):
        wait = wait_of(SimpleNamespace(waiting_since=since, status=status), now=NOON)  # type: ignore[arg-type]

    assert (wait and (wait.words, wait.tone)) == told


def test_mentions_are_told_from_the_rest_of_a_note() -> None:
    assert list(pieces_of("@佐々木 遥さん、a@shop.example へ", ["佐々木 遥"])) == [
        ("", False),
        ("@佐々木 遥", True),
        ("さん、a@shop.example へ", False),
    ]
    assert list(pieces_of("見て @青木 と ＠森美咲さん、@青山 お願い", ["青木 翔", "森 美咲"])) == [
        ("見て ", False),
        ("@青木", True),
        (" と ", False),
        ("＠森美咲", True),
        ("さん、@青山 お願い", False),
    ]
    assert list(pieces_of("@だれか")) == [("@だれか", False)]


def test_what_does_something_by_itself_is_not_called_like_a_person() -> None:
    words = "至急対応さんが優先度を「緊急」にしました"
    rule = SimpleNamespace(actor_name="至急対応", actor_kind="system")
    person = SimpleNamespace(actor_name="至急対応", actor_kind="person")

    assert as_called(words, rule) == "至急対応が優先度を「緊急」にしました"
    assert as_called(words, person) == words
    assert done_by("", "%(who)sさんがあなたを担当にしました") == "自動処理があなたを担当にしました"
    assert done_by("森", "%(who)sさんがあなたを担当にしました") == "森さんがあなたを担当にしました"


def test_texts_are_compared_by_their_words() -> None:
    assert same_words("ＡＢＣ  はい。\n", "abc はい。")
    assert not same_words("はい。", "いいえ。")


def test_moments_are_worded_in_the_language_of_the_reader() -> None:
    with translation.override("ja"):
        japanese = moment(NOON, NOON + timedelta(hours=1))
    with translation.override("en"):
        english = moment(NOON, NOON + timedelta(days=1))

    assert japanese == '<time datetime="2026-08-01T12:00+09:00" title="2026年8月1日(土) 12:00">12:00</time>'
    assert ">yesterday</time>" in english
    assert moment(None) == ""


def test_a_face_says_whose_it_is_and_trusts_no_name() -> None:
    face = small_face('<b>"林"</b>', "担当 %(name)s")

    assert 'aria-label="担当 &lt;b&gt;&quot;林&quot;&lt;/b&gt;"' in face
    assert "<b>" not in face
