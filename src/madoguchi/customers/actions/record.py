"""Customers come into being when somebody new turns to a desk, or when they are entered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.customers.actions.refuse import keep_refusals, recall_refusals
from madoguchi.customers.actions.verify import keep_verified
from madoguchi.customers.attempts import Way, note_attempt
from madoguchi.customers.blots import note_written
from madoguchi.customers.events import (
    AddressReachable,
    AddressUndeliverable,
    CustomerChanged,
    CustomerCreated,
)
from madoguchi.customers.lookups import note_lookups
from madoguchi.customers.models import Customer, Identity
from madoguchi.infra.event_log import record
from madoguchi.infra.prepared import fetch_all, fetch_one
from madoguchi.infra.writing import unique
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.channel import Party
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.kernel.identity import IdentityKind, canonical, holds_address
from madoguchi.kernel.text import blot_card_numbers, clean, is_card_number, one_line

_BEHIND = """
    SELECT customer.id, customer.name, identity.undeliverable_at IS NOT NULL FROM customers_identity identity
    JOIN customers_customer customer ON customer.id = identity.customer_id
    WHERE identity.company_id = %s AND identity.kind = %s AND identity.value = %s
"""
_CREATE = """
    WITH customer AS (
        INSERT INTO customers_customer (company_id, name, kana, address, memo, language, created_at)
        VALUES (%(company)s, %(name)s, '', '', '', %(language)s, %(now)s) RETURNING id
    ),
    identity AS (
        INSERT INTO customers_identity (company_id, customer_id, kind, value, written)
        SELECT %(company)s, id, %(kind)s, %(value)s, %(written)s FROM customer
        ON CONFLICT (company_id, kind, value) DO NOTHING RETURNING customer_id
    )
    SELECT customer.id, identity.customer_id, EXISTS (
        SELECT FROM customers_refusalkey WHERE company_id = %(company)s
    ) FROM customer LEFT JOIN identity ON true
