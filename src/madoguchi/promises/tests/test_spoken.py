"""Which words of an answer are a promise, of what kind, and when it is due; and which are none."""

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madoguchi.kernel.clock import TOKYO
from madoguchi.kernel.hours import Calendar, frames
from madoguchi.promises.spoken import MOST_FOUND, MOST_LETTERS, kind_of, promises_in

# A Wednesday. The Thursday week is 12-10; 12-29 on the desk rests.
NOW = datetime(2026, 12, 2, 10, 30, tzinfo=TOKYO)
OFFICE = Calendar(week=(frames("09:00-12:00", "13:00-18:00"),) * 5 + ((),) * 2, holidays=True)

SAID = [
    ("明日中にご連絡いたします。", "reply", "12-03 18:00"),
    ("本日中に折り返しお電話いたします。", "call_back", "12-02 18:00"),
    ("今日中にお返事します。", "reply", "12-02 18:00"),
    ("当日中に発送いたします。", "shipment", "12-02 18:00"),
    ("あす中に回答いたします。", "reply", "12-03 18:00"),
    ("明後日までに調査いたします。", "other", "12-04 18:00"),
    ("あさってには出荷いたします。", "shipment", "12-04 18:00"),
    ("3営業日以内にご返金いたします。", "refund", "12-07 18:00"),
    ("３営業日以内に返金の手続きをいたします。", "refund", "12-07 18:00"),
    ("三営業日以内に回答いたします。", "reply", "12-07 18:00"),
    ("2～3営業日以内に発送いたします。", "shipment", "12-07 18:00"),
    ("5営業日後までにお振込みいたします。", "refund", "12-09 18:00"),
    ("翌営業日にご連絡いたします。", "reply", "12-03 18:00"),
    ("翌営業日中にお答えいたします。", "reply", "12-03 18:00"),
    ("3日以内に交換品をお送りします。", "shipment", "12-05 23:59"),
    ("10日以内に修理を完了いたします。", "other", "12-12 23:59"),
    ("2時間以内にお電話差し上げます。", "call_back", "12-02 12:30"),
    ("24時間以内に返信いたします。", "reply", "12-03 10:30"),
    ("30分以内に折り返します。", "call_back", "12-02 11:00"),
    ("1週間以内にお届けいたします。", "shipment", "12-09 18:00"),
    ("二週間以内に修理いたします。", "other", "12-16 18:00"),
    ("1か月以内に返金いたします。", "refund", "01-01 23:59"),
    ("午後3時までにご連絡いたします。", "reply", "12-02 15:00"),
    ("15時までに折り返しご連絡いたします。", "call_back", "12-02 15:00"),
    ("15:30までにお電話いたします。", "call_back", "12-02 15:30"),
    ("午後3時半までにお電話いたします。", "call_back", "12-02 15:30"),
    ("本日17時までに手配いたします。", "other", "12-02 17:00"),
    ("明日の午後3時までにご連絡いたします。", "reply", "12-03 15:00"),
    ("明日15時頃にお電話いたします。", "call_back", "12-03 15:00"),
    ("明日の午前中にお電話いたします。", "call_back", "12-03 12:00"),
    ("明日正午までにお返事いたします。", "reply", "12-03 12:00"),
    ("本日夕方までにご報告いたします。", "reply", "12-02 18:00"),
    ("来週月曜にご連絡いたします。", "reply", "12-07 18:00"),
    ("来週の月曜日までに発送します。", "shipment", "12-07 18:00"),
    ("来週火曜日の午前10時にお伺いいたします。", "other", "12-08 10:00"),
    ("再来週の金曜日までに対応いたします。", "other", "12-18 18:00"),
    ("今週金曜日までにご回答いたします。", "reply", "12-04 18:00"),
    ("金曜日までにご案内いたします。", "reply", "12-04 18:00"),
    ("水曜までにお知らせします。", "reply", "12-09 18:00"),
    ("今週中にご連絡いたします。", "reply", "12-04 18:00"),
    ("来週中に出荷予定です。", "shipment", "12-11 18:00"),
    ("来週いっぱいで修正いたします。", "other", "12-11 18:00"),
    ("来週初めにお届けいたします。", "shipment", "12-07 18:00"),
    ("週明けにご連絡いたします。", "reply", "12-07 18:00"),
    ("週明け月曜日にご報告いたします。", "reply", "12-07 18:00"),
    ("25日までに返金いたします。", "refund", "12-25 18:00"),
    ("1日までにお振り込みいたします。", "refund", "01-01 23:59"),
    ("12月25日までに発送いたします。", "shipment", "12-25 18:00"),
    ("12月25日(金)までに発送いたします。", "shipment", "12-25 18:00"),
    ("12月25日（金）15時までに発送いたします。", "shipment", "12-25 15:00"),
    ("12/25までに発送いたします。", "shipment", "12-25 18:00"),
    ("2026年12月25日にお届け予定です。", "shipment", "12-25 18:00"),
    ("1月8日に出荷いたします。", "shipment", "01-08 18:00"),
    ("来月10日までに返金いたします。", "refund", "01-10 23:59"),
    ("来月末までにお振込みいたします。", "refund", "01-31 23:59"),
    ("月末までにご返金いたします。", "refund", "12-31 18:00"),
    ("今月中に対応いたします。", "other", "12-31 18:00"),
    ("年内に発送いたします。", "shipment", "12-31 18:00"),
    ("返金は3営業日以内に完了する見込みです。", "refund", "12-07 18:00"),
    ("明日中にご連絡いたしますので、少々お待ちください。", "reply", "12-03 18:00"),
    ("恐れ入りますが、確認のうえ明日中にご連絡させていただきます。", "reply", "12-03 18:00"),
    ("確認が取れ次第、明日中にご連絡いたします。", "reply", "12-03 18:00"),
    ("お調べして\n明日中にお返事いたします。", "reply", "12-03 18:00"),
    ("12月10日発送予定です。", "shipment", "12-10 18:00"),
    ("12月10日(木)発送予定となっております。", "shipment", "12-10 18:00"),
    ("12/10出荷予定です。", "shipment", "12-10 18:00"),
    ("今月20日発送予定です。", "shipment", "12-20 23:59"),
    ("2〜3日でお届けいたします。", "shipment", "12-05 23:59"),
    ("2、3日でお届けいたします。", "shipment", "12-05 23:59"),
    ("二、三日中にお届けいたします。", "shipment", "12-05 23:59"),
    ("2営業日ほどで発送いたします。", "shipment", "12-04 18:00"),
    ("2〜3営業日程度で発送いたします。", "shipment", "12-07 18:00"),
    ("一両日中にご連絡いたします。", "reply", "12-03 18:00"),
    ("12月3日の14時～16時にお届け予定です。", "shipment", "12-03 16:00"),
    ("12月3日の14時〜16時の間にお電話いたします。", "call_back", "12-03 16:00"),
    ("明日14:00-16:30にお伺いいたします。", "other", "12-03 16:30"),
    ("明日14時から16時の間にお電話いたします。", "call_back", "12-03 16:00"),
    ("12月上旬に発送予定です。", "shipment", "12-10 18:00"),
    ("12月中旬に発送予定です。", "shipment", "12-20 23:59"),
    ("1月下旬に発送予定です。", "shipment", "01-31 23:59"),
    ("12月中に発送いたします。", "shipment", "12-31 18:00"),
    ("We will get back to you by tomorrow.", "reply", "12-03 18:00"),
    ("We will refund you within 3 business days.", "refund", "12-07 18:00"),
    ("I'll call you by Friday.", "call_back", "12-04 18:00"),
    ("Within 24 hours we will reply.", "reply", "12-03 10:30"),
    ("Your order will ship next Monday.", "shipment", "12-07 18:00"),
]
NONE = [
    "「明日中に届く」とのご案内でしたが、確認いたします。",
    "お客様は明日中にご連絡いただけるとのことでした。",
    "昨日中にご連絡いたしました。",
    "明日中にお届けする予定でしたが、遅れております。",
    "3営業日以内にご返金いたしました。",
    "12月1日に発送いたしました。",
    "25日までにご返信ください。",
    "25日までにお支払いをお願いいたします。",
    "明日までにご返信をいただきますようお願いいたします。",
    "明日までに写真をお送りいただけましたら、確認いたします。",
    "ご希望の場合は、明日中に発送いたします。",
    "もし届かなければ、3日以内にご返金いたします。",
    "明日までにお返事をいただければ、すぐに手配いたします。",
    "明日中に届きますか。",
    "明日中にご連絡いたしますか？",
    "明日中のご連絡はできません。",
    "3営業日以内のご返金はいたしかねます。",
    "午後6時まで営業しております。",
    "午後3時までのご注文は当日に承っております。",
    "後ほどご連絡いたします。",
    "近日中に発送いたします。",
    "本日は担当者が不在のため、後日ご連絡いたします。",
    "12月10日以降の発送となります。",
    "締切は3日ですので、ご連絡いたします。",
    "14時間隔でご連絡いたします。",
    "中2日で発送いたします。",
    "できるだけ早く対応いたします。",
    "ご連絡いたします。",
    "明日は定休日です。",
    "> 明日中にご連絡いたします。",
    "承知しました。\n\n-----Original Message-----\n明日中にご連絡いたします。",
    "2026年12月1日 10:00 山田 <y@example.jp>のメール:\n明日中に発送します。",
    "午前9時までにご連絡いたします。",
    "11月25日までに発送いたします。",
    "明日までに、と伺っております。",
    "If you reply by tomorrow, we will ship it.",
    "Please reply by Friday.",
    "Could you send it within 3 days?",
    "You said it will arrive by tomorrow.",
    "2月31日までに発送いたします。",
    "25時までにご連絡いたします。",
]


