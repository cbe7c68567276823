"""Two records of one person: which are likely, what joining them would do, and what was joined."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from django.db.models import Count
from django.utils.translation import gettext as _

from madoguchi.cases.actions import calls_since, note_list, note_search
from madoguchi.cases.actions.sure import sure_of_addresses
from madoguchi.cases.models import Case
from madoguchi.cases.queries import visible
from madoguchi.commerce.models import Order
from madoguchi.customers.actions.join import require_joinable
from madoguchi.customers.joining import joined
from madoguchi.customers.likeness import ENOUGH, Described, Sign, score_of, signs_of
from madoguchi.customers.lookups import note_searched
from madoguchi.customers.models import Customer, Identity, Join
from madoguchi.customers.places import houses_of, known_at, places_of
from madoguchi.customers.policies import may_join
from madoguchi.customers.queries import (
    CustomerView,
    customer_by_id,
    customers_by_ids,
    customers_reached_by,
    joins_of,
    view_of,
    views_of,
)
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused
from madoguchi.kernel.identity import IdentityKind, bare_member, canonical, is_address
from madoguchi.kernel.places import house_of, place_of
from madoguchi.search.alike import customers_called
from madoguchi.search.named import note_named
from madoguchi.voice.models import Call

MOST_LIKELY, _MOST_COMPARED, _MOST_DIGITS = 5, 40, 18
_FEWEST_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Record:
    """A customer's record as it is offered: who, why, how likely (0 to 100), and how much hangs on it."""

    person: CustomerView
    reasons: list[str]
    score: int
    cases: int


@dataclass(frozen=True, slots=True)
class Preview:
    """Which record goes on in which, what goes over, and what the one that stays will say."""

    gone: CustomerView
    into: CustomerView
    cases: int
    orders: int
    addresses: int
    after: list[tuple[str, str]]


def likely(customer: Customer, *, actor: Actor) -> list[Record]:
    """Other records that may be of the same person, the likeliest first; none for whom they are not shown whole. Ten
    queries, one of them to keep who was shown, however many are compared.
    """
    if not may_join(actor, company=customer.company_id):
        return []
    view = view_of(customer, actor=actor)
    bare = [bare_member(canonical(IdentityKind.MEMBER, one)) for one in view.members]
    theirs = [one.written for one in places_of([customer.pk])[customer.pk]]
    # A town or a prefecture alone is where thousands live.
    houses = houses_of([view.address, *theirs])
    where = (view.address, place_of(view.address)) if house_of(view.address) else ()
    words = (view.name, *view.former_names, view.kana, *where, *houses, *bare)
    ids = customers_called(words, company=customer.company_id, most=_MOST_COMPARED)
    ids += known_at(houses, company=customer.company_id)
    own = _described(view, theirs)
    others = [
        other for other in customers_by_ids(ids, company=customer.company_id) if other.pk != customer.pk
    ]
    views, places = views_of(others, actor=actor), places_of([one.pk for one in others])
    signs = {
        pk: signs_of(own, _described(other, [one.written for one in places[pk]]))
        for pk, other in views.items()
    }
    near = {pk: its for pk, its in signs.items() if score_of(its) >= ENOUGH}
    records = _records([views[pk] for pk in near], near, actor=actor)
    offered = sorted(records, key=lambda one: (-one.score, -one.cases))[:MOST_LIKELY]
    note_list(customers=[one.person.id for one in offered], by=actor)
    return offered


def note_asked(words: str, *, actor: Actor) -> None:
    """Remember that somebody looked for a record by what is kept from them. No query where nothing is."""
    note_searched(words, actor=actor)
    note_named(words, actor=actor)


def require_whole_sight(customer: Customer, *, asked: str = "", actor: Actor) -> None:
    """To look for somebody by what one must not see would tell it, and to have `asked` for it is an attempt. Raises
    NotAllowed.
    """
    if not may_join(actor, company=customer.company_id):
        note_asked(asked, actor=actor)
        raise NotAllowed(Permission.CUSTOMER_EDIT)


