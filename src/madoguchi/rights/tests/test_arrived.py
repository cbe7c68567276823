"""What came in and became no message is whose it says it is from, and nobody else's."""

import pytest

from madoguchi.channels.email.parse import writers_of
from madoguchi.channels.phone.record import CallRecord
from madoguchi.channels.phone.record import encode as as_call
from madoguchi.channels.webchat.saying import Saying
from madoguchi.channels.webchat.saying import encode as as_saying
from madoguchi.channels.webform.submission import Submission
from madoguchi.channels.webform.submission import encode as as_form
from madoguchi.customers.factories import make_customer, make_identity
from madoguchi.customers.models import Customer
from madoguchi.intake.actions import receive
from madoguchi.intake.models import RawArrival
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.identity import IdentityKind
from madoguchi.people.factories import World
from madoguchi.rights.erasing import erase
from madoguchi.rights.models import Request
from madoguchi.rights.person import Person

pytestmark = pytest.mark.django_db
ANN, JOANN = "ann@home.example", "joann@home.example"


@pytest.fixture
def ann(world: World) -> Customer:
    return make_customer(world.ours.company, email=ANN)


def came(world: World, raw: bytes, channel: Channel = Channel.EMAIL) -> int:
    stored = receive(raw=raw, entry_point=world.ours.entry_point, source="test", channel=channel)
    assert stored is not None
    return stored


def mail(head: str, text: str = "Hello.") -> bytes:
    return f"{head}\r\nSubject: rice\r\n\r\n{text}\r\n".encode()


def theirs(world: World, customer: Customer) -> list[int]:
    with world.ours.scope():
        return Person(customer).arrivals


@pytest.mark.parametrize(
    "head",
    [
        f"From: {ANN}",
        "From: =?utf-8?b?44GC44KT?= <ANN@Home.Example>",
        f"From: office@firm.example\r\nSender: {ANN}",
        f"From: office@firm.example\r\nReply-To: other@firm.example,\r\n Ann <{ANN}>",
    ],
)
def test_a_mail_is_theirs_who_stands_in_it_as_its_writer(world: World, ann: Customer, head: str) -> None:
    arrival = came(world, mail(head))

    assert theirs(world, ann) == [arrival]


@pytest.mark.parametrize(
    ("head", "text"),
    [
        (f"From: {JOANN}", "Hello."),
        (f"From: {ANN}.evil.example", "Hello."),
        (f"From: {JOANN}\r\nTo: {ANN}\r\nCc: {ANN}", "Hello."),
        (f"From: {ANN} <{JOANN}>", "Hello."),
        (f"From: {JOANN}", f"Write to {ANN}.\r\nFrom: {ANN}\r\n"),
    ],
)
def test_a_mail_that_only_has_their_address_in_it_is_not(
    world: World, ann: Customer, head: str, text: str
) -> None:
    came(world, mail(head, text))

    assert theirs(world, ann) == []


def test_an_erasure_leaves_the_mail_of_whose_address_ends_like_theirs(world: World, ann: Customer) -> None:
    hers, strangers = mail(f"From: {ANN}"), mail(f"From: {JOANN}", f"Say hello to {ANN}.")
    came(world, hers)
    came(world, strangers)

    with world.ours.scope():
        went = erase(Request(customer=ann, company=world.ours.company))

        assert [bytes(raw.content) for raw in RawArrival.objects.all()] == [strangers]
    assert went.gone["intake.RawArrival"] == 1


def form(address: str, text: str) -> bytes:
    return as_form(
        Submission(
            token=address, name="Ann", address=address, subject="", text=text, language="ja", phone="1"
        )
    )


def saying(visitor: str, text: str) -> bytes:
    return as_saying(Saying(id="1", visitor=visitor, text=text, language="ja"))


def call(caller: str, text: str) -> bytes:
    return as_call(CallRecord(uid=f"u{caller}", caller=caller, subject="", text=text, language="ja"))


def test_a_form_a_chat_and_a_call_are_whose_address_sent_them(world: World, ann: Customer) -> None:
    make_identity(ann, IdentityKind.WEB, "visitor-0123456789abcdef")
    make_identity(ann, IdentityKind.PHONE, "03-1234-5678")
    hers = [
        came(world, form(ANN.upper(), "Hello."), Channel.FORM),
        came(world, saying("visitor-0123456789abcdef", "Hello."), Channel.CHAT),
        came(world, call("+81312345678", "Hello."), Channel.PHONE),
    ]
    came(world, form(JOANN, f"I am no {ANN}."), Channel.FORM)
    came(world, saying("visitor-fedcba9876543210", ANN), Channel.CHAT)
    came(world, call("", "03-1234-5678"), Channel.PHONE)
    came(world, ANN.encode(), Channel.FORM)  # nobody can read it

    assert theirs(world, ann) == hers


def test_writers_are_read_of_the_head_alone() -> None:
    raw = mail(f"From: {JOANN}, Ann <{ANN}>\r\nReply-To: {ANN}\r\nTo: x@y.example", "Reply-To: z@y.example")

    assert writers_of(raw) == (JOANN, ANN)
    assert writers_of(b"\xff\x00") == writers_of(b"") == ()
