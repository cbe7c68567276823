"""A customer's mail from their server to ours and the answer back, over a real Postfix and a real Dovecot."""

import email
import email.policy
import smtplib
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from itertools import count

import pytest

from madoguchi.cases.models import Case, Message, Status
from madoguchi.channels.email.models import Security, SmtpServer
from madoguchi.channels.email.smtp_door import SmtpDoor
from madoguchi.companies.models import EntryPoint
from madoguchi.customers.factories import make_identity
from madoguchi.delivery.actions import ANYTHING, Reply, reply, send
from madoguchi.delivery.models import Outgoing
from madoguchi.infra import reactions, scope
from madoguchi.intake.models import Arrival, RawArrival
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Party
from madoguchi.kernel.identity import IdentityKind
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from tests.servers.cutting import Cutter
from tests.servers.dovecot import Dovecot
from tests.servers.ground import until
from tests.servers.postfix import CUSTOMERS, MOVED, OURS, Postfix

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]
_numbers = count(60)


@pytest.fixture
def desk(world: World, postfix: Postfix) -> EntryPoint:
    """Our address, whose mail leaves through Postfix."""
    with world.ours.scope():
        point = world.ours.entry_point
        SmtpServer.objects.create(
            company=world.ours.company,
            entry_point=point,
            host="127.0.0.1",
            port=postfix.smtp,
            security=Security.NONE,
            return_addresses=True,
        )
        return point


@pytest.fixture
def door(postfix: Postfix, desk: EntryPoint) -> Iterator[SmtpDoor]:
    door = SmtpDoor(host="127.0.0.1", port=postfix.door, size_limit=2_000_000)
    door.start()
    yield door
    door.close()


@pytest.fixture
def customer() -> str:
    return f"customer{next(_numbers)}@{CUSTOMERS}"


def written(sender: str, to: str, text: str, **headers: str) -> EmailMessage:
    """A mail as an older Japanese mail program writes it."""
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["From"] = f"高橋 美咲 <{sender}>"
    mail["To"] = to
    mail["Subject"] = headers.pop("subject", "炊飯器について")
    mail["Message-ID"] = f"<{next(_numbers)}.{sender}>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text, charset="iso-2022-jp")
    return mail


def post(postfix: Postfix, mail: EmailMessage) -> None:
    with smtplib.SMTP("127.0.0.1", postfix.smtp) as server:
        server.send_message(mail)


def inbox(dovecot: Dovecot, user: str, *, mails: int) -> list[EmailMessage]:
    """The customer's mailbox, once so much has come."""
    found: list[EmailMessage] = []

    def all_there() -> bool:
        with dovecot.signed_in(user) as client:
            raws = [m[b"BODY[]"] for m in client.fetch(client.search(), ["BODY.PEEK[]"]).values()]
        found[:] = [email.message_from_bytes(raw, policy=email.policy.default) for raw in raws]
        return len(found) >= mails

    until(all_there, what=f"{mails} mails for {user}")
    return found


def handled(world: World, number: int) -> None:
    def so_many() -> bool:
        with world.ours.scope():
            return Arrival.objects.filter(state=Arrival.State.HANDLED).count() >= number

    until(so_many, what=f"{number} mails handled")


def answer(world: World, case: Case, text: str) -> Outgoing:
    with world.ours.scope():
        outgoing = reply(case, Reply(text=text), by=actor_of(world.ours.agent))
    return deliver(outgoing, minutes=1)


def deliver(outgoing: Outgoing, *, minutes: int) -> Outgoing:
    """Let the time pass and the job run."""
    with clock.held_at(clock.now() + timedelta(minutes=minutes)):
        send(outgoing.pk, company=outgoing.company_id)
    with scope.acting_for([outgoing.company_id]):
        return Outgoing.objects.get(pk=outgoing.pk)


def only_case(world: World) -> Case:
    with world.ours.scope():
        return Case.objects.select_related("company", "customer").get()


def test_a_conversation_keeps_its_thread_on_both_sides(
    world: World, door: SmtpDoor, postfix: Postfix, dovecot: Dovecot, desk: EntryPoint, customer: str
) -> None:
    assert desk.address.endswith(f"@{OURS}")
    asked = written(customer, desk.address, "電源が入りません。型番は裏にありますか。")
    post(postfix, asked)
    handled(world, 1)
    case = only_case(world)
    assert case.subject == "炊飯器について"

    outgoing = answer(world, case, "交換いたします。")

    assert outgoing.state == Outgoing.State.SENT
    assert outgoing.response.startswith("250 2.0.0 Ok: queued as ")
    [got] = inbox(dovecot, customer, mails=1)
    assert got["Message-ID"] == f"<{outgoing.external_id}>"
    assert got["In-Reply-To"] == asked["Message-ID"]
    assert got["References"] == asked["Message-ID"]
    assert got["From"].addresses[0].addr_spec == desk.address
    body = got.get_body(("plain",))
    assert body is not None
    assert body.get_content().strip().startswith("交換いたします。")

    again = written(
        customer,
        desk.address,
        "ありがとうございます。",
        subject=f"Re: {got['Subject']}",
        In_Reply_To=got["Message-ID"],
        References=f"{got['References']} {got['Message-ID']}",
    )
    post(postfix, again)
    handled(world, 2)
    with world.ours.scope():
        assert list(Message.objects.order_by("at", "id").values_list("case_id", "author")) == [
            (case.pk, "customer"),
            (case.pk, "staff"),
            (case.pk, "customer"),
        ]
    answer(world, only_case(world), "どういたしまして。")
    _, second = sorted(inbox(dovecot, customer, mails=2), key=lambda m: len(m["References"]))
    assert second["In-Reply-To"] == again["Message-ID"]
    assert second["References"].split() == [
        asked["Message-ID"],
        got["Message-ID"],
        again["Message-ID"],
    ]


