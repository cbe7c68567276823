"""A place in the queue and the usual wait: said to who waits for a person, and only where they are known."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.core.cache import cache

from madoguchi.bot.factories import bot_on
from madoguchi.bot.models import Talk
from madoguchi.cases.actions import be_here
from madoguchi.cases.models import Case, Contact, Message, Status
from madoguchi.companies.models import Desk
from madoguchi.kernel import clock
from madoguchi.people.queries import actor_of
from madoguchi.portal.chat.waiting import usual_wait
from madoguchi.portal.tests.conftest import SITE, Browser, all_rows, only_case
from madoguchi.routing.actions import set_presence

# A Monday, at noon in Japan.
NOON = datetime(2026, 8, 3, 3, 0, tzinfo=UTC)


def arrive(chat, at: datetime, text: str = "在庫はありますか。") -> Browser:
    """Somebody else who writes at a moment."""
    guest = Browser(chat.address, site=SITE)
    with clock.held_at(at):
        guest.say(text)
    return guest


def waits(guest: Browser, *, at: datetime = NOON) -> str:
    with clock.held_at(at):
        return guest.ask("talk").json()["waits"]


def past_talks(chat, *seconds: int, days: int = 7) -> None:
    """Talks of a week ago, at this hour, in which a person answered after so long."""
    cache.clear()
    for number, wait in enumerate(seconds):
        at = NOON - timedelta(days=days) + timedelta(seconds=number)
        arrive(chat, at, text=f"前の話{number}")
        with all_rows():
            case = Case.objects.order_by("-pk")[0]
            _answered(case, at=at + timedelta(seconds=wait))
            Case.objects.filter(pk=case.pk).update(status=Status.SOLVED, waiting_since=None)


def _answered(case: Case, *, at: datetime) -> None:
    contact = Contact.objects.filter(case=case)[0]
    Message.objects.create(
        company_id=case.company_id,
        case=case,
        contact=contact,
        author=Message.Author.STAFF,
        channel="chat",
        text="はい。",
        external_id=f"answer-{case.pk}",
        at=at,
    )


def test_who_came_first_is_next_and_who_came_later_is_told_their_place(chat):
    first = arrive(chat, NOON - timedelta(minutes=3))
    second = arrive(chat, NOON - timedelta(minutes=2))
    third = arrive(chat, NOON - timedelta(minutes=1))
    assert [waits(one) for one in (first, second, third)] == [
        f"ただいま{place}番目でお待ちいただいています。" for place in (1, 2, 3)
    ]


def test_in_english_it_is_said_in_english(chat):
    guest = arrive(chat, NOON - timedelta(minutes=3))
    with clock.held_at(NOON):
        assert guest.ask("talk", language="en").json()["waits"] == "You are next."


@pytest.mark.parametrize(
    "change",
    [
        {"status": Status.SOLVED},
        {"status": Status.WAITING_CUSTOMER},
        {"waiting_since": None},
        {"channel": "email"},
    ],
)
def test_who_waits_for_nobody_stands_in_no_queue(chat, change):
    # given
    first, second = arrive(chat, NOON - timedelta(minutes=3)), arrive(chat, NOON - timedelta(minutes=2))
    with all_rows():
        Case.objects.filter(pk=Case.objects.order_by("pk")[0].pk).update(**change)

    # then
    assert waits(first) == ""
    assert waits(second) == "ただいま1番目でお待ちいただいています。"


def test_who_talks_with_a_person_is_not_waiting(chat):
    first, second = arrive(chat, NOON - timedelta(minutes=9)), arrive(chat, NOON - timedelta(minutes=2))
    with all_rows():
        _answered(Case.objects.order_by("pk")[0], at=NOON - timedelta(minutes=5))
    assert waits(first) == ""
    assert waits(second) == "ただいま1番目でお待ちいただいています。"


def test_while_somebody_writes_the_answer_no_place_is_told(chat, agent):
    guest = arrive(chat, NOON - timedelta(minutes=2))
    case = only_case()
    with clock.held_at(NOON), all_rows():
        be_here(case, writing=True, by=agent)
    assert waits(guest) == ""


def test_with_whom_the_bot_talks_waits_for_no_person(chat, world):
    # given
    first, second = arrive(chat, NOON - timedelta(minutes=3)), arrive(chat, NOON - timedelta(minutes=2))
    with world.ours.scope():
        bot_on(world.ours.desk)
        case = Case.objects.order_by("pk")[0]
        Talk.objects.create(
            company_id=case.company_id, case=case, desk_id=case.desk_id, began_at=NOON, since=NOON
        )
        Talk.objects.create(
            company_id=case.company_id,
            case=Case.objects.order_by("pk")[1],
            desk_id=case.desk_id,
            held_by=Talk.With.PERSON,
            began_at=NOON,
            since=NOON,
        )

    # then
    assert waits(first) == ""
    assert waits(second) == "ただいま1番目でお待ちいただいています。"


def test_while_nobody_is_at_work_no_place_is_told(chat, world):
    guest = arrive(chat, NOON - timedelta(minutes=2))
    with all_rows():
        Desk.objects.filter(pk=world.ours.desk.pk).update(opens=time(9), closes=time(13))
    assert waits(guest, at=NOON + timedelta(minutes=59)) == "ただいま1番目でお待ちいただいています。"
    assert waits(guest, at=NOON + timedelta(hours=1)) == ""


def test_where_a_desk_has_no_hours_a_place_is_told_at_usual_ones_and_while_somebody_is_here(chat, world):
    # given a desk that has said no hours, before and after six in the evening
    guest = arrive(chat, NOON + timedelta(hours=5))
    evening = NOON + timedelta(hours=6)
    assert waits(guest, at=evening - timedelta(seconds=1)) == "ただいま1番目でお待ちいただいています。"
    assert waits(guest, at=evening) == ""

    # when one of its people says to be here
    with clock.held_at(evening), world.ours.scope():
        set_presence("available", by=actor_of(world.ours.agent))

    # then
    assert waits(guest, at=evening) == "ただいま1番目でお待ちいただいています。"


def test_who_left_hours_ago_is_before_nobody(chat):
    arrive(chat, NOON - timedelta(hours=5))
    assert waits(arrive(chat, NOON - timedelta(minutes=2))) == "ただいま1番目でお待ちいただいています。"


def test_the_usual_wait_is_what_four_of_five_of_this_desk_waited(chat):
    # given: 16 of 20 within five minutes, the others an hour
    past_talks(chat, *[300] * 16, *[3600] * 4)

    # then
    guest = arrive(chat, NOON - timedelta(seconds=1))
    assert waits(guest) == (
        "ただいま1番目でお待ちいただいています。\n最近は5人中4人が5分以内に担当者の返事を受け取っています。"
    )


def test_of_too_few_talks_no_time_is_told(chat):
    past_talks(chat, *[300] * 19)
    with clock.held_at(NOON), all_rows():
        assert usual_wait(chat.desk_id, company=chat.company_id) is None


def test_long_ago_tells_nothing_of_today(chat):
    past_talks(chat, *[300] * 20, days=35)
    with clock.held_at(NOON), all_rows():
        assert usual_wait(chat.desk_id, company=chat.company_id) is None


def test_another_desks_talks_tell_nothing_of_ours(chat, world):
    past_talks(chat, *[300] * 20)
    with clock.held_at(NOON), all_rows():
        assert usual_wait(chat.desk_id, company=chat.company_id) == 300
        assert usual_wait(world.theirs.desk.pk, company=world.theirs.company.pk) is None


def test_a_wait_begins_where_the_bot_handed_over(chat):
    past_talks(chat, *[900] * 20)
    with all_rows():
        for case in Case.objects.all():
            Talk.objects.create(
                company_id=case.company_id,
                case=case,
                desk_id=case.desk_id,
                held_by=Talk.With.PERSON,
                began_at=case.opened_at,
                since=case.opened_at,
                handed_at=case.opened_at + timedelta(seconds=600),
            )
        with clock.held_at(NOON):
            assert usual_wait(chat.desk_id, company=chat.company_id) == 300


def test_a_time_is_rounded_up_to_what_people_say(chat):
    past_talks(chat, *[1] * 20)
    guest = arrive(chat, NOON - timedelta(seconds=1))
    said = {1: "1分以内", 60: "1分以内", 61: "2分以内", 5400: "90分以内", 5401: "2時間以内"}
    for seconds, words in said.items():
        with all_rows():
            for one in Message.objects.filter(author=Message.Author.STAFF).select_related("case"):
                at = one.case.opened_at + timedelta(seconds=seconds)
                Message.objects.filter(pk=one.pk).update(at=at)
        cache.clear()
        assert words in waits(guest)
