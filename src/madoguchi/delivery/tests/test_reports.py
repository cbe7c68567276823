"""A bounce or a receipt comes in: it is a report at the message it is about, and never the customer's words."""

from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings

from madoguchi.cases.actions import change_status
from madoguchi.cases.models import Case, Message, Status
from madoguchi.channels.email.reports import return_address
from madoguchi.channels.email.tests.test_reports import FAILED, LATE, TAKEN, standard
from madoguchi.customers.models import Identity
from madoguchi.delivery.actions import Reply, reply, send, take_report
from madoguchi.delivery.models import Outgoing
from madoguchi.infra import reactions, scope
from madoguchi.infra.models import Event
from madoguchi.intake.models import Arrival, Report
from madoguchi.intake.tests.test_handling import arrive
from madoguchi.kernel import clock
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db(transaction=True)
MORNING = datetime.fromisoformat("2026-08-03T09:00:00+09:00")
CUSTOMER = "gone@home.example"
FIRST = f"From: {CUSTOMER}\r\nSubject: 炊飯器\r\nMessage-ID: <first@home.example>\r\n\r\nhello\r\n"


@pytest.fixture
def sent(world: World, settings: LazySettings) -> Outgoing:
    """An answer of ours that the customer's server took."""
    settings.UNDO_SECONDS, settings.MAIL_TRANSPORT = 0, "outbox"
    with clock.held_at(MORNING - timedelta(minutes=1)):
        reactions.run_all()
        case = the_case(arrive(world.ours, FIRST.encode()))
        reactions.run_all()
    with clock.held_at(MORNING), world.ours.scope():
        outgoing = reply(case, Reply(text="はい。", status=Status.SOLVED), by=actor_of(world.ours.agent))
    with clock.held_at(MORNING + timedelta(minutes=1)):
        send(outgoing.pk, company=outgoing.company_id)
    reactions.run_all()
    return now(outgoing)


def the_case(arrival: Arrival) -> Case:
    with scope.acting_for([arrival.company_id]):
        return Case.objects.get(pk=arrival.case_id)


def now(outgoing: Outgoing) -> Outgoing:
    with scope.acting_for([outgoing.company_id]):
        return Outgoing.objects.select_related("message__case").get(pk=outgoing.pk)


def reported(world: World, sent: Outgoing, *recipients: bytes, by_address: bool = True) -> Arrival:
    """The report comes in, and what reads the log has run."""
    home = return_address(world.ours.entry_point.address, sent.external_id)
    returned = f"Message-ID: <{sent.external_id}>\r\n\r\n".encode()
    to, returned = (home, b"Subject: x\r\n\r\n") if by_address else ("x@y.example", returned)
    with clock.held_at(MORNING + timedelta(minutes=5)):
        arrival = arrive(world.ours, standard(*recipients, to=to, returned=returned))
        reactions.run_all()
    return arrival


def told(world: World, *kinds: str) -> list[str]:
    with world.ours.scope():
        return list(Event.objects.filter(kind__in=kinds).order_by("id").values_list("kind", flat=True))


@pytest.mark.parametrize("by_address", [True, False], ids=["return address", "message id"])
def test_one_that_came_back_opens_the_case_and_says_why(
    world: World, sent: Outgoing, by_address: bool
) -> None:
    arrival = reported(world, sent, FAILED, by_address=by_address)

    outgoing = now(sent)
    case = outgoing.message.case
    assert (arrival.state, arrival.case_id, arrival.message_id) == ("handled", case.pk, None)
    assert outgoing.state == Outgoing.State.BOUNCED
    assert outgoing.response == "550 5.1.1 <gone@home.example>: User unknown (gone@home.example)"
    assert (case.status, case.undelivered) == (Status.OPEN, True)
    assert case.waiting_since == case.solved_at or case.waiting_since is not None
    with world.ours.scope():
        assert Message.objects.filter(author="customer").count() == 1
        assert Case.objects.count() == 1
        identity = Identity.objects.get(value=CUSTOMER)
        assert identity.undeliverable_at == MORNING + timedelta(minutes=5)
        assert identity.undeliverable_why == outgoing.response
        report = Report.objects.get()
        assert (report.what, report.message_id, report.status) == ("bounced", sent.message_id, "5.1.1")
    kinds = told(world, "message.reported", "message.bounced", "customer.undeliverable")
    assert kinds == ["message.reported", "customer.undeliverable", "message.bounced"]


def test_it_counts_once_however_often_it_is_told(world: World, sent: Outgoing) -> None:
    reported(world, sent, FAILED)
    with world.ours.scope():
        report = Report.objects.get()
        take_report(report.pk)

    assert told(world, "message.bounced") == ["message.bounced"]


