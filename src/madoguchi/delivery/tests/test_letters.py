"""What leaves of an answer: plain words, the same laid out, pictures within, old letters, blind copies."""

from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.channels.email.models import SentMail
from madoguchi.customers.models import Customer
from madoguchi.delivery.actions import Reply, acknowledge, reply, send
from madoguchi.delivery.links import case_page
from madoguchi.kernel import clock
from madoguchi.kernel.channel import File, Party
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
PNG = File("図 1.png", "image/png", b"\x89PNG\r\n\x1a\n")
TEXT = "髙橋様\n\n**明日**お届けします。\n> いつですか。\nどうぞ。\n![図](%E5%9B%B3%201.png)"


@pytest.fixture
def case(world: World) -> Case:
    with world.ours.scope():
        return make_case(world.ours.entry_point, subject="炊飯器①について")


def left(world: World, case: Case, written: Reply) -> tuple[EmailMessage, SentMail]:
    """The answer as it lies in the built-in outbox."""
    with world.ours.scope():
        outgoing = reply(case, written, by=actor_of(world.ours.agent))
    with clock.held_at(clock.now() + timedelta(minutes=1)):
        send(outgoing.pk, company=case.company_id)
    with world.ours.scope():
        kept = SentMail.objects.get(external_id=outgoing.external_id)
    return cast(EmailMessage, message_from_bytes(bytes(kept.raw), policy=policy.default)), kept


def test_plain_words_and_the_same_laid_out_with_the_picture_within(world: World, case: Case) -> None:
    mail, _kept = left(world, case, Reply(text=TEXT, files=(PNG,)))

    assert mail.get_content_type() == "multipart/alternative"
    plain, related = cast(list[EmailMessage], list(mail.iter_parts()))
    html, picture = cast(list[EmailMessage], list(related.iter_parts()))
    assert plain.get_content().replace("\r\n", "\n").strip() == TEXT.replace(
        "![図](%E5%9B%B3%201.png)", "[図 1.png]"
    )
    body = html.get_content()
    assert "<strong>明日</strong>お届けします。" in body
    assert "いつですか。</p></blockquote>" in body
    assert picture["Content-Disposition"].startswith("inline")
    assert f'src="cid:{picture["Content-ID"].strip("<>")}"' in body


def test_old_letters_go_in_plain_with_the_picture_beside_them(world: World, case: Case) -> None:
    with world.ours.scope():
        Customer.objects.update(mail_format="jis")
    told = frozenset({"letters 髙 → 高"})
    mail, kept = left(world, case, Reply(text=TEXT, files=(PNG,), confirmed=told))

    assert bytes(kept.raw).isascii()
    plain, picture = cast(list[EmailMessage], list(mail.iter_parts()))
    assert plain["Content-Type"] == 'text/plain; charset="ISO-2022-JP"'
    assert plain["Content-Transfer-Encoding"] == "7bit"
    assert plain.get_content().startswith("高橋様\r\n")
    assert "[図 1.png]" in plain.get_content()
    assert "炊飯器(1)について" in mail["Subject"]
    assert picture.get_filename() == "図 1.png"
    assert picture["Content-Disposition"].startswith("attachment")


def test_blind_copies_are_on_the_envelope_alone(world: World, case: Case) -> None:
    blind = (Party("boss@shop.example", "上司"), Party("BOSS@shop.example"))
    mail, kept = left(world, case, Reply(text="はい。", bcc=blind))

    assert kept.recipients[-1] == "boss@shop.example"
    assert "boss" not in str(mail).lower()
    assert mail["Bcc"] is None


def test_a_file_that_only_calls_itself_a_picture_goes_beside_the_words(world: World, case: Case) -> None:
    text = File("a.png", "text/html", b"<script>")
    mail, _kept = left(world, case, Reply(text="![](a.png)", files=(text,)))

    alternative, attached = cast(list[EmailMessage], list(mail.iter_parts()))
    assert "<img" not in cast(EmailMessage, list(alternative.iter_parts())[1]).get_content()
    assert attached["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(("form", "kind"), [("", "multipart/alternative"), ("plain", "text/plain")])
def test_an_acknowledgement_is_such_a_letter_too_and_says_that_a_machine_wrote_it(
    world: World, case: Case, form: str, kind: str
) -> None:
    with world.ours.scope():
        Customer.objects.update(mail_format=form)
        outgoing = acknowledge(case.pk, cause=1)
        assert outgoing is not None
    send(outgoing.pk, company=case.company_id)
    with world.ours.scope():
        kept = SentMail.objects.get(external_id=outgoing.external_id)
    mail = cast(EmailMessage, message_from_bytes(bytes(kept.raw), policy=policy.default))

    assert mail.get_content_type() == kind
    assert mail["Auto-Submitted"] == "auto-replied"
    plain = cast(EmailMessage, mail.get_body(("plain",)))
    assert plain.get_content().replace("\r\n", "\n").strip() == outgoing.text.strip()
    if html := cast(EmailMessage | None, mail.get_body(("html",))):
        assert case_page(case.pk, case.company_id) in html.get_content()
        assert case_page(case.pk, case.company_id) not in outgoing.message.html