def test_mail_waits_at_the_server_while_our_door_is_shut(
    world: World, postfix: Postfix, desk: EntryPoint, customer: str
) -> None:
    post(postfix, written(customer, desk.address, "聞こえますか。"))
    with world.ours.scope():
        assert Arrival.objects.count() == 0

    door = SmtpDoor(host="127.0.0.1", port=postfix.door, size_limit=2_000_000)
    door.start()
    try:
        handled(world, 1)
    finally:
        door.close()


def test_an_address_of_ours_that_does_not_exist_bounces_to_the_sender(
    door: SmtpDoor, postfix: Postfix, dovecot: Dovecot, customer: str
) -> None:
    post(postfix, written(customer, f"nobody@{OURS}", "誰かいますか。"))

    [bounce] = inbox(dovecot, customer, mails=1)
    assert bounce.get_content_type() == "multipart/report"
    assert "550 5.1.1 No such address here" in bounce.as_string()


def test_a_greylisting_server_gets_the_same_mail_again_and_it_arrives_once(
    world: World, door: SmtpDoor, postfix: Postfix, dovecot: Dovecot, desk: EntryPoint
) -> None:
    shy = f"greylisted{next(_numbers)}@{CUSTOMERS}"
    post(postfix, written(shy, desk.address, "届きません。"))
    handled(world, 1)
    delayed = answer(world, only_case(world), "お調べします。")
    assert (delayed.state, delayed.tries) == (Outgoing.State.QUEUED, 1)
    assert delayed.response.startswith("450 4.7.1 ")

    sent = deliver(delayed, minutes=3)

    assert (sent.state, sent.tries) == (Outgoing.State.SENT, 2)
    [got] = inbox(dovecot, shy, mails=1)
    assert got["Message-ID"] == f"<{delayed.external_id}>"


def test_a_customer_who_is_gone_is_told_to_us_at_once(
    world: World, door: SmtpDoor, postfix: Postfix, desk: EntryPoint
) -> None:
    gone = f"gone@{CUSTOMERS}"
    post(postfix, written(gone, desk.address, "退会します。"))
    handled(world, 1)

    failed = answer(world, only_case(world), "承知しました。")

    assert failed.state == Outgoing.State.FAILED
    assert failed.response.startswith("550 5.1.1 ")
    assert failed.response.endswith(f"({gone})")
    assert only_case(world).status == "open"


def test_a_server_that_dies_within_the_mail_gets_it_again_and_it_arrives_once(
    world: World, door: SmtpDoor, postfix: Postfix, dovecot: Dovecot, desk: EntryPoint, customer: str
) -> None:
    post(postfix, written(customer, desk.address, "説明書をください。"))
    handled(world, 1)
    with Cutter(postfix.smtp) as between:
        with world.ours.scope():
            SmtpServer.objects.update(port=between.port)
        between.cut_after(5_000)
        delayed = answer(world, only_case(world), "説明書です。" * 2_000)
        assert (delayed.state, delayed.tries) == (Outgoing.State.QUEUED, 1)
        between.cut_after(None)
        sent = deliver(delayed, minutes=3)

    assert sent.state == Outgoing.State.SENT
    [got] = inbox(dovecot, customer, mails=1)
    assert got["Message-ID"] == f"<{delayed.external_id}>"


def test_a_mail_to_nobody_comes_home_and_says_so(
    world: World, door: SmtpDoor, postfix: Postfix, desk: EntryPoint, customer: str
) -> None:
    """Our server takes the mail, finds that nobody lives there, and sends the bounce to our return address."""
    post(postfix, written(customer, desk.address, "電源が入りません。"))
    handled(world, 1)
    reactions.run_all()
    elsewhere = Party(address=MOVED)
    with world.ours.scope():
        point = SmtpServer.objects.get()
        case = only_case(world)
        identity = make_identity(case.customer, IdentityKind.EMAIL, elsewhere.address)
        assert point.return_addresses
        outgoing = reply(
            case,
            Reply(text="はい。", to=(elsewhere,), status=Status.SOLVED, confirmed=ANYTHING),
            by=actor_of(world.ours.agent),
        )
    assert deliver(outgoing, minutes=1).state == Outgoing.State.SENT
    handled(world, 2)
    reactions.run_all()

    with world.ours.scope():
        outgoing.refresh_from_db()
        identity.refresh_from_db()
        case = only_case(world)
        assert outgoing.state == Outgoing.State.BOUNCED
        assert "5.1.2" in outgoing.response
        assert (case.status, case.undelivered, Message.objects.filter(author="customer").count()) == (
            "open",
            True,
            1,
        )
        assert identity.undeliverable_at is not None
        raw = bytes(RawArrival.objects.get(arrival__report__message_id=outgoing.message_id).content)
        assert f"+b.{case.reply_token}.".encode() in raw
