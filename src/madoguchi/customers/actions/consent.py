"""Writing down what customers consent to, and the words they do it by."""

from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import connection, transaction
from django.utils.translation import gettext as _

from madoguchi.customers.actions.refuse import forget_refusals
from madoguchi.customers.consenting import words_in_force
from madoguchi.customers.events import ConsentSaid, ConsentWorded
from madoguchi.customers.models import Consent, ConsentWords, Customer, Purpose, Way
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.kernel.text import blot_card_numbers, clean, one_line

MOST_WORDS = 4000
# How somebody can say it: that a number refused before is not said, but known (`refuse.py`).
HOW = tuple(value for value in Consent.How.values if value != Consent.How.KEPT)
_ONE_BY_ONE = "SELECT pg_advisory_xact_lock(hashtext('madoguchi consent words'), %s)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a customer said: for which purpose, by which ways, whether they consent, how, on which day (None: today)."""

    purpose: str
    ways: tuple[str, ...]
    given: bool
    how: str
    day: date | None = None
    note: str = ""


@transaction.atomic
def write_consent(customer: Customer, said: Said, *, by: Actor) -> list[Consent]:
    """Write down that a customer consents, refuses, or withdraws what they said; what was said before stays.

    Consent goes by the words that are in force. Raises NotAllowed for who may not change customers, and Refused for
    what makes no sense, and for a consent while the use of the customer's data is stopped.
    """
    held = Customer.objects.select_for_update(no_key=True).get(pk=customer.joined_into_id or customer.pk)
    _require(by, held.company_id)
    _require_sensible(said)
    if said.given and held.use_stopped_at is not None:
        raise Refused(
            _(
                "The use of this customer's data is stopped: a consent counts again when the stop is taken back."
            ),
            field="given",
        )
    if said.given:
        forget_refusals(held.pk, company=held.company_id, purpose=said.purpose, ways=said.ways)
    words = words_in_force(held.company_id).get(said.purpose)
    made = [
        Consent.objects.create(
            company_id=held.company_id,
            customer=held,
            purpose=said.purpose,
            channel=way,
            given=said.given,
            how=said.how,
            words=words if said.given else None,
            note=one_line(blot_card_numbers(said.note), most=300),
            at=_moment(said.day),
            user_id=by.id,
            written_at=clock.now(),
        )
        for way in dict.fromkeys(said.ways)
    ]
    for one in made:
        where = {"company": held.company_id, "customer": held.pk, "consent": one.pk}
        record(ConsentSaid(**where, purpose=one.purpose, channel=one.channel, given=one.given), by=by)
    return made


@transaction.atomic
def write_words(company: int, *, purpose: str, text: str, by: Actor) -> ConsentWords:
    """Write the words to which customers consent from now on, as the next version; the same words make none.

    Raises NotAllowed for who does not see to rights of customers, and Refused for no purpose or no words.
    """
    if not by.may(Permission.RIGHTS, company=company):
        raise NotAllowed(Permission.RIGHTS)
    if purpose not in Purpose.values:
        raise Refused(_("Choose what for."), field="purpose")
    words = clean(text).strip()
    if not words or len(words) > MOST_WORDS:
        raise Refused(_("Write the words, 4,000 characters at most."), field="text")
    with connection.cursor() as cursor:
        cursor.execute(_ONE_BY_ONE, [company])
    last = words_in_force(company).get(purpose)
    if last and last.text == words:
        return last
    made = ConsentWords.objects.create(
        company_id=company,
        purpose=purpose,
        version=last.version + 1 if last else 1,
        text=words,
        user_id=by.id,
        written_at=clock.now(),
    )
    record(ConsentWorded(company=company, words=made.pk, purpose=purpose, version=made.version), by=by)
    return made


def _require(by: Actor, company: int) -> None:
    desk = next((grant.desk for grant in by.grants if grant.company == company), None)
    if not by.may(Permission.CUSTOMER_EDIT, company=company, desk=desk):
        raise NotAllowed(Permission.CUSTOMER_EDIT)


def _require_sensible(said: Said) -> None:
    if said.purpose not in Purpose.values:
        raise Refused(_("Choose what for."), field="purpose")
    if not said.ways or not set(said.ways) <= set(Way.values):
        raise Refused(_("Choose at least one way."), field="ways")
    if said.how not in HOW:
        raise Refused(_("Choose how they said it."), field="how")
    if said.day and said.day > clock.today():
        raise Refused(_("That day is still to come."), field="day")


def _moment(day: date | None) -> datetime:
    """When it was said: now, or at noon of an earlier day."""
    if day in (None, clock.today()):
        return clock.now()
    assert day is not None
    return datetime.combine(day, time(12), tzinfo=clock.TOKYO)