"""
EDITABLE = ("name", "kana", "address", "memo", "mail_format", "pace", "detail", "prefers", "former_names")
MOST_ADDRESSES, MOST_FORMER_NAMES = 20, 10
# Fields that are kept from whom another one is kept.
_KEPT_WITH = {"former_names": "name"}


def find_or_create(
    *,
    company: int,
    kind: IdentityKind,
    party: Party,
    language: str,
    by: Actor,
    phone: str = "",
    typed: bool = False,
) -> int:
    """The id of the company's customer behind an address; a new one when the address is unknown.

    Two arrivals from one new address at once still make one customer. A name is taken over only where none
    is known yet, for what somebody calls themselves in a mail proves nothing. `typed` says that the address was
    only typed into a form: then nothing of a customer who is known changes. A phone number is kept with a new
    customer alone.
    """
    value = canonical(kind, party.address)[:254]
    known = _behind(company, kind, value)
    if known is None:
        customer, created = _create(company, kind, value, party, language, by=by)
        if phone and created:
            number = canonical(IdentityKind.PHONE, phone)[:254]
            _add_where_free(
                customer, company, [(IdentityKind.PHONE, number, one_line(phone, most=254))], by=by
            )
        return customer
    if not typed:
        _wrote_again(known, company, kind, value, _name_of(party), by=by)
    return known[0]


@transaction.atomic
def create_unknown(company: int, *, language: str, by: Actor) -> int:
    """The id of a new customer of whom nothing is known, as of somebody who calls and withholds the number."""
    row = Customer.objects.create(company_id=company, language=language, created_at=clock.now())
    record(CustomerCreated(company=company, customer=row.pk), by=by)
    return row.pk


@transaction.atomic
def add_customer(
    company: int,
    *,
    emails: Sequence[str] = (),
    phones: Sequence[str] = (),
    members: Sequence[str] = (),
    by: Actor,
    **fields: str,
) -> Customer:
    """Enter a customer who has not turned to a desk yet, with the addresses that reach them.

    Raises NotAllowed; Refused for nothing at all, a field that the actor may not see, a card number for an address, or
    an address that is some customer's of the company already.
    """
    if not by.may(Permission.CUSTOMER_EDIT, company=company, desk=_any_desk(by, company)):
        raise NotAllowed(Permission.CUSTOMER_EDIT)
    addresses = {
        "emails": (IdentityKind.EMAIL, emails),
        "phones": (IdentityKind.PHONE, phones),
        "members": (IdentityKind.MEMBER, members),
    }
    given = {name: value for name, value in fields.items() if value}
    if not given and not any(written for _kind, written in addresses.values()):
        raise Refused(_("Give a name or an address."), field="name")
    customer = Customer(company_id=company, created_at=clock.now())
    _set_fields(customer, given, by=by)
    customer.save()
    for field, (kind, written) in addresses.items():
        _add_identities(customer, kind, written, field=field, by=by)
    record(CustomerCreated(company=company, customer=customer.pk), by=by)
    return customer


@transaction.atomic
def change_customer(customer: Customer, *, by: Actor, **fields: str) -> None:
    """Change name, former names (a line each), reading, postal address, memo, form of mail or wishes. Fields masked or
    hidden from the actor are refused.

    Raises NotAllowed, or Refused for a field that cannot be changed here.
    """
    company = customer.company_id
    if not by.may(Permission.CUSTOMER_EDIT, company=company, desk=_any_desk(by, company)):
        raise NotAllowed(Permission.CUSTOMER_EDIT)
    correct_customer(customer, by=by, **fields)


@transaction.atomic
def correct_customer(customer: Customer, *, by: Actor, **fields: str) -> None:
    """The same for who is allowed to by another right than that of changing customers: whoever calls has seen to it.
    Raises Refused for a field that cannot be changed here.
    """
    company = customer.company_id
    # What stood there is what the last writer wrote, not what stood when the page was read.
    stood = Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    before = {name: getattr(stood, name, "") for name in fields}
    _set_fields(customer, fields, by=by)
    if "memo" in fields:
        note_written(customer.memo, before["memo"], loosely=True, customer=stood, actor=by)
    customer.save(update_fields=list(fields))
    _tell(customer.pk, company, {name: [before[name], getattr(customer, name)] for name in fields}, by=by)


@transaction.atomic
def set_addresses(
    customer: Customer,
    *,
    emails: Sequence[str] | None = None,
    phones: Sequence[str] | None = None,
    members: Sequence[str] | None = None,
    by: Actor,
) -> None:
    """Say by which mail addresses, phone numbers and member numbers a customer is reached or known: all of a kind, the
    main one first.

    What is None stays. What is not named any more is theirs no longer: who writes from it is somebody new. Raises
    NotAllowed; Refused for a kind that the actor may not see whole, too many, a card number, or one that is another
    customer's.
    """
    company = customer.company_id
    if not by.may(Permission.CUSTOMER_EDIT, company=company, desk=_any_desk(by, company)):
        raise NotAllowed(Permission.CUSTOMER_EDIT)
    Customer.objects.select_for_update().get(pk=customer.pk)
    given = {
        "emails": (IdentityKind.EMAIL, emails),
        "phones": (IdentityKind.PHONE, phones),
        "members": (IdentityKind.MEMBER, members),
    }
    wanted = {field: (kind, written) for field, (kind, written) in given.items() if written is not None}
    before = {field: _written(customer, kind) for field, (kind, _written_) in wanted.items()}
    changed = [
        field
        for field, (kind, written) in wanted.items()
        if _put_in_order(customer, kind, written, field=field, by=by)
    ]
    if changed:
        changes = {field: [before[field], _written(customer, wanted[field][0])] for field in changed}
        _tell(customer.pk, company, changes, by=by)


@transaction.atomic
def add_first_address(customer: int, *, company: int, address: str, by: Actor) -> bool:
    """Add a mail address that somebody has shown to be theirs to a record that has none, and no number; whether the
    customer has it now. One that is another customer's stays theirs.
    """
    value = canonical(IdentityKind.EMAIL, address)[:254]
    row = Customer.objects.select_for_update().get(pk=customer, company_id=company)
    theirs = Identity.objects.filter(company_id=company, customer=row).exclude(
        kind__in=(IdentityKind.WEB, IdentityKind.MEMBER)
    )
    if not theirs.exists():
        written = one_line(address, most=254)
        _add_where_free(row.pk, company, [(IdentityKind.EMAIL, value, written)], by=by)
        if theirs.exists():
            _tell(row.pk, company, {"emails": [[], [written]]}, by=by)
    shown = theirs.filter(kind=IdentityKind.EMAIL, value=value).first()
    if shown is not None:
        keep_verified(shown, Identity.How.CODE, by=by)
    return shown is not None


def _written(customer: Customer, kind: IdentityKind) -> list[str]:
    rows = Identity.objects.filter(customer=customer, kind=kind.value).order_by("id")
    return list(rows.values_list("written", flat=True))


def _tell(customer: int, company: int, changes: Mapping[str, list[Any]], *, by: Actor) -> None:
    """That these fields were changed, and beside the log, for it is about somebody, from what to what."""
    words = {name: [was, now] for name, (was, now) in changes.items() if was != now}
    fact = CustomerChanged(company=company, customer=customer, fields=sorted(changes))
    record(fact, by=by, words=words)


@dataclass(frozen=True, slots=True)
class Known:
    """What another system knows of a customer."""

    emails: Sequence[str] = ()
    phones: Sequence[str] = ()
    name: str = ""
    kana: str = ""
    address: str = ""
    memo: str = ""
    members: Sequence[str] = ()
    former_names: str = ""

    @property
    def identities(self) -> list[tuple[IdentityKind, str, str]]:
        """The addresses: kind, canonical form, and as they are written there; without card numbers in their place."""
        kinds = (
            (IdentityKind.EMAIL, self.emails),
            (IdentityKind.PHONE, self.phones),
            (IdentityKind.MEMBER, self.members),
        )
        rows = {
            (kind, canonical(kind, one)[:254]): one_line(one, most=254)
            for kind, written in kinds
            for one in written[:MOST_ADDRESSES]
            if not is_card_number(one)
        }
        return [(kind, value, words) for (kind, value), words in rows.items() if value]


@transaction.atomic(savepoint=False)
def take_over_customer(
    company: int, known: Known, *, customer: int | None = None, by: Actor
) -> tuple[int, bool]:
    """Bring in what another system knows of a customer; the id here, and whether they are new.

    They are `customer`, where that is known, else whoever one of the addresses reaches. What is known here of a
    customer stays; only what is empty is filled, and addresses that are nobody's are added. Whoever imports answers
    for the company, so nothing is asked of the actor.
    """
    found, made = _lasting(customer) or _first_behind(company, known.identities), False
    if found is None:
        found, made = _make(company, known, by=by)
    others = known.identities[1:] if made else known.identities
    fields = {"kana": known.kana[:200], "address": known.address[:300], "memo": known.memo}
    fields["former_names"] = _former(known.former_names)
    if not made:
        fields["name"] = "" if holds_address(known.name) else known.name[:200]
    _fill_what_is_empty(found, fields, is_new=made, by=by)
    _add_where_free(found, company, others, by=by)
    return found, made


def _lasting(customer: int | None) -> int | None:
    """Where the record goes on that had this id."""
    row = (
        Customer.objects.filter(pk=customer).values_list("joined_into", flat=True).first()
        if customer
        else None
    )
    return row or customer


def _make(company: int, known: Known, *, by: Actor) -> tuple[int, bool]:
    party = Party(name=blot_card_numbers(known.name), address="")
    for kind, value, words in known.identities:
        return _create(company, kind, value, replace(party, address=words), "ja", by=by)
    row = Customer.objects.create(company_id=company, name=_name_of(party), created_at=clock.now())
    record(CustomerCreated(company=company, customer=row.pk), by=by)
    return row.pk, True


def _fill_what_is_empty(customer: int, fields: Mapping[str, str], *, is_new: bool, by: Actor) -> None:
    given = {name: blot_card_numbers(clean(value)).strip() for name, value in fields.items()}
    given = {name: value for name, value in given.items() if value}
    if not given:
        return
    row = Customer.objects.select_for_update().get(pk=customer)
    changed = [name for name in given if not getattr(row, name)]
    for name in changed:
        setattr(row, name, given[name])
    if changed:
        row.save(update_fields=changed)
        if not is_new:
            _tell(row.pk, row.company_id, {name: ["", given[name]] for name in changed}, by=by)


def _first_behind(company: int, identities: Sequence[tuple[IdentityKind, str, str]]) -> int | None:
    behind = (_behind(company, kind, value) for kind, value, _words in identities)
    return next((row[0] for row in behind if row), None)


def _add_where_free(
    customer: int, company: int, identities: Sequence[tuple[IdentityKind, str, str]], *, by: Actor
) -> None:
    if identities:
        Identity.objects.bulk_create(
            (
                Identity(
                    company_id=company, customer_id=customer, kind=kind.value, value=value, written=words
                )
                for kind, value, words in identities
            ),
            ignore_conflicts=True,
        )
        theirs = Identity.objects.filter(customer=customer, value__in=[value for _k, value, _w in identities])
        recall_refusals(customer, company=company, addresses=theirs.values_list("kind", "value"), by=by)


def _set_fields(customer: Customer, fields: Mapping[str, str], *, by: Actor) -> None:
    unseen = _unseen(customer.company_id, by)
    for name, value in fields.items():
        kept = _KEPT_WITH.get(name, name) in unseen
        if kept and customer.pk is not None:
            _note_change(customer, _KEPT_WITH.get(name, name), by=by)
        if name not in EDITABLE or kept:
            raise Refused(_("This field cannot be changed here."), field=name)
        value = _former(value) if name == "former_names" else value
        setattr(customer, name, blot_card_numbers(clean(value)).strip())
    customer.full_clean()


def _former(written: str) -> str:
    """Former names as they are kept: a line each, none twice. Raises Refused for too many or too long ones."""
    names = list(dict.fromkeys(filter(None, (one_line(line) for line in clean(written).split("\n")))))
    if len(names) > MOST_FORMER_NAMES or any(len(name) > 200 for name in names):
        raise Refused(
            _("Write ten former names at most, one a line, of 200 letters each."), field="former_names"
        )
    return "\n".join(names)


def _put_in_order(
    customer: Customer, kind: IdentityKind, written: Sequence[str], *, field: str, by: Actor
) -> bool:
    """Make these the addresses of a kind; whether anything is other than before. The first that was entered is the
    main one, so whatever comes to stand behind a new one is entered anew, with what is known of it.
    """
    if kind in _unseen(customer.company_id, by):
        _note_change(customer, kind.value, by=by)
    _require_whole(customer.company_id, kind, field=field, by=by)
    had = {i.value: i for i in Identity.objects.filter(customer=customer, kind=kind.value).order_by("id")}
    values = list({canonical(kind, one)[:254]: one for one in written})
    as_written = {canonical(kind, one)[:254]: one_line(one, most=254) for one in written}
    same = 0
    for before, value in zip(had, values, strict=False):
        if before != value or had[value].written != as_written[value]:
            break
        same += 1
    if same == len(had) == len(values):
        return False
    lost = [(kind.value, value) for value in had if value not in values]
    keep_refusals([customer.pk], company=customer.company_id, of=lost)
    Identity.objects.filter(pk__in=[had[value].pk for value in list(had)[same:]]).delete()
    _add_identities(customer, kind, [as_written[value] for value in values[same:]], field=field, by=by)
    if len(values) > MOST_ADDRESSES:
        raise Refused(_("A customer has 20 addresses of a kind at most."), field=field)
    for value in values[same:]:
        if value in had and (had[value].undeliverable_at or had[value].verified_how):
            _mark_again(had[value])
    return True


def _require_whole(company: int, kind: IdentityKind, *, field: str, by: Actor) -> None:
    """Who is kept from such addresses enters none: that one is taken would tell them whose it is."""
    if kind in _unseen(company, by):
        raise Refused(_("This field cannot be changed here."), field=field)


def _unseen(company: int, by: Actor) -> frozenset[str]:
    its = by.data_scope(company=company)
    return its.masked | its.hidden


def _note_change(customer: Customer, field: str, *, by: Actor) -> None:
    note_attempt(company=customer.company_id, customer=customer.pk, field=field, way=Way.CHANGE, by=by)


def _mark_again(was: Identity) -> None:
    rows = Identity.objects.filter(company_id=was.company_id, kind=was.kind, value=was.value)
    known = ("undeliverable_at", "undeliverable_why", "verified_how", "verified_at", "verified_by")
    rows.update(**{name: getattr(was, name) for name in known})


def _add_identities(
    customer: Customer, kind: IdentityKind, written: Sequence[str], *, field: str, by: Actor
) -> None:
    if written:
        note_lookups({kind: [canonical(kind, one)[:254] for one in written]}, actor=by)
        _require_whole(customer.company_id, kind, field=field, by=by)
    if len(written) > MOST_ADDRESSES:
        raise Refused(_("A customer has 20 addresses of a kind at most."), field=field)
    if any(is_card_number(one) for one in written):
        raise Refused(_("This is a card number, which must not be kept."), field=field)
    rows = {canonical(kind, one)[:254]: one_line(one, most=254) for one in written}
    if kind == IdentityKind.MEMBER and "" in rows:
        raise Refused(_("A member number has letters or digits."), field=field)
    with unique(_("A customer of this company has this address already."), field=field):
        Identity.objects.bulk_create(
            Identity(
                company_id=customer.company_id, customer=customer, kind=kind.value, value=value, written=words
            )
            for value, words in rows.items()
        )
    known = [(kind.value, value) for value in rows]
    recall_refusals(customer.pk, company=customer.company_id, addresses=known, by=by)


def _any_desk(by: Actor, company: int) -> int | None:
    """One of the actor's desks in the company: customers belong to all desks of their company."""
    return next((g.desk for g in by.grants if g.company == company), None)


