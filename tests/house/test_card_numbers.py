"""No card number stays, by whatever door it came: afterwards no column of any table holds one."""

import base64
import re
import unicodedata
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from madoguchi.cases.models import Case, Message
from madoguchi.channels.email.models import SentMail
from madoguchi.channels.email.parse import parse
from madoguchi.companies.factories import make_entry_point
from madoguchi.delivery.actions import send
from madoguchi.delivery.models import Outgoing
from madoguchi.infra import reactions, scope
from madoguchi.intake.actions import handle, receive
from madoguchi.intake.models import Arrival
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import World
from madoguchi.portal.links import sign
from madoguchi.portal.sending import new_sending

pytestmark = pytest.mark.django_db
AsOwner = Callable[[], AbstractContextManager[None]]

CARD = "4111111111111111"
WRITTEN = {
    "plain": CARD,
    "grouped": "4111 1111 1111 1111",
    "hyphens": "4111-1111-1111-1111",
    "wide": "４１１１１１１１１１１１１１１１",
    "wide grouped": "４１１１－１１１１－１１１１－１１１１",
    "amex": "3782 822463 10005",
    "beside a date": "4111 1111 1111 1111 12/29",
}
CARDS = (CARD, "378282246310005")
# What came is kept as it came; sessions and jobs hold ids; the rest of Django's own tables no words.
AS_IT_CAME = {"intake_rawarrival"}
JOINTS = re.compile(r"(?<=\d)[ \u3000‐-―−－ー-](?=\d)")


