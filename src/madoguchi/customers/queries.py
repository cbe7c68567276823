"""A customer as this or that person may see them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from madoguchi.customers.blots import memos_of
from madoguchi.customers.lookups import note_lookups
from madoguchi.customers.models import Customer, Identity, Join
from madoguchi.customers.unmasking import scope_for, scopes_for
from madoguchi.infra.prepared_query import PreparedQuery, Slot
from madoguchi.kernel.actor import Actor, DataScope, Permission
from madoguchi.kernel.errors import NotFound
from madoguchi.kernel.identity import IdentityKind, canonical, holds_address, is_address

DOT = "•"
_APART = r"@\s<>()\[\],;:\"、。，（）「」『』【】＜＞：；"
_WITHIN_TEXT = re.compile(rf"[^{_APART}]+@[^{_APART}]+")
_MAIL_ADDRESS = re.compile(r"([^@\s]+)@[^@\s]+\.([A-Za-z]{2,20})")

_IDENTITIES = PreparedQuery(
    lambda: Identity.objects.filter(customer=Slot("customer")).select_related("verified_by").order_by("id")
)


@dataclass(frozen=True, slots=True)
class Undeliverable:
    """An address of the customer to which mail comes back, since when, and what the server said."""

    address: str
    since: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Address:
    """A mail address, a phone number or a member number of the customer as this reader sees it, and how we know that it
    is theirs: a value, in words, since when, and who made sure. All empty where nobody has.
    """

    id: int
    kind: str
    written: str
    verified_how: str = ""
    how_in_words: str = ""
    verified_at: datetime | None = None
    verified_by: str = ""


@dataclass(frozen=True, slots=True)
class CustomerView:
    """A customer with what the reader's data scope masks masked, and what it hides empty. `addresses` are mails,
    phones and member numbers again, with how sure each is.
    """

    id: int
    name: str
    kana: str
    emails: tuple[str, ...]
    phones: tuple[str, ...]
    address: str
    memo: str
    masked: frozenset[str]
    hidden: frozenset[str]
    undeliverable: tuple[Undeliverable, ...] = ()
    addresses: tuple[Address, ...] = ()
    members: tuple[str, ...] = ()
    former_names: tuple[str, ...] = ()
    sort: str = ""


def view_of(customer: Customer, *, actor: Actor) -> CustomerView:
    """The customer through the actor's data scope, with what is shown to them for now. One query, for the identities;
    where anything is kept from them, one more, and another two where there is a memo.
    """
    identities = _IDENTITIES.rows({"customer": customer.pk})
    memo = memos_of([customer], actor=actor)[customer.pk]
    return _view(customer, identities, scope_for(customer, actor=actor), memo)


def views_of(customers: Iterable[Customer], *, actor: Actor) -> dict[int, CustomerView]:
    """The same of many, by their ids. One query, for the identities of all; where anything is kept from the actor, one
    more, and another two where there are memos.
    """
    every = {one.pk: one for one in customers}
    identities: dict[int, list[Identity]] = {pk: [] for pk in every}
    rows = Identity.objects.filter(customer__in=list(every)).select_related("verified_by").order_by("id")
    for one in rows:
        identities[one.customer_id].append(one)
    scopes, memos = scopes_for(every.values(), actor=actor), memos_of(every.values(), actor=actor)
    return {pk: _view(one, identities[pk], scopes[pk], memos[pk]) for pk, one in every.items()}


def _view(
    customer: Customer, identities: Sequence[Identity], data_scope: DataScope, memo: str
) -> CustomerView:
    def written(kind: IdentityKind, field: str) -> tuple[str, ...]:
        values = (i.written for i in identities if i.kind == kind)
        return tuple(v for v in (show(v, field, data_scope) for v in values) if v)

    return CustomerView(
        id=customer.pk,
        name=show(customer.name, "name", data_scope),
        kana=show(customer.kana, "kana", data_scope),
        emails=written(IdentityKind.EMAIL, "email"),
        phones=written(IdentityKind.PHONE, "phone"),
        address=show(customer.address, "address", data_scope),
        memo=show(memo, "memo", data_scope),
        masked=data_scope.masked,
        hidden=data_scope.hidden,
        undeliverable=tuple(_undeliverable(identities, data_scope)),
        addresses=tuple(_addresses(identities, data_scope)),
        members=written(IdentityKind.MEMBER, "member"),
        sort=customer.sort,
        former_names=tuple(
            filter(None, (show(one, "name", data_scope) for one in former_names_of(customer)))
        ),
    )


def former_names_of(customer: Customer) -> list[str]:
    """What a customer was called before, whole."""
    return customer.former_names.splitlines()


def customer_by_id(pk: int, *, actor: Actor) -> Customer:
    """A customer of a company for which the actor sees customers; of a record that was joined into another one, that.
    Raises NotFound.
    """
    found = Customer.objects.filter(pk=pk).select_related("joined_into").first()
    if found is None or not sees_customers(actor, company=found.company_id):
        raise NotFound(pk)
    return found.joined_into or found


def customers_by_ids(ids: Iterable[int], *, company: int) -> list[Customer]:
    """Records of a company that have not gone on in another one, the newest first. One query."""
    rows = Customer.objects.filter(company=company, pk__in=list(ids), joined_into=None)
    return list(rows.order_by("-pk"))


def join_by_id(pk: int, *, actor: Actor) -> Join:
    """That two records became one, in a company for which the actor sees customers. Raises NotFound."""
    found = Join.objects.filter(pk=pk).select_related("customer", "into").first()
    if found is None or not sees_customers(actor, company=found.company_id):
        raise NotFound(pk)
    return found


def joins_of(customer: int) -> list[Join]:
    """What was joined into a record and is still, the last first. One query."""
    rows = Join.objects.filter(into=customer, undone_at=None).select_related("customer", "user")
    return list(rows.order_by("-pk"))


def customers_reached_by(kind: IdentityKind, written: str, *, actor: Actor) -> list[Customer]:
    """The customers whom an address reaches, one of a company at most, where the actor may see such addresses whole:
    to find somebody by what one must not see would tell it, and is an attempt. One query; where such addresses are kept
    from the actor, one or two more.
    """
    note_lookups({kind: [canonical(kind, written)[:254]]}, actor=actor)
    companies = [
        company
        for company in actor.companies
        if sees_customers(actor, company=company) and kind not in _unseen(actor.data_scope(company=company))
    ]
    reached = {"identities__kind": kind.value, "identities__value": canonical(kind, written)[:254]}
    return list(Customer.objects.filter(company__in=companies, **reached).order_by("pk"))


def sees_customers(actor: Actor, *, company: int) -> bool:
    """Whether the actor sees customers of the company: they belong to all of its desks."""
    desks = {grant.desk for grant in actor.grants if grant.company == company}
    return any(actor.may(Permission.CUSTOMER_READ, company=company, desk=desk) for desk in desks)


def _unseen(data_scope: DataScope) -> frozenset[str]:
    return data_scope.masked | data_scope.hidden


def has_phone(customer: int, written: str) -> bool:
    """Whether this number, however it is written, stands in the customer's record."""
    value = canonical(IdentityKind.PHONE, written)[:254]
    return Identity.objects.filter(customer=customer, kind=IdentityKind.PHONE, value=value).exists()