@transaction.atomic
def mark_undeliverable(*, company: int, address: str, status: str, why: str, by: Actor) -> None:
    """Remember that mail to an address comes back, until somebody writes from it. An unknown one is let be."""
    mail = Identity.objects.select_for_update().filter(company_id=company, kind=IdentityKind.EMAIL)
    identity = mail.filter(value=canonical(IdentityKind.EMAIL, address)[:254]).first()
    if identity is None or identity.undeliverable_at is not None:
        return
    identity.undeliverable_at, identity.undeliverable_why = clock.now(), one_line(why, most=1000)
    identity.save(update_fields=["undeliverable_at", "undeliverable_why"])
    fact = AddressUndeliverable(
        company=company, customer=identity.customer_id, identity=identity.pk, status=status
    )
    record(fact, by=by)


def _reachable(customer: int, company: int, kind: IdentityKind, value: str, *, by: Actor) -> None:
    marked = Identity.objects.filter(customer=customer, kind=kind.value, value=value)
    marked.update(undeliverable_at=None, undeliverable_why="")
    record(AddressReachable(company=company, customer=customer), by=by)


def _behind(company: int, kind: IdentityKind, value: str) -> tuple[int, str, bool] | None:
    row = fetch_one(_BEHIND, [company, kind.value, value])
    return (row[0], row[1], row[2]) if row else None


