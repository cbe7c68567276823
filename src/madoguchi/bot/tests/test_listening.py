"""From a visitor's word to the job that answers it, and a person's word that ends it."""

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from madoguchi.bot.actions import respond
from madoguchi.bot.factories import bot_on
from madoguchi.bot.models import Talk
from madoguchi.cases.actions import add_note
from madoguchi.delivery.actions import Reply, reply
from madoguchi.infra import reactions

pytestmark = pytest.mark.django_db(transaction=True)


def jobs() -> list[dict[str, int]]:
    return list(ProcrastinateJob.objects.filter(queue_name="bot").values_list("args", flat=True))


def test_each_word_in_a_chat_with_a_bot_is_a_job(guest) -> None:
    written = guest.says("返品の期限", heard=False)
    reactions.catch_up("bot.hear")
    assert jobs() == [{"message": written.pk, "company": guest.point.company_id}]


def test_without_a_bot_there_is_none(guest, world) -> None:
    with world.ours.scope():
        bot_on(world.ours.desk, is_on=False)
    guest.says("返品の期限", heard=False)
    reactions.catch_up("bot.hear")
    assert jobs() == []


def test_a_persons_answer_locks_it_out_and_a_note_does_not(guest, agent, reader) -> None:
    # given
    asked = guest.says("返品の期限と送料")
    with guest.acting():
        add_note(guest.case, text="様子を見ます", by=agent)
    reactions.catch_up("bot.silent")
    assert guest.talk().held_by == Talk.With.BOT

    # when
    with guest.acting():
        reply(guest.case, Reply(text="担当の青木です。"), by=agent)
    reactions.catch_up("bot.silent")

    # then
    assert (guest.talk().held_by, guest.talk().reason) == (Talk.With.PERSON, "taken_over")
    respond(asked.pk, company=guest.point.company_id, reader=reader)
    assert len(guest.turns()) == 1


def test_its_own_answers_lock_nobody_out(guest) -> None:
    guest.says("返品の期限と送料")
    reactions.catch_up("bot.silent")
    assert guest.talk().held_by == Talk.With.BOT
