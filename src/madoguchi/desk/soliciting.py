"""What is owed to a customer to whom more is sold on the phone than was advertised: as it is listed and typed in."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from madoguchi.cases.models import Case
from madoguchi.cases.queries import visible
from madoguchi.commerce import policies
from madoguchi.commerce.models import Order, Solicitation
from madoguchi.commerce.solicitations import Heard, has_refused
from madoguchi.commerce.soliciting import Duty, may_withdraw
from madoguchi.commerce.written_terms import terms_given, usual_payment
from madoguchi.customers.actions import Said, write_consent
from madoguchi.customers.models import Consent, Customer, Purpose, Way
from madoguchi.desk.papers import Paper, paper
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import Channel
from madoguchi.voice.models import AgentPhone
from madoguchi.voice.queries import call_by_uid


@dataclass(frozen=True, slots=True)
class Telling:
    """That something was not advertised (`names`), what is told before it is offered, as (value, words, ticked), and
    whether the customer has `refused` to be solicited.
    """

    names: str
    duties: Sequence[tuple[str, str, bool]]
    refused: bool


@dataclass(frozen=True, slots=True)
class Solicited:
    """How an order or a subscription was solicited, whether this reader may say more of it now, the written terms that
    were given, and how it is paid, in words to go on with.
    """

    one: Solicitation
    names: str
    told: Sequence[str]
    may: bool
    open: bool
    late: bool
    papers: Sequence[Paper]
    payment: str


def heard_of(
    case: Case, *, actor: Actor, duties: Sequence[str] = (), offered: Collection[int] = ()
) -> Heard | None:
    """That what is ordered now is ordered on the phone: since who takes it talks with somebody, or since the case came
    by phone; with what was told and `offered`. None where it is not. Two queries at most.
    """
    if actor.id is not None and (point := _talks_by(actor.id, case.company_id)):
        return Heard(point, tuple(duties), frozenset(offered))
    told = Heard(case.entry_point_id, tuple(duties), frozenset(offered))
    return told if case.channel == Channel.PHONE else None


def heard_of_order(
    order: Order, *, actor: Actor, duties: Sequence[str] = (), offered: Collection[int] = ()
) -> Heard | None:
    """As `heard_of`, by the case in which an order was taken. Three queries at most."""
    case = visible(actor).filter(pk=order.case_id or 0).first()
    if case is not None:
        return heard_of(case, actor=actor, duties=duties, offered=offered)
    point = _talks_by(actor.id, order.company_id) if actor.id is not None else None
    return Heard(point, tuple(duties), frozenset(offered)) if point else None


def telling_of(
    names: Sequence[str], customer: Customer, *, actor: Actor, ticked: Sequence[str] = ()
) -> Telling | None:
    """What is owed where these were not advertised; None for none. Two queries, none for none."""
    if not names:
        return None
    told = {"company": customer.company.name, "person": actor.name, "names": _("、").join(names)}
    words = {
        Duty.NAME: _("Said whose call this is and who speaks: “%(company)s, %(person)s”."),
        Duty.PURPOSE: _("Said that this is to win them for a purchase beyond what they called for."),
        Duty.GOODS: _("Said what is offered: %(names)s."),
        Duty.WISH: _(
            "Asked whether they wish to hear of it. Who does not is not talked into it, nor asked again."
        ),
    }
    duties = [(duty.value, words[duty] % told, duty.value in ticked) for duty in Duty]
    return Telling(told["names"], duties, has_refused(customer.pk))


def ticked_in(form: QueryDict) -> tuple[str, ...]:
    """The duties that were ticked."""
    return tuple(one for one in form.getlist("duty") if one in set(Duty))


def refuse_offers(customer: Customer, names: str, *, by: Actor) -> list[Consent]:
    """Write down that a customer does not want to be solicited by phone. Raises as `write_consent`."""
    note = _("Declined: %(names)s") % {"names": names}
    said = Said(
        purpose=Purpose.OFFERS, ways=(Way.PHONE,), given=False, how=Consent.How.PHONE, note=note[:300]
    )
    return write_consent(customer, said, by=by)


def solicited(found: Solicitation | None, *, actor: Actor) -> Solicited | None:
    """A solicitation as it is shown; None for none. One query."""
    if found is None:
        return None
    words: Mapping[str, str] = {
        Duty.NAME: _("whose call it is, and who speaks"),
        Duty.PURPOSE: _("that it is a solicitation"),
        Duty.GOODS: _("what is offered"),
        Duty.WISH: _("asked whether they wish to hear of it"),
    }
    order, today = found.order, clock.today()
    sells = policies.may_take_orders(actor, company=order.company_id, desk=order.desk_id)
    is_open = found.withdrawn_on is None and may_withdraw(today, found.papers_on)
    return Solicited(
        found,
        _("、").join(found.outside),
        [words[one] for one in found.duties if one in words],
        may=sells and found.withdrawn_on is None,
        open=is_open,
        late=found.papers_on is None and found.papers_due < today,
        papers=[paper(one, actor=actor) for one in terms_given(found)],
        payment=usual_payment(found),
    )


def _talks_by(person: int, company: int) -> int | None:
    """The number by which somebody talks with a customer of a company at this moment."""
    phone = AgentPhone.objects.filter(user=person, state=AgentPhone.State.TALKING).first()
    call = call_by_uid(phone.call) if phone else None
    return call.entry_point_id if call and call.company_id == company else None