@pytest.mark.parametrize(("text", "kind", "due"), SAID)
def test_what_is_promised_is_found(text: str, kind: str, due: str) -> None:
    found = promises_in(text, at=NOW, calendar=OFFICE)

    assert [(one.kind, f"{one.due_at.astimezone(TOKYO):%m-%d %H:%M}") for one in found] == [(kind, due)]


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_promise_is_left_alone(text: str) -> None:
    assert promises_in(text, at=NOW, calendar=OFFICE) == []


def test_each_promise_of_an_answer_is_found_once_with_its_words() -> None:
    text = (
        "髙橋 美咲 様\n\nお問い合わせありがとうございます。\n返金は3営業日以内にいたします。"
        "また、明日中に担当よりお電話いたします。明日中にお電話いたします。\n\n> 明日届きますか。\n"
    )

    found = promises_in(text, at=NOW, calendar=OFFICE)

    assert [(one.kind, one.words, one.when) for one in found] == [
        ("refund", "返金は3営業日以内にいたします。", "3営業日以内に"),
        ("call_back", "また、明日中に担当よりお電話いたします。", "明日中に"),
    ]


@settings(deadline=None, max_examples=200)
@given(
    st.text(
        alphabet="明日中に3営業以内午後時半月火曜来週末までご連絡いたします、。「」\n>1209:/年", max_size=60
    )
)
def test_whatever_is_written_gives_times_to_come(text: str) -> None:
    assert all(one.due_at > NOW for one in promises_in(text, at=NOW, calendar=OFFICE))


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("返金のご連絡をいたします。", "refund"),  # what is done counts before how it is told
        ("お振込みの上、お電話いたします。", "refund"),
        ("担当より折返しご連絡いたします。", "call_back"),
        ("発送のご案内をいたします。", "shipment"),
        ("お届けいたします。", "shipment"),
        ("調査結果をご報告いたします。", "reply"),
        ("メールにてお送りいたします。", "shipment"),
        ("メールいたします。", "reply"),
        ("修理を完了いたします。", "other"),
        ("We will REFUND you.", "refund"),
        ("We will phone you.", "call_back"),
        ("The parcel will be dispatched.", "shipment"),
        ("We will get back to you.", "reply"),
        ("We will fix it.", "other"),
        ("It will rain.", None),
        ("よろしくお願いいたします。", None),
        ("Physically, historically.", None),  # no call in them
        ("", None),
    ],
)
def test_what_is_promised_has_a_kind(words: str, kind: str | None) -> None:
    assert kind_of(words) == kind


