"""Which articles fit what a customer wrote."""

import pytest

from madoguchi.knowledge.factories import approved, rewrite
from madoguchi.knowledge.queries import suggested
from madoguchi.knowledge.suggesting import Candidate, Suggestions
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

_ARTICLES = Suggestions(
    [
        Candidate(1, "返品の送料", "初期不良のときは当社が負担します。"),
        Candidate(2, "サイズの交換", "未使用なら8日以内に交換します。"),
        Candidate(3, "領収書の発行", "マイページのFAQから発行できます。"),
    ]
)


@pytest.mark.parametrize(
    ("asked", "best"),
    [
        ("届いた品が不良でした。送料は誰が払いますか", [1]),
        ("ｻｲｽﾞが合わないので交換したい", [2]),
        ("ｆａｑに領収書のことはありますか", [3]),
        ("こんにちは", []),
        ("", []),
    ],
)
def test_the_words_they_share_decide(asked: str, best: list[int]) -> None:
    assert _ARTICLES.best(asked, most=1) == best


def test_of_no_articles_none_fits() -> None:
    assert Suggestions([]).best("返品") == []


@pytest.mark.django_db
def test_what_is_in_force_is_suggested_and_nothing_else(world: World) -> None:
    side, boss = world.ours, actor_of(world.ours.company_manager)
    with side.scope():
        article = approved(side.company, by=boss, title="返品の送料", body="当社が負担します。")
        assert [v.number for v in suggested(side.desk, "返品の送料は？")] == [1]
        rewrite(article, "お客様のご負担です。", by=boss)
        assert [v.number for v in suggested(side.desk, "返品の送料は？")] == [2]
        assert suggested(world.ours.desk, "配達日") == []