def kept(as_owner: AsOwner) -> dict[str, str]:
    """Everything in every table, in one width and without what stands between digits."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall() if name not in AS_IT_CAME]
        found = {}
        for table in tables:
            cursor.execute(f"""SELECT coalesce(string_agg(t::text, ' '), '') FROM "{table}" AS t""")
            found[table] = plain(cursor.fetchone()[0])
    with scope.everywhere(reason="a test looks at what left"):
        sent = [parse(bytes(mail.raw)) for mail in SentMail.objects.all()]
    return found | {"sent": plain(" ".join(f"{m.subject} {m.text} {m.html}" for m in sent))}


def plain(text: str) -> str:
    return JOINTS.sub("", unicodedata.normalize("NFKC", text))


def holding_a_card(found: dict[str, str]) -> list[str]:
    return sorted(table for table, text in found.items() if any(card in text for card in CARDS))


def mail(world: World, *, subject: str, body: bytes, headers: str = "", name: str = "") -> bytes:
    head = f"From: {name} <misaki@home.example>\r\nTo: {world.ours.entry_point.address}\r\nSubject: {subject}\r\n"
    return f"{head}Message-ID: <m1@home.example>\r\nMIME-Version: 1.0\r\n{headers}\r\n".encode() + body


def arrive(world: World, raw: bytes) -> Arrival:
    kept_ = receive(raw=raw, entry_point=world.ours.entry_point, source="test")
    assert kept_ is not None
    arrival = handle(kept_, company=world.ours.company.pk)
    assert arrival is not None
    return arrival


def word(text: str) -> str:
    return f"=?utf-8?B?{base64.b64encode(text.encode()).decode()}?="


@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN.keys())
@pytest.mark.parametrize("charset", ["utf-8", "iso-2022-jp"])
def test_by_mail(world: World, as_owner: AsOwner, written: str, charset: str) -> None:
    text = f"カード番号は{written}です。".replace("－", "-")
    arrival = arrive(
        world,
        mail(
            world,
            subject=word(f"番号 {written}"),
            name=word(f"美咲 {written}"),
            body=base64.encodebytes(text.encode(charset)),
            headers=f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: base64\r\n",
        ),
    )

    assert arrival.state == "handled"
    assert holding_a_card(kept(as_owner)) == []
    with world.ours.scope():
        assert "■" in Case.objects.get().preview


def test_by_html_and_the_name_of_a_file(world: World, as_owner: AsOwner) -> None:
    body = (
        f"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Card: {CARD}</p>\r\n"
        f'--b\r\nContent-Type: text/plain; name="{CARD}.txt"\r\nContent-Disposition: attachment\r\n\r\nx\r\n'
        "--b--\r\n"
    )
    headers = 'Content-Type: multipart/mixed; boundary="b"\r\n'
    arrival = arrive(world, mail(world, subject="s", body=body.encode(), headers=headers))

    assert arrival.state == "handled"
    assert holding_a_card(kept(as_owner)) == []


@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN.keys())
def test_by_a_form_and_the_customers_own_page(world: World, as_owner: AsOwner, written: str) -> None:
    door = make_entry_point(world.ours.desk, kind=Channel.FORM, address="hinata")
    text = f"番号は{written}です。"
    visitor = Client()
    form = {"name": f"美咲 {written}", "email": "misaki@home.example", "subject": text, "message": text}
    sent = visitor.post("/form/hinata/", form | {"sending": opened(f"form:{door.pk}")})
    with world.ours.scope():
        case = Case.objects.get()
    page = f"/my/{sign(case.pk, case.company_id)}/"
    answered = visitor.post(page, {"message": text, "sending": opened(f"case:{case.pk}")})

    assert (sent.status_code, answered.status_code) == (302, 302)
    with world.ours.scope():
        assert Message.objects.filter(case=case).count() == 2
    assert holding_a_card(kept(as_owner)) == []


def opened(purpose: str) -> str:
    """The token of a form that was opened a minute ago."""
    with clock.held_at(clock.now() - timedelta(minutes=1)):
        return new_sending(purpose=purpose)


@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN.keys())
def test_by_the_hand_of_an_operator(
    world: World, as_owner: AsOwner, settings: LazySettings, written: str
) -> None:
    settings.UNDO_SECONDS, settings.MAIL_TRANSPORT = 0, "outbox"
    arrive(world, mail(world, subject="s", body=b"hello"))
    with world.ours.scope():
        case = Case.objects.get()
    at = f"/cases/{case.spoken_number(world.ours.company.prefix)}"
    agent, text = Client(), f"番号は{written}です。"
    agent.force_login(world.ours.agent)

    def version() -> int:
        with world.ours.scope():
            return Case.objects.get(pk=case.pk).version

    file = SimpleUploadedFile(f"{written.replace('/', '')}.txt", b"x", content_type="text/plain")

    statuses = [
        agent.post(f"{at}/draft/reply/", {"text": text}).status_code,
        agent.post(f"{at}/draft/note/", {"note": text}).status_code,
        agent.post(f"{at}/files/", {"file": file}).status_code,
        agent.post(f"{at}/draft/reply/discard/").status_code,
        agent.post(f"{at}/note/", {"note": text}).status_code,
        agent.post(f"{at}/subject/", {"subject": text}).status_code,
        agent.post(f"{at}/tags/", {"add": text}).status_code,
        agent.post(f"{at}/memo/", {"memo": text}).status_code,
        agent.post(f"{at}/reply/", {"text": text, "version": version()}).status_code,
    ]
    with scope.everywhere(reason="a test sends what waits"):
        waiting = list(Outgoing.objects.all())
    for outgoing in waiting:
        send(outgoing.pk, company=outgoing.company_id)
    reactions.run_all()

    assert statuses == [204, 204, 201, 302, 302, 302, 302, 302, 302]
    left = kept(as_owner)
    assert "です。" in left["sent"]
    assert holding_a_card(left) == []


def test_a_number_that_is_no_card_is_left_alone(world: World, as_owner: AsOwner) -> None:
    order = "4111111111111112"
    arrive(world, mail(world, subject=f"order {order}", body=f"order {order}".encode()))

    left = kept(as_owner)
    assert [table for table in ("cases_case", "cases_message") if order not in left[table]] == []


def test_a_planted_card_is_found(world: World, as_owner: AsOwner) -> None:
    arrive(world, mail(world, subject="s", body=b"hello"))
    with world.ours.scope():
        Case.objects.update(subject="番号 ４１１１ １１１１ １１１１ １１１１")

    assert holding_a_card(kept(as_owner)) == ["cases_case"]