@pytest.mark.parametrize(
    ("text", "found"),
    [
        # two promises of one sentence, each with its own time and kind
        (
            "本日中に返金いたしますので、明日15時までにお電話いたします。",
            [("refund", "12-02 18:00"), ("call_back", "12-03 15:00")],
        ),
        # the same one said twice is one; another kind at the same time is another
        ("明日中にお電話いたします。明日中に電話します。", [("call_back", "12-03 18:00")]),
        (
            "明日中にお電話いたします。明日中に返金いたします。",
            [("call_back", "12-03 18:00"), ("refund", "12-03 18:00")],
        ),
        # what is asked for stands beside what is promised
        ("25日までにご返送ください。3営業日以内に返金いたします。", [("refund", "12-07 18:00")]),
        ("25日までにご返送ください。届き次第、3営業日以内に返金いたします。", []),
        ("明日中に届きますか、とのこと、本日中に確認いたします。", []),
        ("「明日中に発送します」と書かれた件、本日中に確認いたします。", [("other", "12-02 18:00")]),
        # what others wrote below
        ("本日中に返金いたします。\n> 明日中に電話します。\n", [("refund", "12-02 18:00")]),
        (
            "本日中に返金いたします。\nOn Tue, Dec 1, 2026 Mori wrote:\nWe will call you tomorrow.",
            [("refund", "12-02 18:00")],
        ),
        ("| 明日中に | 返金いたします |", []),
        ("We’ll refund you within two business days.", [("refund", "12-04 18:00")]),
        ("We won't be able to call you by tomorrow.", []),
        ("We will not call you by tomorrow.", []),
        ("明日中に発送されますかとのお尋ねですが、調べております。", []),
    ],
)
def test_an_answer_with_more_than_one_time(text: str, found: list[tuple[str, str]]) -> None:
    spoken = promises_in(text, at=NOW, calendar=OFFICE)

    assert [(one.kind, f"{one.due_at.astimezone(TOKYO):%m-%d %H:%M}") for one in spoken] == found


def test_of_many_the_first_five_are_offered_and_none_after_twenty_thousand_letters() -> None:
    many = "".join(f"{day}日以内に返金いたします。" for day in range(1, 9))
    far = "あ。" * (MOST_LETTERS // 2) + "明日中に返金いたします。"

    assert [one.when for one in promises_in(many, at=NOW, calendar=OFFICE)] == [
        f"{day}日以内に" for day in range(1, MOST_FOUND + 1)
    ]
    assert promises_in(far, at=NOW, calendar=OFFICE) == []


def test_one_that_stands_far_behind_in_a_sentence_without_end_is_found() -> None:
    [found] = promises_in("あ" * 1_500 + "、明日中に返金いたします。", at=NOW, calendar=OFFICE)

    assert (found.kind, found.when, len(found.words)) == ("refund", "明日中に", 200)
