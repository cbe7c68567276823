"""Promises beside a case: offered from the words of an answer, taken with it, and shown with what can be done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext as _

from madoguchi.cases.models import Case, PendingAnswer
from madoguchi.companies.queries import desks_of
from madoguchi.delivery.actions import Reply, submit
from madoguchi.delivery.models import Outgoing
from madoguchi.delivery.scheduling import read_moment
from madoguchi.desk.merging import number_of
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Refused
from madoguchi.look.moments import full
from madoguchi.people.queries import people_by_id, staff_of_desk
from madoguchi.promises.keeping import Told, make_promise
from madoguchi.promises.ledger import (
    KeptRate,
    at_risk,
    calendar_for,
    kept_rates,
    open_promises_of,
    promises_of,
)
from madoguchi.promises.models import DelayNotice, Promise
from madoguchi.promises.notices import notices_of
from madoguchi.promises.policies import may_promise
from madoguchi.promises.policy import Metric
from madoguchi.promises.queries import metric_name
from madoguchi.promises.spoken import promises_in

DAYS = 30
_LOCAL = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True, slots=True)
class Offer:
    """A promise that the words of an answer hold: `key` is how they say it. `taken` it is entered when that is sent."""

    key: str
    words: str
    kind: str
    due: str
    taken: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A promise as it stands beside its case, or in the list of those at risk."""

    promise: Promise
    due: str
    first: str
    local: str
    tone: str
    number: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """What was promised in a case, what can be done about it, and who may keep it."""

    lines: Sequence[Line]
    acts: bool
    kinds: Sequence[tuple[str, str]]
    people: Sequence[tuple[int, str]]
    mine: int | None
    notices: Sequence[tuple[DelayNotice, str]] = ()


def offers_in(form: QueryDict, case: Case) -> tuple[list[Offer], list[str]]:
    """What the words of an answer promise, as the form has it so far; and what of it was waved aside. One query."""
    now, before = clock.now(), {one.key: one for one in _sent(form)}
    aside = [*form.getlist("aside"), *form.getlist("dismiss")]
    found = promises_in(form.get("text", ""), at=now, calendar=calendar_for(case.desk))
    offers = [
        before.get(one.words) or Offer(one.words, one.words, one.kind.value, _local(one.due_at), taken=False)
        for one in found
        if one.words not in aside
    ]
    return offers, aside


def submit_with_promises(
    case: Case, written: Reply, form: QueryDict, *, at: datetime | None, word: str, by: Actor
) -> Outgoing | PendingAnswer:
    """Send an answer as `submit` does, and enter what it promises, both or neither. Raises what either raises."""
    taken = [_told(one, by) for one in _sent(form) if one.taken]
    with transaction.atomic():
        done = submit(case, written, at=at, word=word, by=by)
        sent = {"message": done.message_id} if isinstance(done, Outgoing) else {"answer": done.pk}
        for told in taken:
            make_promise(Case.objects.get(pk=case.pk), told, by=by, found=True, **sent)
    return done


def told_in(form: QueryDict) -> Told:
    """The promise that somebody writes by hand. Raises Refused."""
    owner = form.get("owner", "")
    return Told(
        kind=form.get("kind", ""),
        words=form.get("words", ""),
        due_at=moment_in(form),
        owner=int(owner) if owner.isdecimal() and len(owner) < 19 else None,
    )


def moment_in(form: QueryDict) -> datetime:
    """The time that a form names for a promise. Raises Refused."""
    written = form.get("due", "")
    if not written:
        raise Refused(_("Say by when."), field="due")
    return read_moment(written)


def ledger_of(case: Case, *, actor: Actor) -> Ledger:
    """The promises of a case, and the notices of delay that wait drafted for who works it. Three queries."""
    acts = may_promise(actor, case)
    staff = staff_of_desk(case.desk_id, company=case.company_id).values_list("pk", "name")
    return Ledger(
        lines=[_line(one) for one in promises_of(case)],
        acts=acts,
        kinds=[(value, str(label)) for value, label in Promise.Kind.choices],
        people=list(staff),
        mine=actor.id,
        notices=[(one, _about(one)) for one in notices_of(case)] if acts else (),
    )


def lines_at_risk(actor: Actor) -> list[Line]:
    """Those of all cases that come near their time, or ran out."""
    return [_line(one) for one in at_risk(actor)]


def rates(actor: Actor, by: str) -> Sequence[KeptRate]:
    """How much of what was due in the last 30 days was kept."""
    now = clock.now()
    return kept_rates(actor, begin=now - timedelta(days=DAYS), end=now, by=by)


def rates_named(actor: Actor, *, by: str) -> list[tuple[str, KeptRate]]:
    """The same with the name of whose it is: a `person`, or a `desk` for a company, which scores nobody (37号告示)."""
    found = rates(actor, by)
    if by == "person":
        people = people_by_id([one.of for one in found if one.of])
        names = {pk: person.name for pk, person in people.items()}
    else:
        names = {desk.pk: desk.name for desk in desks_of(actor)}
    return [(names.get(one.of or 0, ""), one) for one in found]


def in_words(case: Case) -> str:
    """What is still to be kept in a case, for whoever has it next. One query."""
    return "\n".join(
        _("By %(when)s: %(words)s") % {"when": full(one.due_at), "words": one.words}
        for one in open_promises_of(case)
    )


def _sent(form: QueryDict) -> list[Offer]:
    taken = set(form.getlist("take"))
    columns = [form.getlist(name) for name in ("offer", "offer_words", "offer_kind", "offer_due")]
    rows = zip(*columns, strict=False)
    return [Offer(key, words, kind, due, key in taken) for key, words, kind, due in rows]


def _told(offer: Offer, by: Actor) -> Told:
    if not offer.due:
        raise Refused(_("Say by when."), field="due")
    return Told(kind=offer.kind, words=offer.words, due_at=read_moment(offer.due), owner=by.id)


def _line(promise: Promise) -> Line:
    tone = "bad" if promise.broken_at else "warn" if promise.warned_at else ""
    first = full(promise.first_due_at) if promise.moves else ""
    case = promise.case.continued_in or promise.case
    return Line(promise, full(promise.due_at), first, _local(promise.due_at), tone, number_of(case))


def _about(notice: DelayNotice) -> str:
    """What a notice is about: a promise in its words, else a clock by its name."""
    return notice.promise.words if notice.promise else metric_name(Metric(notice.metric))


def _local(at: datetime) -> str:
    return at.astimezone(clock.TOKYO).strftime(_LOCAL)
