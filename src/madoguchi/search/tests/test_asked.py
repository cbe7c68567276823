"""What a text in the box asks for, and what is told of filters that leave something out. No database."""

from datetime import datetime
from typing import Any

import pytest

from madoguchi.cases.models import Priority
from madoguchi.kernel.clock import TOKYO
from madoguchi.kernel.folding import exactly, spellings
from madoguchi.search.asked import EITHER, Asked, Known, Told, read

PEOPLE = {"森": [5], "青木": [6, 7]}
KNOWN = Known(desks=[(1, "お客様窓口"), (2, "修理窓口")], people=lambda name: PEOPLE.get(name, []), me=6)


def asked(text: str) -> Asked:
    return read(text, KNOWN)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("優先度:高", {"priorities": [Priority.HIGH.value]}),
        ("優先度:緊急", {"priorities": [Priority.URGENT.value]}),
        ("priority:low", {"priorities": [Priority.LOW.value]}),
        ("PRIORITY:High", {"priorities": [Priority.HIGH.value]}),
        ("担当:森", {"assignees": [5]}),
        ("担当:青木", {"assignees": [6, 7]}),
        ("担当:自分", {"assignees": [6]}),
        ("担当:なし", {"unassigned": True}),
        ("担当:森 担当:なし", {"unassigned": True}),
        ("担当:なし 担当:森", {"assignees": [5]}),
        ("窓口:修理", {"desks": [2]}),
        ("窓口:窓口", {"desks": [1, 2]}),
        ("状態:新規", {"statuses": ["new"]}),
        ("is:open", {"statuses": ["new", "open", "waiting_customer", "waiting_third"]}),
        ("is:未解決", {"statuses": ["new", "open", "waiting_customer", "waiting_third"]}),
        ("is:closed", {"statuses": ["solved", "closed"]}),
        ("IS:new", {"statuses": ["new"]}),
        ("is:解決", {"statuses": ["solved"]}),
        ("is:unread", {"unread": True, "reader": 6}),
        ("状態:未読", {"unread": True, "reader": 6}),
        ("is:既読", {"unread": False, "reader": 6}),
        ("is:mine", {"assignees": [6]}),
        ("is:unassigned", {"unassigned": True}),
    ],
)
def test_filters_narrow(text: str, wanted: dict[str, Any]) -> None:
    assert asked(text) == Asked(**wanted)


@pytest.mark.parametrize(
    ("text", "remarks"),
    [
        ("担当:だれか", [(Told.NOBODY, "担当:だれか")]),
        ("assignee:nobody@else.example", [(Told.NOBODY, "assignee:nobody@else.example")]),
        ("担当:森", []),
        ("担当:なし", []),
        ("状態:新規 状態:解決", [(Told.LAST_COUNTS, "状態:新規", "状態:解決")]),
        ("status:new 状態:解決", [(Told.LAST_COUNTS, "status:new", "状態:解決")]),
        ("状態:新規 状態:新規", []),
        ("優先度:高 優先度:低", [(Told.LAST_COUNTS, "優先度:高", "優先度:低")]),
        ("窓口:修理 窓口:お客様", [(Told.LAST_COUNTS, "窓口:修理", "窓口:お客様")]),
        ("tag:急ぎ tag:返品", []),
        ("from:森 from:青木", []),
        (
            "状態:新規 状態:解決 状態:closed",
            [
                (Told.LAST_COUNTS, "状態:新規", "状態:解決"),
                (Told.LAST_COUNTS, "状態:解決", "状態:closed"),
            ],
        ),
        ("after:2026-08-03 before:2026-08-01", [(Told.NO_TIME,)]),
        ("以降:2026-08-03 まで:2026-08-03", []),
        ("以降:2026-08-03 より前:2026-08-03", [(Told.NO_TIME,)]),
        ("靴 返品", []),
        ("本文:返品", [(Told.UNKNOWN, "本文:返品")]),
        ("品番：A-100 靴", [(Told.UNKNOWN, "品番：A-100")]),
        ("is:open 返品", []),
        ("-is:open 返品", [(Told.NOT_TURNED, "-is:open")]),
        ("返品 -窓口:修理", [(Told.NOT_TURNED, "-窓口:修理")]),
        ("-本文:返品 靴", [(Told.UNKNOWN, "-本文:返品")]),
        ("件名:", [(Told.ALONE, "件名:")]),
        ("件名： 返品", [(Told.ALONE, "件名：")]),
        ("メモ:", []),
        ("10:30 に電話", []),
        ("https://shop.example/a", []),
        ("Re:返品 Fwd:返品", []),
        ("状態:新規 is:closed", [(Told.LAST_COUNTS, "状態:新規", "is:closed")]),
        ("is:unread is:open", []),
        ("状態:未読 状態:新規", []),
        ("is:read 状態:未読", [(Told.LAST_COUNTS, "is:read", "状態:未読")]),
        ("is:mine 担当:森", [(Told.LAST_COUNTS, "is:mine", "担当:森")]),
    ],
)
def test_what_is_passed_over_or_finds_nothing_is_told(text: str, remarks: list[tuple[Any, ...]]) -> None:
    assert asked(text).remarks == remarks


