"""What a night has found becomes drafts, few of them, from how people answered; nothing is published."""

from typing import Any

import pytest
from django.db import connection

from madoguchi.cases.actions import change_status
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Message, Status
from madoguchi.customers.factories import make_customer, make_identity
from madoguchi.customers.models import Belonging, Customer
from madoguchi.delivery.actions import ANYTHING, Reply, reply
from madoguchi.gaps.actions.drafting import MOST_A_NIGHT, answered_alike, draft_found
from madoguchi.gaps.models import Gap
from madoguchi.gaps.queries import WEEK, unfounded_since
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Party
from madoguchi.kernel.identity import IdentityKind
from madoguchi.knowledge.factories import approved
from madoguchi.knowledge.models import Article, ArticleVersion
from madoguchi.knowledge.queries import published
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
HOW = "ギフト包装は1点300円で承ります。"


def gap_of(world: World, words: list[str], messages: list[int]) -> Gap:
    now = clock.now()
    about = {"kind": Gap.Kind.QUESTIONS, "words": words, "messages": messages, "figures": {}}
    return Gap.objects.create(company=world.ours.company, first_at=now, seen_at=now, **about)


def solved(world: World, answer: str, *, name: str) -> Message:
    """A customer asked, a person answered from no article, and it is solved."""
    by = actor_of(world.ours.agent)
    sender = Party(address=f"{len(name)}{ord(name[0])}@home.example", name=name)
    case = make_case(world.ours.entry_point, text="ギフト包装を頼めますか。", sender=sender)
    reply(case, Reply(text=answer, confirmed=ANYTHING), by=by)
    change_status(case, to=Status.SOLVED, by=by, without_words=True)
    return Message.objects.get(case=case, author="customer")


def test_a_draft_says_what_several_were_told_and_no_more(world: World) -> None:
    side = world.ours
    with side.scope():
        # given
        near = approved(
            side.company, by=actor_of(side.company_manager), title="ギフト包装の色", body="赤と青です。"
        )
        Article.objects.filter(pk=near.pk).update(owner=side.supervisor)
        asked = [
            solved(world, f"髙橋様\n{HOW}\n{own}", name=name)
            for own, name in (
                ("赤いリボンをお付けします。", "髙橋 美咲"),
                ("青い箱にお入れします。", "佐藤 健"),
            )
        ]
        assert [one.id for one in unfounded_since(side.company.pk, clock.now() - WEEK)] == [
            one.pk for one in asked
        ]
        gap = gap_of(world, ["ギフト", "包装"], [one.pk for one in asked])
        assert answered_alike(gap) == [HOW]

        # when, twice
        [pk] = draft_found(side.company.pk)
        assert draft_found(side.company.pk) == []

        # then
        version = ArticleVersion.objects.get(article=pk)
        assert (version.state, version.title, version.article.owner) == (
            "draft",
            "「ギフト・包装」について",
            side.supervisor,
        )
        assert HOW in version.body
        assert not any(word in version.body for word in ("髙橋", "リボン", "青い箱"))
        assert [one.article_id for one in published(side.company.pk)] == [near.pk]
        gap.refresh_from_db()
        assert (gap.state, gap.article_id) == ("drafted", pk)
        [told] = Event.objects.filter(kind="gap.drafted")
        assert (told.data, told.actor_id) == ({"gap": gap.pk, "article": pk}, None)


@pytest.mark.parametrize(
    "sentence",
    [
        "佐藤様のお荷物は明日お届けいたします。",
        "折り返しは０９０ー１２３４ー５６７８へいたします。",
        "担当のyamada@firm.exampleへお送りください。",
        "送り先は京都市中京区三条通12-3でよろしいですか。",
        "送り先は三番町二丁目のお宅でよろしいですか。",
        "みずほハイツにお届けしてよろしいでしょうか。",
        "会員番号はMB-77120で承っております。",
    ],
)
def test_what_names_anybody_or_where_they_are_reached_is_left_out(world: World, sentence: str) -> None:
    side = world.ours
    with side.scope():
        asked = [solved(world, f"{HOW}\n{sentence}", name=name) for name in ("髙橋 美咲", "佐藤 健")]
        customer = asked[0].case.customer
        assert customer is not None
        Customer.objects.filter(pk=customer.pk).update(address="大津市浜町1-2 みずほハイツ")
        make_identity(customer, IdentityKind.MEMBER, "MB-77120")

        assert answered_alike(gap_of(world, ["ギフト"], [one.pk for one in asked])) == [HOW]


def test_one_person_and_one_household_are_not_two(world: World) -> None:
    side = world.ours
    with side.scope():
        asked = [solved(world, HOW, name=name) for name in ("髙橋 美咲", "佐藤 健", "髙橋美咲")]
        pks = [one.pk for one in asked]
        people = [one.case.customer for one in asked]
        same, apart = gap_of(world, ["ギフト"], [pks[0], pks[2]]), gap_of(world, ["包装"], pks[:2])
        assert (answered_alike(same), answered_alike(apart)) == ([], [HOW])

        home = make_customer(side.company, name="髙橋家")
        for one in people[:2]:
            assert one is not None
            Belonging.objects.create(company=side.company, customer=one, group=home, at=clock.now())
        assert answered_alike(apart) == []


def test_a_night_begins_few_and_none_while_many_are_unread(world: World) -> None:
    company = world.ours.company
    with world.ours.scope():
        for n in range(30):
            gap_of(world, [f"語{n}"], [])
        begun = [len(draft_found(company.pk)) for _night in range(6)]
        assert begun == [MOST_A_NIGHT] * 4 + [0, 0]
        assert Gap.objects.filter(state="open").count() == 10
        Article.objects.filter(company=company).update(retired_at=clock.now())
        assert len(draft_found(company.pk)) == MOST_A_NIGHT


def test_one_that_cannot_be_begun_keeps_no_other_waiting(world: World, as_owner: Any) -> None:
    company = world.ours.company
    with world.ours.scope():
        # given: the newest cannot be begun, for its title is taken by the database for no text
        good = [gap_of(world, [f"語{n}"], []) for n in range(MOST_A_NIGHT)]
        bad = gap_of(world, ["壊れた"], [])
        with as_owner(), connection.cursor() as cursor:
            cursor.execute(
                "ALTER TABLE knowledge_articleversion ADD CONSTRAINT bad CHECK (title NOT LIKE '%壊れた%')"
            )

        # when
        nights = [len(draft_found(company.pk)) for _night in range(3)]

        # then: it takes a place in the first night, and gives way in the next
        assert nights == [MOST_A_NIGHT - 1, 1, 0]
        assert set(Gap.objects.exclude(article=None)) == set(good)
        bad.refresh_from_db()
        assert (bad.state, bad.put_off_at is not None) == ("open", True)