@pytest.mark.parametrize(("recipient", "receipt"), [(LATE, "delayed"), (TAKEN, "delivered")])
def test_one_that_is_late_or_arrived_opens_nothing(
    world: World, sent: Outgoing, recipient: bytes, receipt: str
) -> None:
    reported(world, sent, recipient)

    outgoing = now(sent)
    assert (outgoing.state, outgoing.receipt) == (Outgoing.State.SENT, receipt)
    assert outgoing.receipt_at == MORNING + timedelta(minutes=5)
    assert (outgoing.message.case.status, outgoing.message.case.undelivered) == (Status.SOLVED, False)
    with world.ours.scope():
        assert Identity.objects.get(value=CUSTOMER).undeliverable_at is None


def test_what_was_opened_does_not_go_back_to_late(world: World, sent: Outgoing) -> None:
    reported(world, sent, TAKEN)
    reported(world, sent, LATE)

    assert now(sent).receipt == "delivered"


def test_a_mail_that_is_too_large_does_not_speak_against_the_address(world: World, sent: Outgoing) -> None:
    reported(world, sent, FAILED.replace(b"5.1.1", b"5.3.4"))

    assert now(sent).state == Outgoing.State.BOUNCED
    with world.ours.scope():
        assert Identity.objects.get(value=CUSTOMER).undeliverable_at is None


def test_an_answer_anew_or_rest_ends_the_sign(world: World, sent: Outgoing) -> None:
    reported(world, sent, FAILED)
    case = now(sent).message.case
    with world.ours.scope():
        change_status(case, to=Status.SOLVED, by=actor_of(world.ours.agent))

    assert not now(sent).message.case.undelivered


def test_a_mail_from_the_address_makes_it_good_again(world: World, sent: Outgoing) -> None:
    reported(world, sent, FAILED)

    arrive(world.ours, FIRST.replace("first@", "second@").encode())

    with world.ours.scope():
        identity = Identity.objects.get(value=CUSTOMER)
        assert (identity.undeliverable_at, identity.undeliverable_why) == (None, "")
    assert told(world, "customer.reachable") == ["customer.reachable"]


def test_a_server_that_names_the_address_alone_means_the_last_mail_to_it(
    world: World, sent: Outgoing
) -> None:
    raw = (
        "From: MAILER-DAEMON@carrier.example\r\nSubject: Returned mail\r\nMessage-ID: <b1@carrier.example>\r\n"
        f"\r\nRecipient: <{CUSTOMER}>\r\nReason: User unknown\r\n"
    )
    with clock.held_at(MORNING + timedelta(minutes=5)):
        arrival = arrive(world.ours, raw.encode())
        reactions.run_all()

    assert (arrival.reason, arrival.case_id) == ("", sent.message.case_id)
    assert now(sent).state == Outgoing.State.BOUNCED
    with world.ours.scope():
        assert Identity.objects.get(value=CUSTOMER).undeliverable_at is None, "anybody may know an address"
    assert now(sent).unconfirmed

    reported(world, sent, FAILED.replace(b"gone@home.example", CUSTOMER.encode()))

    assert (now(sent).state, now(sent).unconfirmed) == (Outgoing.State.BOUNCED, False)
    assert told(world, "message.bounced", "customer.undeliverable") == [
        "message.bounced",
        "customer.undeliverable",
    ]


def test_who_has_had_one_mail_marks_nobody_elses_address(world: World, sent: Outgoing) -> None:
    arrive(world.ours, FIRST.replace("gone@", "other@").replace("first@", "others@").encode())

    reported(world, sent, FAILED.replace(b"gone@", b"other@"))

    assert now(sent).state == Outgoing.State.BOUNCED
    with world.ours.scope():
        assert not Identity.objects.filter(undeliverable_at__isnull=False).exists()
    assert told(world, "customer.undeliverable") == []


def test_that_it_arrived_is_not_believed_of_who_knows_the_address_alone(world: World, sent: Outgoing) -> None:
    arrive(world.ours, standard(TAKEN, to="x@y.example", returned=b"Subject: x\r\n\r\n"))
    reactions.run_all()

    assert now(sent).receipt == ""
    with world.ours.scope():
        assert not Report.objects.exists()


def test_a_bounce_of_nothing_of_ours_is_a_case_that_no_machine_answers(world: World, sent: Outgoing) -> None:
    arrival = arrive(
        world.ours, standard(FAILED.replace(b"gone@", b"unknown@"), returned=b"Subject: x\r\n\r\n")
    )

    case = the_case(arrival)
    assert case.pk != sent.message.case_id
    assert (case.status, case.waiting_since) == ("new", None)
    reactions.run_all()
    with world.ours.scope():
        assert not Outgoing.objects.filter(message__case=case).exists()


def test_another_companys_message_is_not_touched(world: World, sent: Outgoing) -> None:
    home = return_address(world.ours.entry_point.address, sent.external_id)
    arrive(
        world.theirs, standard(FAILED, to=home, returned=f"Message-ID: <{sent.external_id}>\r\n\r\n".encode())
    )
    reactions.run_all()

    assert now(sent).state == Outgoing.State.SENT
