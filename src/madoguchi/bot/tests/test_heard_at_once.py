"""A person is asked for where the words are taken in; and whatever became of the queue, nobody waits for the bot."""

from datetime import timedelta

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from madoguchi.bot.actions import free_unheard, hand_back, respond, watching
from madoguchi.bot.factories import bot_on, led_by
from madoguchi.bot.models import Bot, Talk
from madoguchi.bot.queries import MOST_SILENT, speaks_in
from madoguchi.bot.tree import ROOT, Kind, Node
from madoguchi.cases.actions import be_here
from madoguchi.cases.models import Message
from madoguchi.delivery.actions import Reply, reply
from madoguchi.infra import reactions
from madoguchi.intake import also
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Channel, File

pytestmark = pytest.mark.django_db(transaction=True)
LATER = MOST_SILENT + timedelta(seconds=1)


def turns(guest) -> list[tuple[str, str]]:
    return [(turn.outcome, turn.reason) for turn in guest.turns()]


def held(guest) -> set[int]:
    with guest.acting():
        return speaks_in([guest.case.pk])


@pytest.mark.parametrize(
    ("text", "reason"),
    [("人と話す", "human"), ("ありがとう、でも火が出ました", "safety"), ("弁護士に相談します", "legal")],
)
def test_no_job_is_needed_for_a_person(guest, reader, text: str, reason: str) -> None:
    # given: an answer stands there, which was thanked for
    guest.says("返品の期限と送料について")

    # when: nothing but the request itself runs
    asked = guest.says(text, heard=False)

    # then
    assert turns(guest)[1:] == [("person", reason)]
    assert (guest.talk().held_by, held(guest)) == (Talk.With.PERSON, set())
    assert ProcrastinateJob.objects.filter(queue_name="bot").count() == 0

    # then: the job that comes to it later says nothing again
    reactions.catch_up("bot.hear")
    respond(asked.pk, company=guest.point.company_id, reader=reader)
    assert len(guest.turns()) == 2


def test_a_file_and_a_choice_of_a_person_need_none_either(guest, another, company_manager) -> None:
    guest.says("これです", heard=False, files=(File("a.txt", "text/plain", b"a"),))
    with guest.acting():
        led_by(guest.point.desk, Node(0, ROOT, "ご相談", Kind.PERSON), by=company_manager)
    other = another()
    other.says("ご相談", heard=False)

    assert (turns(guest), turns(other)) == ([("person", "file")], [("person", "human")])


def test_what_articles_may_answer_waits_for_the_bot(guest) -> None:
    guest.says("返品の期限", heard=False)
    assert (turns(guest), held(guest)) == ([], {guest.case.pk})


def test_what_fails_in_hearing_loses_no_message(guest, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(message: int) -> None:
        Message.objects.filter(pk=message).update(text="")
        raise ValueError(message)

    monkeypatch.setattr(also, "_hearing", [({Channel.CHAT}, fails)])
    asked = guest.says("人と話す", heard=False)
    assert (asked.text, turns(guest)) == ("人と話す", [])


def test_what_no_worker_answers_goes_to_people(guest) -> None:
    # given
    guest.says("返品の期限", heard=False)
    assert free_unheard() == 0

    with clock.held_at(clock.now() + LATER):
        # then: others are given it, also before anybody looked
        assert held(guest) == set()

        # when
        found = [free_unheard(), free_unheard()]

        # then: once, and the customer is told
        assert found == [1, 0]
        assert turns(guest) == [("person", "unavailable")]
        assert guest.talk().held_by == Talk.With.PERSON
        with guest.acting():
            assert guest.case.messages.filter(automatic="bot").count() == 1


def test_what_people_answered_is_not_told_to_have_waited(guest, agent) -> None:
    guest.says("返品の期限", heard=False)
    with guest.acting():
        reply(guest.case, Reply(text="8日です。"), by=agent)
    with clock.held_at(clock.now() + LATER):
        assert (free_unheard(), turns(guest)) == (0, [])


def test_what_was_handed_back_unanswered_does_not_wait_for_ever(guest, agent) -> None:
    guest.says("人と話す")
    guest.says("返品の期限", heard=False)
    with guest.acting():
        hand_back(guest.case, by=agent)
    assert held(guest) == {guest.case.pk}
    with clock.held_at(clock.now() + LATER):
        assert (free_unheard(), turns(guest)) == (1, [("person", "human"), ("person", "unavailable")])


def test_what_the_bot_leaves_to_people_is_not_found_each_minute_before_what_waits_for_it(
    guest, another, agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: the longest ago, somebody answered, and somebody writes
    monkeypatch.setattr(watching, "AT_ONCE", 1)
    answered, written, waits = guest, another(), another()
    for one in (answered, written, waits):
        one.says("返品の期限", heard=False)
    with answered.acting():
        reply(answered.case, Reply(text="8日です。"), by=agent)
    answered.says("返品の送料", heard=False)

    with clock.held_at(clock.now() + LATER):
        with written.acting():
            be_here(written.case, writing=True, by=agent)
        found = [free_unheard(), free_unheard()]

    assert found == [1, 0]
    assert (turns(answered), turns(written), turns(waits)) == ([], [], [("person", "unavailable")])


def test_at_hours_that_are_not_the_bots_nothing_waits_for_it(guest) -> None:
    guest.says("返品の期限", heard=False)
    with guest.acting():
        bot_on(guest.point.desk, hours=Bot.Hours.CLOSED)
    with clock.held_at(clock.now() + LATER):
        assert (free_unheard(), turns(guest)) == (0, [])