def _name_of(party: Party) -> str:
    """What somebody calls themselves; nothing where an address stands in place of a name."""
    return "" if holds_address(party.name) else one_line(party.name, most=200)


def _wrote_again(
    known: tuple[int, str, bool], company: int, kind: IdentityKind, value: str, name: str, *, by: Actor
) -> None:
    customer, known_name, undeliverable = known
    if undeliverable:
        _reachable(customer, company, kind, value, by=by)
    if name and not known_name:
        Customer.objects.filter(pk=customer, name="").update(name=name)


def _create(
    company: int, kind: IdentityKind, value: str, party: Party, language: str, *, by: Actor
) -> tuple[int, bool]:
    """The customer's id, and whether they are new."""
    values = {
        "company": company,
        "name": _name_of(party),
        "language": language,
        "now": clock.now(),
        "kind": kind.value,
        "value": value,
        "written": one_line(party.address, most=254),
    }
    [(customer, kept, refusals)] = fetch_all(_CREATE, values)
    if kept is None:
        # Somebody else made this customer in the same moment; ours has no address yet and may go.
        Customer.objects.filter(pk=customer).delete()
        found = _behind(company, kind, value)
        assert found is not None, "an identity that conflicts exists"
        return found[0], False
    record(CustomerCreated(company=company, customer=customer), by=by)
    if refusals:
        recall_refusals(customer, company=company, addresses=[(kind.value, value)], by=by)
    return customer, True