def found(written: str, *, beside: Customer, actor: Actor) -> list[Record]:
    """Records that somebody looks for by a mail address, a phone number, a member number or a name, a
    former one too. Raises Refused for none.
    """
    ids: list[int] = []
    if is_address(written):
        ids = [one.pk for one in customers_reached_by(IdentityKind.EMAIL, written, actor=actor)]
    elif sum(char.isdigit() for char in written) >= _FEWEST_DIGITS:
        ids = [one.pk for one in customers_reached_by(IdentityKind.PHONE, written, actor=actor)]
    if not ids and canonical(IdentityKind.MEMBER, written):
        ids = [one.pk for one in customers_reached_by(IdentityKind.MEMBER, written, actor=actor)]
    ids = ids or customers_called([written], company=beside.company_id, most=MOST_LIKELY)
    others = [one for one in customers_by_ids(ids, company=beside.company_id) if one.pk != beside.pk]
    if not others:
        words = _("No other record has “%(words)s” for its name, mail address, phone or member number.")
        raise Refused(words % {"words": written}, field="q")
    note_search(customers=[other.pk for other in others], by=actor)
    views = views_of(others, actor=actor)
    return _records([views[other.pk] for other in others], {}, actor=actor)


def pair(case: Case, other: str, *, keep_other: bool, actor: Actor) -> tuple[Customer, Customer]:
    """The record that goes on elsewhere and the one that takes it in. Raises Refused for an id that is none."""
    if not (other.isascii() and other.isdecimal() and len(other) <= _MOST_DIGITS):
        raise Refused(_("Choose a record."), field="other")
    try:
        chosen = customer_by_id(int(other), actor=actor)
    except NotFound:
        raise Refused(_("This record is not there any more. Choose another one."), field="other") from None
    return (case.customer, chosen) if keep_other else (chosen, case.customer)


@contextmanager
def sure_of_both(*two: Customer, case: Case, because: str, by: Actor) -> Iterator[None]:
    """Join two records within, which gives each the addresses and all else of the other: the company may want both to
    be sure. What was checked in the case is of its own customer alone. Raises as `sure_of_addresses`.
    """
    with ExitStack() as sure:
        for one in two:
            here = case if one.pk == case.customer_id else None
            sure.enter_context(sure_of_addresses(one, {"emails"}, case=here, because=because, by=by))
        yield


def preview_of(gone: Customer, into: Customer, *, actor: Actor) -> Preview:
    """What joining two records would do. Raises what joining itself would raise."""
    require_joinable(gone, into=into, by=actor)
    after = joined(gone, into)
    said = (
        (_("Name"), "name"),
        (_("Former names"), "former_names"),
        (_("Reading"), "kana"),
        (_("Address"), "address"),
        (_("Memo"), "memo"),
    )
    return Preview(
        gone=view_of(gone, actor=actor),
        into=view_of(into, actor=actor),
        cases=Case.objects.filter(customer=gone).count(),
        orders=Order.objects.filter(customer=gone).count(),
        addresses=Identity.objects.filter(customer=gone).count() + len(places_of([gone.pk])[gone.pk]),
        after=[(words, after[name]) for words, name in said if after[name]],
    )


def was_joined(customer: Customer, *, actor: Actor) -> list[tuple[Join, CustomerView]]:
    """What was joined into a record, the last first, for whom may part it again."""
    if not may_join(actor, company=customer.company_id):
        return []
    return [(join, view_of(join.customer, actor=actor)) for join in joins_of(customer.pk)]


def _records(
    people: Sequence[CustomerView], signs: Mapping[int, Iterable[Sign]], *, actor: Actor
) -> list[Record]:
    """In their order. One query, for the cases of all."""
    theirs = visible(actor).filter(customer__in=[one.id for one in people]).order_by()
    cases = dict(theirs.values("customer").annotate(n=Count("pk")).values_list("customer", "n"))
    return [
        Record(
            person=one,
            reasons=[_reason(sign) for sign in signs.get(one.id, ())],
            score=score_of(signs.get(one.id, ())),
            cases=cases.get(one.id, 0),
        )
        for one in people
    ]


def _reason(sign: Sign) -> str:
    return {
        Sign.NAME: _("the same name"),
        Sign.KANA: _("the same reading"),
        Sign.ADDRESS: _("the same postal address"),
        Sign.HOUSE: _("the same house, or where goods went"),
        Sign.LOCAL_PART: _("the same word before the @"),
        Sign.FORMER_NAME: _("the same name formerly"),
        Sign.MEMBER: _("the same member number but for what stands before it"),
    }[sign]


def _described(person: CustomerView, places: Iterable[str]) -> Described:
    own = (person.name, person.kana, person.address, person.emails, person.former_names, person.members)
    return Described(*own, tuple(places))


def callers_since(join: Join) -> dict[int, str]:
    """Who called, by the messages of calls in cases that began after two records were joined. Two queries at most."""
    calls = calls_since(join)
    if not calls:
        return {}
    found = Call.objects.filter(message_id__in=calls).values_list("message_id", "caller")
    return {message: caller for message, caller in found if message is not None}
