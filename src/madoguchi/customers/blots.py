"""What was said by or to a customer, as somebody may read it from whom fields of that customer are kept.

The one place where it is said what is blotted of whom. Whoever has all fields in sight pays nothing for it, and what is
shown to somebody for a reason (`unmasking`) stands in the words, too, as long.

`kernel/blotting` finds a value in a text. What was said is blotted where it is read, loosely: `cases/blotted` for what
hangs on a case. Behind that two last lines blot the values that are known, as they stand, in all that leaves:
`project/blotting` in pages, `api/kept` in answers to programs.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from django.utils.translation import gettext as _

from madoguchi.companies.models import CUSTOMER_FIELDS
from madoguchi.customers.attempts import Way, note_attempt
from madoguchi.customers.models import Customer
from madoguchi.customers.unmasking import scopes_for
from madoguchi.infra.prepared import fetch_all
from madoguchi.infra.prepared_query import PreparedQuery, Slot
from madoguchi.infra.remembering import remembered
from madoguchi.kernel.actor import Actor, DataScope
from madoguchi.kernel.blotting import DOT, NOTHING, Blotter, blotted, blotter, is_anybodys
from madoguchi.kernel.dots import Uncovered, put_back
from madoguchi.kernel.errors import Refused

# How the addresses of a customer are written, by their kind.
Written = dict[str, list[str]]
_CUSTOMERS = PreparedQuery(
    lambda: Customer.objects.filter(pk__among=Slot("ids")).only(
        "id", "company_id", "name", "former_names", "kana", "address"
    )
)
# Postal addresses beside the record's own are kept from whom that is.
_WRITTEN = """
    SELECT customer_id, kind, written FROM customers_identity WHERE customer_id = ANY (%(ids)s::bigint[])
    UNION ALL
    SELECT customer_id, 'address', written FROM customers_postaladdress WHERE customer_id = ANY (%(ids)s::bigint[])
    ORDER BY 1, 2, 3
"""


def keeps_anything(actor: Actor, *, company: int | None = None) -> bool:
    """Whether fields of a company's customers are kept from the actor (None: of any of theirs). No query."""
    scopes = (actor.data_scope(company=one) for one in (actor.companies if company is None else [company]))
    return any(one.masked or one.hidden for one in scopes)


def blotter_for(customer: Customer, *, actor: Actor) -> Blotter:
    """What blots a customer's words for the actor. No query where nothing is kept from them, else two."""
    if not keeps_anything(actor, company=customer.company_id):
        return NOTHING
    return _blotters([customer], actor)[customer.pk]


def blotters_for(ids: Iterable[int], *, actor: Actor, loosely: bool = True) -> Mapping[int, Blotter]:
    """The same of many, by their ids; none of whom nothing is kept. No query where the actor sees all of every company,
    else three.
    """
    if not keeps_anything(actor):
        return {}
    return _blotters(remembered("named", sorted(set(ids)), _named).values(), actor, loosely=loosely)


def blotters_of_all(ids: Iterable[int]) -> list[Blotter]:
    """What blots all that is known of these customers, loosely, whoever reads: for words that go on without their case.
    Mail addresses and phone numbers of anybody are blotted, also where there is no customer. Two queries.
    """
    rows = _CUSTOMERS.rows({"ids": sorted(set(ids))})
    written = _written_of([one.pk for one in rows])
    nothing_seen = DataScope(hidden=frozenset(CUSTOMER_FIELDS))
    every = [_blotter(one, written[one.pk], nothing_seen, loosely=True) for one in rows]
    return [blotter({}, unseen=CUSTOMER_FIELDS), *every]


def memos_of(customers: Iterable[Customer], *, actor: Actor) -> dict[int, str]:
    """Their memos, which say what was said: blotted as messages are. No query where nothing is kept from the actor or
    no memo says anything, else two.
    """
    every = list(customers)
    some = [one for one in every if one.memo and keeps_anything(actor, company=one.company_id)]
    blots = _blotters(some, actor) if some else {}
    return {one.pk: blots.get(one.pk, NOTHING)(one.memo) for one in every}


def _blotters(customers: Iterable[Customer], actor: Actor, *, loosely: bool = True) -> dict[int, Blotter]:
    given = {customer.pk: customer for customer in customers}
    every = remembered("named", given, lambda ids: {pk: given[pk] for pk in ids})
    scopes = {
        pk: its for pk, its in scopes_for(every.values(), actor=actor).items() if its.masked | its.hidden
    }
    written = remembered("written", scopes, _written_of)
    return {pk: _blotter(one, written.get(pk, {}), scopes.get(pk), loosely) for pk, one in every.items()}


def _named(ids: list[int]) -> dict[int, Customer]:
    return {one.pk: one for one in _CUSTOMERS.rows({"ids": ids})}


def _written_of(ids: list[int]) -> dict[int, Written]:
    """What is kept of each customer beside the record's columns, by the field under which it is kept from readers. One
    query, if there is any.
    """
    written: dict[int, Written] = {pk: {} for pk in ids}
    for customer, kind, one in fetch_all(_WRITTEN, {"ids": ids}) if ids else ():
        written[customer].setdefault(kind, []).append(one)
    return written


