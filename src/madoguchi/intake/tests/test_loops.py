"""Two machines that answer each other are known by what they say: ours falls silent, and nothing else changes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from madoguchi.cases.models import Case, Message
from madoguchi.channels.email.channel import EmailChannel
from madoguchi.companies.factories import make_desk, make_entry_point
from madoguchi.delivery.actions import acknowledge
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.intake import channels
from madoguchi.intake.actions import handle
from madoguchi.intake.loops import MOST_ANSWERED, essence, is_turn
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
            if told:
                acknowledge(arrival.case_id or 0, cause=opened.pk)
    return arrival


def cases() -> list[Case]:
    with scope.everywhere(reason="a test looks at everything"):
        return list(Case.objects.order_by("pk"))


def recognised() -> list[tuple[int | None, int]]:
    with scope.everywhere(reason="a test looks at the log"):
        found = Event.objects.filter(kind="message.loop_recognised").order_by("pk")
        return [(event.case_id, event.data["message"]) for event in found]


def acknowledged() -> list[int]:
    with scope.everywhere(reason="a test looks at everything"):
        told = Message.objects.filter(automatic="acknowledgement").order_by("id")
        return list(told.values_list("case", flat=True))


def test_the_turn_after_three_answered_ones_is_not_answered_and_waits_like_any_mail(world: World) -> None:
    arrivals = [said(world, n) for n in range(MOST_ANSWERED + 2)]

    found = cases()
    assert [case.pk for case in found] == [arrival.case_id for arrival in arrivals]
    assert acknowledged() == [case.pk for case in found[:3]]
    assert recognised() == [(one.case_id, one.message_id) for one in arrivals[3:]]
    assert all(case.status == "new" and case.waiting_since for case in found)


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

    assert acknowledged()[-1] == arrival.case_id == cases()[-1].pk


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

        assert is_turn(inbound, **of_pair)
        assert not is_turn(replace(inbound, channel=Channel.FORM), **of_pair)


def test_it_is_counted_for_each_of_our_addresses(world: World) -> None:
    for n in range(4):
        said(world, n)
    other = make_entry_point(make_desk(world.ours.company))
    with clock.held_at(MORNING + timedelta(minutes=6)):
        kept = store(world.ours, turn(6))
        with world.ours.scope():
            Arrival.objects.filter(pk=kept).update(entry_point=other)
        handle(kept, company=world.ours.company.pk)

    assert [case for case, _message in recognised()] == [cases()[3].pk]


def test_it_is_counted_within_an_hour(world: World) -> None:
    for n in range(4):
        said(world, n)

    later = said(world, 5, after=timedelta(hours=1))

    assert acknowledged()[-1] == later.case_id


def test_whom_the_company_always_takes_in_is_never_kept_short(world: World) -> None:
    with world.ours.scope():
        by = actor_of(world.ours.supervisor)
        rule_sender(world.ours.company.pk, pattern="robot.example", kind=SenderRule.Kind.ALLOW, by=by)

    arrivals = [said(world, n) for n in range(5)]

    assert acknowledged() == [arrival.case_id for arrival in arrivals]


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
