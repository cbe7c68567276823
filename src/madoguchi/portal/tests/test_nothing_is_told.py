"""What the form answers does not tell whether an address is a customer's, or a number is a case."""

import re

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, NumberCounter
from madoguchi.customers.actions import mark_undeliverable
from madoguchi.delivery.models import Outgoing
from madoguchi.infra.reactions import enrol, run_all
from madoguchi.intake.models import Arrival, SenderRule
from madoguchi.intake.senders import rule_sender
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import Party
from madoguchi.people.queries import actor_of
from madoguchi.portal.tests.conftest import all_rows, typed


def answered(visitor, form_url, **written):
    """All that is answered, without the new number and the token, of which there is one for each sending."""
    answer = visitor.send(form_url, {**typed(), **written})
    where = answer.headers["Location"]
    thanks = visitor.open(where)
    token = where.rstrip("/").rpartition("/")[2]
    page = re.sub(r"[A-Z]{1,4}-\d{4,}", "NUMBER", thanks.content.decode().replace(token, "TOKEN"))
    headers = {
        k: v
        for k, v in thanks.headers.items()
        if k not in ("Content-Security-Policy", "Content-Length", "Expires")
    }
    page = re.sub(r'(nonce|name="sending" value)="[^"]+"', r"\1", page)
    return answer.status_code, thanks.status_code, headers, page


def test_an_address_is_answered_alike_whether_it_is_known_or_not(visitor, form_url, world):
    known, gone = "misaki@customer.example", "gone@customer.example"
    case = make_case(world.ours.entry_point, sender=Party(known, "山田 美咲"))
    lost = make_case(world.ours.entry_point, sender=Party(gone, ""))
    with all_rows():
        mark_undeliverable(
            company=lost.company_id, address=gone, status="5.1.1", why="gone", by=system("delivery")
        )
    number = case.spoken_number(world.ours.company.prefix)

    unknown = answered(visitor, form_url, email="nobody@customer.example")

    assert "NUMBER" in unknown[3]
    assert answered(visitor, form_url, email=known) == unknown
    assert answered(visitor, form_url, email=gone) == unknown
    assert answered(visitor, form_url, email=known, message=f"{number} の件です。") == unknown
    assert answered(visitor, form_url, email=known, message="ZZZ-9999 の件です。") == unknown
    with all_rows():
        case.refresh_from_db()
    assert case.message_count == 1, "no number that is written leads a form into a case"


def test_who_is_kept_out_is_answered_alike_and_nothing_is_sent(visitor, form_url, world):
    unknown = answered(visitor, form_url, email="nobody@customer.example")
    enrol()
    with all_rows():
        by = actor_of(world.ours.company_manager)
        rule_sender(
            world.ours.company.pk, pattern="nuisance@customer.example", kind=SenderRule.Kind.BLOCK, by=by
        )
        before = Case.objects.count(), NumberCounter.objects.get(company=world.ours.company).last

    blocked = answered(visitor, form_url, email="nuisance@customer.example")
    run_all()

    assert blocked == unknown
    with all_rows():
        [kept] = Arrival.objects.filter(state="spam")
        assert Case.objects.count() == before[0]
        assert kept.number == before[1] + 1
        assert not Outgoing.objects.exists()


def test_a_number_that_was_shown_to_who_is_kept_out_is_no_cases_and_stays(visitor, form_url, world):
    with all_rows():
        by = actor_of(world.ours.company_manager)
        rule_sender(
            world.ours.company.pk, pattern="nuisance@customer.example", kind=SenderRule.Kind.BLOCK, by=by
        )
    where = visitor.send(form_url, {**typed(), "email": "nuisance@customer.example"}).headers["Location"]

    first, again = (re.findall(r"[A-Z]{1,4}-\d{4,}", visitor.open(where).content.decode()) for _ in range(2))
    case = make_case(world.ours.entry_point)

    assert first == again != []
    assert case.spoken_number(world.ours.company.prefix) not in first