def lines_of(ids: Iterable[int], *, actor: Actor | None) -> list[str]:
    """Customers in one line each, the newest first: names and how they are reached, as this person may see them.

    Without an actor it is the installation itself that looks, and sees all. Two queries.
    """
    found = Customer.objects.filter(pk__in=list(ids)).prefetch_related("identities").order_by("-pk")
    return [_line(c, actor.data_scope(company=c.company_id) if actor else DataScope()) for c in found]


def _line(customer: Customer, data_scope: DataScope) -> str:
    fields = [("name", customer.name), ("kana", customer.kana)]
    identities = sorted(customer.identities.all(), key=lambda identity: identity.pk)
    fields += [(i.kind, i.written) for i in identities if i.kind in (IdentityKind.EMAIL, IdentityKind.PHONE)]
    return " · ".join(seen for field, value in fields if (seen := show(value, field, data_scope)))


def _addresses(identities: Iterable[Identity], data_scope: DataScope) -> Iterator[Address]:
    for one in identities:
        shown = one.kind in (IdentityKind.EMAIL, IdentityKind.PHONE, IdentityKind.MEMBER)
        if shown and (written := show(one.written, one.kind, data_scope)):
            how = one.verified_how
            words = str(Identity.How(how).label) if how else ""
            who = one.verified_by.name if one.verified_by else ""
            yield Address(one.pk, one.kind, written, how, words, one.verified_at, who)


def _undeliverable(identities: Iterable[Identity], data_scope: DataScope) -> Iterator[Undeliverable]:
    """The server's words name the address, so they stay unseen where that does."""
    for identity in identities:
        if identity.undeliverable_at is not None:
            address = show(identity.written, "email", data_scope)
            why = identity.undeliverable_why if address == identity.written else ""
            yield Undeliverable(address, identity.undeliverable_at, why)


def show(value: str, field: str, data_scope: DataScope) -> str:
    """A value as the data scope lets it be seen: whole, masked, or not at all.

    A name that is a mail address is seen as mail addresses are; one that holds an address, as the name and they are.
    """
    fields = {field}
    if field == "name" and holds_address(value):
        fields = {"email"} if is_address(value) else {"name", "email"}
    if fields & data_scope.hidden:
        return ""
    return mask(value) if fields & data_scope.masked else value


def name_in_words(customer: Customer, *, actor: Actor) -> str:
    """Their name for what the actor sends them, who reads it there; nothing where it is kept from the actor."""
    name = customer.name
    return name if show(name, "name", scope_for(customer, actor=actor)) == name else ""


def with_addresses_shown(text: str, data_scope: DataScope) -> str:
    """A text with the mail addresses in it as the data scope lets them be seen."""
    return _WITHIN_TEXT.sub(lambda found: show(found.group(), "email", data_scope) or DOT, text)


def with_contacts_shown(text: str, data_scope: DataScope) -> str:
    """A text with the mail addresses and the phone numbers in it, however they are written, as the data scope lets them
    be seen. Numbers without an area or a country are taken for no phone.
    """
    text = with_addresses_shown(text, data_scope)
    if "phone" not in data_scope.masked | data_scope.hidden:
        return text
    from phonenumbers import PhoneNumberMatcher

    for found in reversed(list(PhoneNumberMatcher(text, "JP"))):
        seen = show(found.raw_string, "phone", data_scope) or DOT
        text = f"{text[: found.start]}{seen}{text[found.end :]}"
    return text


def mask(value: str) -> str:
    """The first letters and, of an address or a number, the end: enough to recognise, not to use.

    Never the whole: of a single letter, and of an address's part before the @, at least one stays unseen.
    """
    address = _MAIL_ADDRESS.fullmatch(value)
    if address:
        return f"{address[1][:-1][:2]}{DOT * 4}@{DOT * 4}.{address[2]}"
    if sum(c.isdigit() for c in value) >= 8:
        return f"{value[:3]}{DOT * 6}{value[-2:]}"
    return f"{value[:-1][:1]}{DOT * 4}" if value else ""