@pytest.mark.parametrize("text", ["is:purple", "is:unread", "is:mine"])
def test_what_means_nothing_to_who_asks_is_looked_for_as_words_and_told(text: str) -> None:
    nobody = Known(desks=KNOWN.desks, people=KNOWN.people)

    found = read(text, nobody)

    assert (found.unclear, [word.written for word in found.words], found.unread) == ([text], [text], None)


def test_an_unknown_filter_is_still_looked_for_as_it_was_typed() -> None:
    found = asked("本文:返品 靴")

    assert [word.written for word in found.words] == ["本文:返品", "靴"]
    assert found.unclear == []


@pytest.mark.parametrize("text", ["優先度:良好", "優先度:", "priority:9"])
def test_a_priority_that_there_is_not_is_a_word(text: str) -> None:
    found = asked(text)

    assert found.priorities is None
    assert [word.written for word in found.words] == [text]


def test_what_is_told_does_not_make_two_questions_differ() -> None:
    assert asked("状態:新規 状態:解決") == asked("状態:解決")
    assert asked("状態:新規 状態:解決").filtered


def test_the_days_are_those_of_japan() -> None:
    found = asked("以降:2026-08-01 まで:2026-08-03")

    assert found.since == datetime(2026, 8, 1, tzinfo=TOKYO)
    assert found.before == datetime(2026, 8, 4, tzinfo=TOKYO)


@pytest.mark.parametrize("either", EITHER)
def test_of_words_with_an_or_between_them_one_is_enough(either: str) -> None:
    found = asked(f"電源 返品 {either} サーバー {either} 「ご 交換」 青い 担当:森")

    assert [word.written for word in found.words] == ["電源", "返品 OR サーバー OR ご 交換", "青い"]
    assert found.words[1].spellings == (*spellings("返品"), *spellings("サーバー"), *exactly("ご 交換"))
    assert found.assignees == [5]


@pytest.mark.parametrize(
    ("text", "words", "without"),
    [
        ("OR", ["OR"], []),
        ("OR 返品", ["OR", "返品"], []),
        ("返品 OR", ["返品", "OR"], []),
        ("返品 or 交換", ["返品", "or", "交換"], []),
        ("返品 OR OR 交換", ["返品", "OR", "OR", "交換"], []),
        ("返品 OR -交換", ["返品", "OR"], ["交換"]),
        ("-返品 OR 交換", ["OR", "交換"], ["返品"]),
        ("返品 OR 担当:森", ["返品", "OR"], []),
        ("担当:森 OR 返品", ["OR", "返品"], []),
        ("「返品 OR 交換」", ["返品 OR 交換"], []),
    ],
)
def test_anywhere_else_it_is_a_word(text: str, words: list[str], without: list[str]) -> None:
    found = asked(text)

    assert [word.written for word in found.words] == words
    assert [word.written for word in found.without] == without
