"""Who sets a bot, what is refused, and what is told of it."""

import pytest

from madoguchi.bot.actions import set_bot, set_limit_words
from madoguchi.bot.limits import Kind, usual
from madoguchi.bot.models import Bot, LimitWords
from madoguchi.bot.queries import bot_of, limit_words, name_of, with_bots
from madoguchi.companies.models import Desk
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
SAID = {
    "is_on": True,
    "name": " 案内 ",
    "greeting": "ようこそ",
    "hours": "always",
    "answer_from": 80,
    "suggest_from": 40,
    "yen_a_month": 30_000,
    "yen_a_talk": 5,
}


def test_it_is_off_until_somebody_switches_it_on_and_what_changed_is_told(
    world: World, company_manager: Actor
) -> None:
    desk = world.ours.desk
    with world.ours.scope():
        assert (bot_of(desk).is_on, bot_of(desk).pk) == (False, None)

        # when
        set_bot(desk, **SAID, by=company_manager)
        set_bot(desk, **SAID, by=company_manager)

        # then
        bot = bot_of(desk)
        assert (bot.is_on, bot.name, bot.greeting, bot.answer_from) == (True, "案内", "ようこそ", 80)
        [fact] = Event.objects.filter(kind="bot.set")
        assert fact.data == {
            "changes": {
                "is_on": [False, True],
                "answer_from": [75, 80],
                "suggest_from": [35, 40],
                "name": ["", "案内"],
                "greeting": ["", "ようこそ"],
                "yen_a_month": [0, 30_000],
                "yen_a_talk": [0, 5],
            }
        }
        assert [one.bot_is_on for one in with_bots(Desk.objects.filter(pk=desk.pk))] == [True]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"answer_from": 30, "suggest_from": 40}, "suggest_from"),
        ({"answer_from": 101}, "suggest_from"),
        ({"suggest_from": 0}, "suggest_from"),
        ({"hours": "sometimes"}, "hours"),
    ],
)
def test_what_makes_no_sense_is_refused(world: World, company_manager: Actor, wrong, field) -> None:
    with world.ours.scope():
        with pytest.raises(Refused) as refused:
            set_bot(world.ours.desk, **{**SAID, **wrong}, by=company_manager)
        assert refused.value.field == field
        assert not Bot.objects.exists()


@pytest.mark.parametrize("who", ["agent", "supervisor", "company_staff"])
def test_others_set_neither_bot_nor_words(world: World, who: str) -> None:
    actor = actor_of(getattr(world.ours, who))
    with world.ours.scope():
        with pytest.raises(NotAllowed):
            set_bot(world.ours.desk, **SAID, by=actor)
        with pytest.raises(NotAllowed):
            set_limit_words(world.ours.company, {Kind.ANGER: "怒"}, by=actor)
        assert (Bot.objects.exists(), LimitWords.objects.exists()) == (False, False)


def test_a_company_writes_words_of_its_own_and_gets_ours_back(world: World, company_manager: Actor) -> None:
    company = world.ours.company
    with world.ours.scope():
        assert set_limit_words(
            company, {Kind.ANGER: "怒\n\n 怒 \nプン", Kind.LEGAL: usual(Kind.LEGAL)}, by=company_manager
        ) == [Kind.ANGER]
        assert limit_words(company.pk) == {Kind.ANGER: "怒\nプン"}
        assert set_limit_words(company, {Kind.ANGER: "怒\nプン"}, by=company_manager) == []
        assert set_limit_words(company, {Kind.ANGER: " "}, by=company_manager) == [Kind.ANGER]
        assert limit_words(company.pk) == {}
        assert [fact.data for fact in Event.objects.filter(kind="bot.limits")] == [{"kinds": ["anger"]}] * 2


def test_a_list_of_exceptions_alone_is_refused(world: World, company_manager: Actor) -> None:
    with world.ours.scope():
        with pytest.raises(Refused) as refused:
            set_limit_words(world.ours.company, {Kind.SAFETY: "-火災保険"}, by=company_manager)
        assert (refused.value.field, limit_words(world.ours.company.pk)) == ("safety", {})


def test_without_a_name_it_is_called_as_the_desk(world: World) -> None:
    with world.ours.scope():
        assert name_of(bot_of(world.ours.desk), world.ours.desk) == world.ours.desk.public_name
