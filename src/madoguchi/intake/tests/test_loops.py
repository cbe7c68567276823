"""Two machines that answer each other are known by what they say, and end in one case that nobody waits in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from madoguchi.cases.models import Case, Message, Status
from madoguchi.channels.email.channel import EmailChannel
from madoguchi.companies.factories import make_desk, make_entry_point
from madoguchi.delivery.actions import acknowledge
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.intake import channels
from madoguchi.intake.actions import handle
from madoguchi.intake.loops import MOST_ANSWERED, Turn, essence, turn_of
from madoguchi.intake.models import Arrival, SenderRule
from madoguchi.intake.senders import rule_sender
from madoguchi.intake.tests.test_handling import arrive, store
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Channel, Inbound, Party
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 8, 3, 0, 0, tzinfo=UTC)
ROBOT = "desk@robot.example"


@pytest.fixture(autouse=True)
def reads_mail() -> None:
    channels.register(Channel.EMAIL, EmailChannel())


def turn(n: int, *, sender: str = ROBOT, words: str = "", more: str = "") -> bytes:
    said = (
        words
        or f"お問い合わせありがとうございます。受付番号は {5000 + n} です。\r\nhttps://robot.example/t/k{n}x"
    )
    head = f"From: {sender}\r\nTo: support@shop.example\r\nSubject: [#{5000 + n}] お問い合わせ\r\n"
    return f"{head}Message-ID: <t{n}@robot.example>\r\n{more}\r\n{said}\r\n".encode()


def said(world: World, n: int, *, after: timedelta = timedelta(), told: bool = True, **more: Any) -> Arrival:
    """The robot says its words once more, and the worker acknowledges what is a new case."""
    with clock.held_at(MORNING + after + n * timedelta(minutes=1)):
        arrival = arrive(world.ours, turn(n, **more))
        with world.ours.scope():
            opened = Event.objects.filter(kind="case.opened", case_id=arrival.case_id).get()
            if told and not opened.data["automatic"]:
                acknowledge(arrival.case_id or 0, cause=opened.pk)
    return arrival


def cases() -> list[Case]:
    with scope.everywhere(reason="a test looks at everything"):
        return list(Case.objects.order_by("pk"))


def recognised() -> list[tuple[int | None, int]]:
    with scope.everywhere(reason="a test looks at the log"):
        found = Event.objects.filter(kind="message.loop_recognised").order_by("pk")
        return [(event.case_id, event.data["message"]) for event in found]


def test_the_turn_after_three_answered_ones_is_a_loop(world: World) -> None:
    before = [said(world, n) for n in range(MOST_ANSWERED)]
    fourth, fifth = said(world, 3), said(world, 4)

    assert len({arrival.case_id for arrival in before}) == len(cases()) == 3
    assert [fourth.case_id, fifth.case_id] == [before[-1].case_id] * 2
    assert recognised() == [(before[-1].case_id, fourth.message_id)]
    with world.ours.scope():
        kinds = Message.objects.filter(case=before[-1].case_id).order_by("at", "id")
        assert [m.automatic for m in kinds] == ["", "acknowledgement", "loop", "loop"]
    assert all(arrival.state == "handled" for arrival in (*before, fourth, fifth))


@pytest.mark.parametrize(
    "other",
    [
        {"words": "機械ではなく担当の山田です。別の件でお願いがあります。"},
        {"sender": "yamada@robot.example"},
        {"more": 'MIME-Version: 1.0\r\nContent-Type: application/pdf; name="scan.pdf"\r\n'},
    ],
    ids=["other words", "another address", "a file"],
)
def test_what_is_no_turn_opens_a_case_of_its_own(world: World, other: dict[str, str]) -> None:
    for n in range(4):
        said(world, n)

    arrival = said(world, 5, **other)

    assert [case.pk for case in cases()][-1] == arrival.case_id
    with world.ours.scope():
        assert Message.objects.get(pk=arrival.message_id).automatic == ""


def test_what_we_never_answered_is_a_backlog_and_no_loop(world: World) -> None:
    arrivals = [said(world, n, told=False) for n in range(6)]

    assert len({arrival.case_id for arrival in arrivals}) == 6
    assert recognised() == []


def test_whoever_fills_in_a_form_is_no_machine(world: World) -> None:
    inbound = Inbound(
        channel=Channel.EMAIL,
        external_id="",
        sender=Party(ROBOT),
        subject="x",
        text="お問い合わせありがとうございます。受付番号は 1 です。",
        new_text="",
        fingerprint=b"",
    )
    last = [said(world, n) for n in range(4)][-1]
    with world.ours.scope(), clock.held_at(MORNING + timedelta(minutes=5)):
        of_pair = {
            "rule": "",
            "company": world.ours.company.pk,
            "entry_point": world.ours.entry_point.pk,
            "customer": Case.objects.get(pk=last.case_id).customer_id,
        }

        assert turn_of(inbound, **of_pair) == Turn(last.case_id, first=False)
        assert turn_of(replace(inbound, channel=Channel.FORM), **of_pair) is None


def test_it_is_counted_for_each_of_our_addresses(world: World) -> None:
    for n in range(4):
        said(world, n)
    other = make_entry_point(make_desk(world.ours.company))
    with clock.held_at(MORNING + timedelta(minutes=6)):
        kept = store(world.ours, turn(6))
        with world.ours.scope():
            Arrival.objects.filter(pk=kept).update(entry_point=other)
        handle(kept, company=world.ours.company.pk)

    assert len(cases()) == 4


def test_it_is_counted_within_an_hour(world: World) -> None:
    for n in range(4):
        said(world, n)

    later = said(world, 5, after=timedelta(hours=1))

    assert (len(cases()), later.case_id) == (4, cases()[-1].pk)


def test_what_a_person_laid_to_rest_is_seen_again_and_not_answered(world: World) -> None:
    before = [said(world, n) for n in range(4)][-1]
    with world.ours.scope():
        Case.objects.filter(pk=before.case_id).update(status=Status.SOLVED, waiting_since=None)

    again, once_more = said(world, 5), said(world, 6)

    [*_others, newest] = cases()
    assert again.case_id == once_more.case_id == newest.pk != before.case_id
    assert (newest.status, newest.waiting_since) == ("new", None)
    with world.ours.scope():
        assert list(newest.messages.order_by("id").values_list("automatic", flat=True)) == ["loop", "loop"]


def test_whom_the_company_always_takes_in_is_never_kept_short(world: World) -> None:
    with world.ours.scope():
        by = actor_of(world.ours.supervisor)
        rule_sender(world.ours.company.pk, pattern="robot.example", kind=SenderRule.Kind.ALLOW, by=by)

    arrivals = [said(world, n) for n in range(5)]

    assert len({arrival.case_id for arrival in arrivals}) == 5


@pytest.mark.parametrize(
    ("subject", "text", "same"),
    [
        ("x", "受付番号は５００１です", "受付番号はです"),
        ("x", "See https://a.example/k9?t=ab, ask a@b.example. OK", "seeaskok"),
        ("Ticket #12 opened", " \n 12 -- ", "ticketopened"),
        ("1", "2", ""),
    ],
)
def test_what_is_left_of_a_machines_words(subject: str, text: str, same: str) -> None:
    assert essence(subject, text) == same
