"""The signature of the desk under every answer that a person gives, whatever way it leaves."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from madoguchi.cases.actions import save_typed
from madoguchi.cases.models import Case, Draft, PendingAnswer
from madoguchi.channels.email.channel import as_request
from madoguchi.channels.email.compose import compose
from madoguchi.channels.email.parse import parse
from madoguchi.companies.models import Desk
from madoguchi.customers.models import Customer
from madoguchi.delivery.actions import Reply, let_out_due, submit
from madoguchi.delivery.actions.chat import go_by_mail
from madoguchi.delivery.models import Outgoing
from madoguchi.delivery.tests.leaving import MISAKI, MORNING, SOON, Answering, everything, message_of, work
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor

pytestmark = pytest.mark.django_db
SIGN = "――――\nひなた衣料 窓口\n受付 9:00〜18:00"


@pytest.fixture
def case(case: Case) -> Iterator[Case]:
    with scope.acting_for([case.company_id]):
        Desk.objects.filter(pk=case.desk_id).update(signature=SIGN)
        yield case


def test_it_leaves_and_is_kept_below_the_words_in_both_parts(
    case: Case, say: Callable[..., Outgoing], peer: Answering
) -> None:
    outgoing = say("交換いたします。\n\n> サイズが\n")
    work(outgoing, after=SOON)

    [sent] = peer.taken
    whole = f"交換いたします。\n\n{SIGN}\n\n> サイズが\n"
    assert sent.text == whole
    at = [sent.html.index(words) for words in ("交換いたします。", "ひなた衣料 窓口", "サイズが")]
    assert at == sorted(at)
    assert "――――<br>ひなた衣料 窓口<br>受付 9:00〜18:00" in sent.html
    kept = message_of(outgoing)
    assert (kept.text, kept.typed) == (whole, "交換いたします。\n\n> サイズが\n")
    assert "ひなた衣料 窓口" in kept.html
    assert everything(Case)[0].preview == "交換いたします。 > サイズが"


def test_a_text_that_ends_with_it_leaves_as_it_is(
    case: Case, say: Callable[..., Outgoing], peer: Answering
) -> None:
    work(say(f"はい。\n\n{SIGN}"), after=SOON)

    assert peer.taken[0].text == f"はい。\n\n{SIGN}"


def test_it_is_written_in_the_letters_of_old_software(
    case: Case, say: Callable[..., Outgoing], peer: Answering
) -> None:
    Customer.objects.update(mail_format=Customer.MailFormat.OLD_LETTERS)
    case.refresh_from_db()
    work(say("はい。"), after=SOON)

    [sent] = peer.taken
    assert sent.html == ""
    raw = compose(as_request(sent))
    assert b"iso-2022-jp" in raw.lower()
    assert parse(raw).text.strip() == f"はい。\n\n{SIGN}"


def test_what_waited_for_its_time_is_signed_when_it_leaves(case: Case, agent: Actor, peer: Answering) -> None:
    with clock.held_at(MORNING):
        pending = submit(case, Reply(text="のちほど。"), at=MORNING + timedelta(hours=1), by=agent)
    assert isinstance(pending, PendingAnswer)
    assert pending.text == "のちほど。"
    Desk.objects.update(signature="新しい署名")

    with clock.held_at(MORNING + timedelta(hours=1)):
        let_out_due(pending.pk, company=case.company_id)

    [outgoing] = everything(Outgoing)
    assert message_of(outgoing).text == "のちほど。\n\n新しい署名"


def test_a_chat_has_none_until_its_answer_goes_by_mail(
    case: Case, say: Callable[..., Outgoing], peer: Answering
) -> None:
    outgoing = say("はい。")
    outgoing.message.text, outgoing.message.pieces = "はい。", []

    with clock.held_at(MORNING):
        go_by_mail(outgoing, to=MISAKI)

    assert outgoing.text.startswith(f"はい。\n\n{SIGN}\n\n――\n")


def test_a_late_autosave_of_a_signed_answer_is_no_new_draft(
    case: Case, say: Callable[..., Outgoing], agent: Actor
) -> None:
    seen, typed = case.version, "はい。\n\n> いつです"
    say(f"{typed}か")

    words = {"text": typed, "to": "", "cc": "", "bcc": ""}
    late = save_typed(case, kind="reply", words=words, seen=seen, by=agent)

    assert late is None
    assert everything(Draft) == []
