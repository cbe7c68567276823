"""Whom we write to unasked, and how often: never to a stranger in the customer's place, never in a flood."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from madoguchi.cases.actions import join
from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, Contact, Message
from madoguchi.companies.factories import make_desk, make_entry_point
from madoguchi.customers.models import Customer
from madoguchi.delivery import restraint
from madoguchi.delivery.actions import Reply, acknowledge, reply
from madoguchi.delivery.actions.reply import customer_parties
from madoguchi.delivery.models import Outgoing
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Party
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

MORNING = datetime(2026, 8, 3, 0, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db
MISAKI = Party("misaki@home.example", "髙橋 美咲")


@pytest.fixture
def case(world: World) -> Case:
    with clock.held_at(MORNING):
        return make_case(world.ours.entry_point, sender=MISAKI)


def acknowledged(case: Case, *, cause: int, at: datetime = MORNING) -> Outgoing | None:
    with scope.acting_for([case.company_id]), clock.held_at(at):
        return acknowledge(case.pk, cause=cause)


def everything(model: Any, **which: Any) -> list[Any]:
    with scope.everywhere(reason="a test looks at everything"):
        return list(model.objects.filter(**which).order_by("pk"))


def test_another_who_wrote_in_the_case_is_not_answered_in_the_customers_place(
    world: World, case: Case
) -> None:
    with scope.acting_for([case.company_id]):
        for address, name in (("MISAKI@Home.example", "美咲"), ("parts@supplier.example", "部品商会")):
            said = say_again(case)
            Message.objects.filter(pk=said.pk).update(sender_address=address, sender_name=name)
        supplier = Customer.objects.create(company=case.company, name="部品商会", created_at=MORNING)
        Contact.objects.filter(messages=said).update(customer=supplier)

        assert customer_parties(case) == (Party("MISAKI@Home.example", "美咲"),)
        answer = reply(case, Reply(text="承知しました。"), by=actor_of(world.ours.agent))

    assert [party["address"] for party in answer.message.to] == ["MISAKI@Home.example"]


def test_an_answer_goes_to_where_the_last_mail_asks_for_it(world: World, case: Case) -> None:
    say_again(case, reply_to=(Party("sato@home.example", "佐藤"), Party("ito@home.example")))
    with scope.acting_for([case.company_id]):
        answer = reply(case, Reply(text="承知しました。"), by=actor_of(world.ours.agent))
        say_again(case)
        later = reply(case, Reply(text="発送しました。"), by=actor_of(world.ours.agent))

    assert [party["address"] for party in answer.message.to] == ["sato@home.example", "ito@home.example"]
    assert [party["address"] for party in later.message.to] == [MISAKI.address]


def test_what_holds_the_key_to_the_page_goes_to_the_sender_all_the_same(case: Case) -> None:
    say_again(case, reply_to=(Party("sato@work.example", "佐藤"),))
    with scope.acting_for([case.company_id]):
        sent = acknowledge(case.pk, cause=1)

    assert sent is not None
    assert [party["address"] for party in sent.message.to] == [MISAKI.address]


def of_one_pair(world: World, case: Case, count: int) -> list[Case]:
    return [
        case,
        *(make_case(world.ours.entry_point, sender=MISAKI, subject=f"用件{n}") for n in range(count - 1)),
    ]


def held() -> list[tuple[int | None, dict[str, Any]]]:
    return [(e.case_id, e.data) for e in everything(Event, kind="message.acknowledgement_held")]


def test_a_machine_that_answers_is_not_told_on_and_on(world: World, case: Case) -> None:
    cases = of_one_pair(world, case, restraint.MOST_OF_A_PAIR + 1)
    with world.theirs.scope():
        elsewhere = make_case(world.theirs.entry_point, sender=MISAKI)
    at_another_desk = make_case(make_entry_point(make_desk(world.ours.company)), sender=MISAKI)

    sent = [acknowledged(one, cause=n) for n, one in enumerate(cases)]

    assert [outgoing is not None for outgoing in sent] == [True] * restraint.MOST_OF_A_PAIR + [False]
    assert held() == [(cases[-1].pk, {"limit": "pair"})]
    assert everything(Message, case=cases[-1], author="system") == []
    # It is counted by company, by our address, and by hour.
    assert acknowledged(elsewhere, cause=90) is not None
    assert acknowledged(at_another_desk, cause=91) is not None
    assert acknowledged(cases[-1], cause=92, at=MORNING + timedelta(hours=1)) is not None


def test_nor_slowly_through_a_whole_day(world: World, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restraint, "MOST_OF_A_PAIR_IN_A_DAY", 2)
    cases = of_one_pair(world, case, 3)

    sent = [acknowledged(one, cause=n, at=MORNING + timedelta(hours=n)) for n, one in enumerate(cases)]

    assert [outgoing is not None for outgoing in sent] == [True, True, False]
    assert held() == [(cases[-1].pk, {"limit": "pair"})]


def test_a_detail_behind_a_plus_is_no_other_address(
    world: World, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restraint, "MOST_OF_A_PAIR", 1)
    other = make_case(world.ours.entry_point, sender=Party("misaki+r7f3@home.example"))

    assert acknowledged(case, cause=1) is not None
    assert acknowledged(other, cause=2) is None


def test_nobody_is_flooded_through_all_our_addresses(
    world: World, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restraint, "MOST_TO_ONE_ADDRESS", 1)
    other = make_case(make_entry_point(make_desk(world.ours.company)), sender=MISAKI)

    assert acknowledged(case, cause=1) is not None
    assert acknowledged(other, cause=2) is None
    assert held() == [(other.pk, {"limit": "address"})]


def test_a_desk_is_bounded_too(world: World, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restraint, "MOST_OF_A_DESK", 1)
    other = make_case(world.ours.entry_point, sender=Party("other@home.example"))

    assert acknowledged(case, cause=1) is not None
    assert acknowledged(other, cause=2) is None

    [held] = [e for e in everything(Event) if e.kind == "message.acknowledgement_held"]
    assert held.data == {"limit": "desk"}


@pytest.mark.parametrize(
    ("minutes", "subject", "told"),
    [
        (9, "炊飯器について", False),
        (9, "Re: 炊飯器 について", False),
        (9, "返品について", True),
        (11, "炊飯器について", True),
    ],
)
def test_the_same_matter_is_acknowledged_once_within_minutes(
    world: World, case: Case, minutes: int, subject: str, told: bool
) -> None:
    assert acknowledged(case, cause=1) is not None
    with clock.held_at(MORNING + timedelta(minutes=minutes)):
        again = make_case(world.ours.entry_point, sender=MISAKI, subject=subject)
        others = make_case(world.ours.entry_point, sender=Party("other@home.example"), subject=subject)

    assert (acknowledged(again, cause=2) is not None) == told
    assert acknowledged(others, cause=3) is not None


def test_what_was_not_acknowledged_keeps_nothing_back(world: World, case: Case) -> None:
    with clock.held_at(MORNING + timedelta(minutes=1)):
        again = make_case(world.ours.entry_point, sender=MISAKI)

    assert acknowledged(again, cause=2) is not None


def test_a_case_that_went_on_in_another_is_not_acknowledged(world: World, case: Case) -> None:
    other = make_case(world.ours.entry_point, sender=MISAKI, subject="別の用件")
    with scope.acting_for([case.company_id]):
        assert join(other.pk, into=case.pk, by=actor_of(world.ours.agent))

    assert acknowledged(other, cause=2) is None
    assert everything(Outgoing) == []


def test_who_bears_our_own_address_and_was_not_us_is_not_acknowledged(world: World, case: Case) -> None:
    ours = Party(world.ours.entry_point.address)
    forged, own = (make_case(world.ours.entry_point, sender=ours, subject=s) for s in ("請求書", "社内の件"))
    with scope.acting_for([case.company_id]):
        forged.messages.update(trust={"poses_as_us": True, "spf": "fail"})
        own.messages.update(trust={"authentication": "pass"})

    assert acknowledged(forged, cause=1) is None
    assert (everything(Outgoing), everything(Event, kind="acknowledgement.held")) == ([], [])
    assert acknowledged(own, cause=2) is not None


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("noreply@shop.example", False),
        ("No-Reply+7@shop.example", False),
        ("do_not_reply@shop.example", False),
        ("MAILER-DAEMON@mx.example", False),
        ("noreplyman@home.example", True),
        ("postmaster@home.example", True),
    ],
)
def test_what_nobody_reads_is_not_written(world: World, address: str, told: bool) -> None:
    case = make_case(world.ours.entry_point, sender=Party(address))

    assert (acknowledged(case, cause=1) is not None) is told
    assert len(everything(Outgoing)) == told
