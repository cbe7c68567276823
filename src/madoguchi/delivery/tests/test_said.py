"""The same answer does not go out twice unasked, and who was overtaken is told by which answer."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Message
from madoguchi.companies.models import Desk
from madoguchi.delivery.actions import ANYTHING, Reply, reply, take_back
from madoguchi.delivery.checks import gone_past
from madoguchi.delivery.models import Outgoing
from madoguchi.delivery.said import LATELY, SaidAlready
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import AskFirst, Conflict
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 30, 12, 4, tzinfo=clock.TOKYO)
WORDS = "交換品を明日お送りします。"
SIGN = "ひなた衣料 窓口"


@pytest.fixture
def case(world: World) -> Iterator[Case]:
    with clock.held_at(NOON - timedelta(hours=1)):
        made = make_case(world.ours.entry_point)
    with world.ours.scope():
        Desk.objects.filter(pk=made.desk_id).update(signature=SIGN)
        yield Case.objects.get(pk=made.pk)


@pytest.fixture
def agent(world: World) -> Actor:
    return actor_of(world.ours.agent)


@pytest.fixture
def supervisor(world: World) -> Actor:
    return actor_of(world.ours.supervisor)


def told(case: Case, text: str, *, by: Actor) -> list[tuple[str, str]]:
    """What is asked; nothing leaves where something is."""
    before = Outgoing.objects.count()
    try:
        reply(case, Reply(text=text), by=by)
    except AskFirst as asked:
        assert Outgoing.objects.count() == before
        return list(asked.questions)
    assert Outgoing.objects.count() == before + 1
    return []


@pytest.mark.parametrize(
    "again",
    [
        WORDS,
        f"  {WORDS}\n\n",
        "交換品を\n明日お送りします｡",
        f"{WORDS}\n\n{SIGN}",
        f"{WORDS}\n\n> 届きません",
        f"{WORDS}\n\n{SIGN}\n\n> 届きません",
    ],
)
def test_the_same_words_are_asked_about_whatever_stands_around_them(
    case: Case, agent: Actor, supervisor: Actor, again: str
) -> None:
    with clock.held_at(NOON):
        sent = reply(case, Reply(text=WORDS), by=supervisor).message_id

        asked = told(case, again, by=agent)

        words = (
            f"同じ返信を、12:04に森 美咲さんがすでに送信しています：「{WORDS}」。"
            "このまま送ると、同じ内容が2通届きます。"
        )
        assert asked == [(f"said {sent}", words)]
        yes = Reply(text=again, confirmed=frozenset({f"said {sent}"}))
        assert reply(case, yes, by=agent).state == Outgoing.State.QUEUED


def test_a_yes_to_one_answer_is_none_to_another(case: Case, agent: Actor) -> None:
    reply(case, Reply(text=WORDS), by=agent)
    other = Reply(text=WORDS, confirmed=frozenset({"said 1"}))

    with pytest.raises(AskFirst):
        reply(case, other, by=agent)

    assert Outgoing.objects.count() == 1
    assert gone_past(["said 1"]) == ["同じ返信が、この用件で少し前に送信されています。"]


def test_other_words_and_quotations_alone_are_not(case: Case, agent: Actor) -> None:
    reply(case, Reply(text=WORDS), by=agent)
    assert told(case, "交換品を明後日お送りします。", by=agent) == []
    reply(case, Reply(text="> 届きません"), by=agent)
    assert told(case, "> 届きません", by=agent) == []


def test_what_was_taken_back_or_is_long_ago_is_not(case: Case, agent: Actor, supervisor: Actor) -> None:
    with clock.held_at(NOON):
        take_back(reply(case, Reply(text=WORDS), by=supervisor).pk, by=supervisor)
        assert told(case, WORDS, by=agent) == []
    with clock.held_at(NOON + LATELY - timedelta(minutes=1)):
        assert [key.partition(" ")[0] for key, _words in told(case, WORDS, by=agent)] == ["said"]
    with clock.held_at(NOON + LATELY + timedelta(minutes=1)):
        assert told(case, WORDS, by=agent) == []


def test_where_one_talks_only_a_colleagues_words_since_the_customers_are(
    case: Case, agent: Actor, supervisor: Actor
) -> None:
    reply(case, Reply(text=WORDS), by=supervisor)
    Message.objects.filter(author="staff").update(channel="line")

    assert len(told(case, WORDS, by=agent)) == 1
    assert told(case, WORDS, by=supervisor) == []
    Message.objects.filter(author="staff").update(channel="line")
    Message.objects.filter(author="customer").update(at=clock.now() + timedelta(seconds=1))
    assert told(case, WORDS, by=agent) == []


def test_who_was_overtaken_is_told_by_whom_and_how_it_begins(
    case: Case, agent: Actor, supervisor: Actor
) -> None:
    seen = case.version
    with clock.held_at(NOON):
        reply(case, Reply(text=WORDS), by=supervisor)

        with pytest.raises(SaidAlready) as same:
            reply(case, Reply(text=f"{WORDS}\n", expected_version=seen, confirmed=ANYTHING), by=agent)
        with pytest.raises(Conflict) as other:
            reply(case, Reply(text="お調べします。", expected_version=seen), by=agent)

    assert str(same.value) == (
        f"この返信は、12:04に森 美咲さんがすでに送信しました：「{WORDS}」。あなたの返信は送信していません。"
    )
    assert str(other.value) == (
        f"入力中に動きがありました。森 美咲さんが12:04に返信を送信しています：「{WORDS}」。"
        "内容を確かめてから、もう一度送信してください。"
    )
    assert not isinstance(other.value, SaidAlready)
    assert Outgoing.objects.count() == 1


def test_without_a_colleagues_answer_it_is_told_that_something_changed(case: Case, agent: Actor) -> None:
    with pytest.raises(Conflict, match=r"^入力中に、この用件に動きがありました。"):
        reply(case, Reply(text=WORDS, expected_version=case.version - 1), by=agent)

    assert Outgoing.objects.count() == 0
