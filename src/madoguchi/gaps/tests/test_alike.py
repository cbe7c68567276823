"""Which questions are alike: by the words that they share, rare ones counting more; and what is said of a group."""

from madoguchi.gaps.alike import Question, groups_of


def asked(*texts: str, customers: list[int] | None = None) -> list[Question]:
    """Questions with the words that stand in each, parted by spaces."""
    whose = customers or list(range(1, len(texts) + 1))
    return [
        Question(at + 1, who, frozenset(text.split()))
        for at, (text, who) in enumerate(zip(texts, whose, strict=True))
    ]


GIFT = ("ギフト 包装 頼む", "ギフト 包装 料金", "包装 ギフト 紙袋")
APP = ("アプリ ログイン 失敗", "アプリ 起動 ログイン", "ログイン アプリ 認証")


def test_questions_that_share_words_are_one_group_whatever_lies_between():
    found = groups_of(asked(GIFT[0], APP[0], GIFT[1], APP[1], GIFT[2], APP[2], "天気"))

    assert [(group.words, [one.id for one in group.questions], group.customers) for group in found] == [
        (("アプリ", "ログイン"), [2, 4, 6], 3),
        (("ギフト", "包装"), [1, 3, 5], 3),
    ]


def test_the_larger_stands_first_and_too_few_or_one_person_alone_are_none():
    found = groups_of(asked(*APP, *GIFT, "ギフト 包装", "住所 変更", "住所 変更 手続き"))
    assert [len(group.questions) for group in found] == [4, 3]
    assert groups_of(asked(*GIFT, customers=[7, 7, 7])) == []
    assert groups_of(asked("", "", "")) == []
    assert groups_of([]) == []


def test_words_of_one_person_alone_do_not_name_a_group():
    found = groups_of(
        asked("山田太郎 ギフト 包装", "ギフト 包装 山田太郎", "ギフト 包装 箱", customers=[1, 1, 2])
    )
    assert [group.words for group in found] == [("ギフト", "包装")]