def _blotter(customer: Customer, written: Written, data_scope: DataScope | None, loosely: bool) -> Blotter:
    if data_scope is None:
        return NOTHING
    known: dict[str, list[str]] = {
        "name": [customer.name, *customer.former_names.splitlines()],
        "kana": [customer.kana],
        "address": [customer.address, *written.get("address", ())],
    }
    return blotter({**written, **known}, unseen=data_scope.masked | data_scope.hidden, loosely=loosely)


def as_it_was(written: str, original: str, *, customer: Customer, actor: Actor) -> str:
    """What somebody typed over words of a customer that they were shown blotted, with what stands behind the dots in
    its place again. Raises Refused where the dots were changed, or where a page would show what stands behind them.
    """
    if not keeps_anything(actor, company=customer.company_id):
        return written
    loosely, strictly = (blotters_for([customer.pk], actor=actor, loosely=one) for one in (True, False))
    shown = blotted(original, loosely.values())
    if shown == original:
        return written
    return filled_in(written, shown=shown, original=original, ways=(loosely, strictly), actor=actor)


def as_stored(written: str, original: str, *, loosely: bool = False, customer: Customer, actor: Actor) -> str:
    """What somebody sent, to be stored in place of the original, which they were shown blotted, maybe `loosely`. Raises
    Refused where dots would be stored over what is kept from them, from a page or a program that sent no seal along.
    """
    blots = blotters_for([customer.pk], actor=actor, loosely=loosely)
    shown = blotted(original, blots.values())
    kept = [original[slice(*one.span())] for one in re.finditer(f"{DOT}+", shown)]
    if shown != original and DOT in written and not all(one in written for one in kept):
        raise dots_changed()
    note_written(written, original, loosely=loosely, customer=customer, actor=actor)
    return written


def filled_in(
    written: str,
    *,
    shown: str,
    original: str,
    whole: bool = False,
    ways: Sequence[Mapping[int, Blotter]],
    actor: Actor,
) -> str:
    """The same of words that were `shown` to them, for each of the ways in which pages blot them now (by the customers
    of whom they may tell). `whole`: no dots may be missing. Who would have come to see what is kept has tried to.
    """
    left: str | None = written
    try:
        for blots in ways:
            left = put_back(
                written,
                shown=shown,
                original=original,
                whole=whole,
                blot=partial(blotted, blots=blots.values()),
            )
    except Uncovered as error:
        _note_uncovering(original, error, ways, actor)
        raise _uncovered() from error
    if left is None:
        raise dots_changed()
    return left


def note_written(
    written: str, original: str, *, loosely: bool = False, customer: Customer, actor: Actor
) -> None:
    """Remember that the actor wrote, in place of the original, what is kept from them of the customer: the dots that
    they are shown for it would tell that it is right. Of words that are blotted `loosely` anybody's mail addresses and
    phone numbers are dots, which tells nothing. No query where nothing is kept from them, else two.
    """
    if written == original or not keeps_anything(actor, company=customer.company_id):
        return
    for field, blot in _by_field(customer, actor, loosely=False).items():
        tells = not (loosely and is_anybodys(field))
        if tells and _letters_hidden(written, blot) > _letters_hidden(original, blot):
            whom = {"company": customer.company_id, "customer": customer.pk}
            note_attempt(**whom, field=field, way=Way.WRITE, by=actor)


def _letters_hidden(text: str, blot: Blotter) -> int:
    return sum(one == DOT != was for was, one in zip(text, blot(text), strict=True))


def _by_field(customer: Customer, actor: Actor, *, loosely: bool) -> dict[str, Blotter]:
    """What blots each field that is kept from the actor, by itself."""
    its = scopes_for([customer], actor=actor)[customer.pk]
    written = remembered("written", [customer.pk], _written_of).get(customer.pk, {})
    alone = {field: DataScope(hidden=frozenset({field})) for field in sorted(its.masked | its.hidden)}
    return {field: _blotter(customer, written, one, loosely) for field, one in alone.items()}


def _note_uncovering(
    original: str, tried: Uncovered, ways: Sequence[Mapping[int, Blotter]], actor: Actor
) -> None:
    where = slice(tried.begin, tried.end)
    told_of = {pk for blots in ways for pk, blot in blots.items() if blot(original)[where] != original[where]}
    for customer in remembered("named", sorted(told_of), _named).values():
        blots = _by_field(customer, actor, loosely=True)
        behind = [field for field, blot in blots.items() if blot(original)[where] != original[where]]
        for field in behind or [""]:
            whom = {"company": customer.company_id, "customer": customer.pk}
            note_attempt(**whom, field=field, way=Way.CHANGE, by=actor)


def dots_changed() -> Refused:
    """Why what was typed is not taken: it would put dots over what is kept from whoever typed it."""
    words = _(
        "Dots (•) stand for what the contract keeps from you, and stay as they are: write before or behind them. "
        "What has to be taken out is taken out by somebody who sees it: ask your supervisor."
    )
    return Refused(words)


def _uncovered() -> Refused:
    words = _(
        "What stands behind the dots (•) is kept from you by the contract: nothing can be written between dots that "
        "belong together, or close beside them. That it was tried is in the log."
    )
    return Refused(words)
