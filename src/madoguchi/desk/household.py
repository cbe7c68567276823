"""The household or firm of a case's customer: who belongs to it, as the reader may see them, and forms to say more."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from madoguchi.cases.actions import note_list
from madoguchi.cases.models import Case
from madoguchi.cases.queries import visible
from madoguchi.customers.belonging import belongings_of, count_in, groups_of, people_in
from madoguchi.customers.models import Belonging, Customer
from madoguchi.customers.policies import may_join
from madoguchi.customers.queries import CustomerView, show, views_of
from madoguchi.customers.unmasking import scopes_for
from madoguchi.desk.one_person import Record, found, note_asked
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Refused

_MOST_TYPED = 100


@dataclass(frozen=True, slots=True)
class Fellow:
    """Somebody in a household or firm: which row says so, as what, and their last case that this reader may read."""

    belonging: int
    person: CustomerView
    role: str
    last: tuple[str, Case] | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A household or firm to which the customer belongs, and the others in it."""

    belonging: int
    group: CustomerView
    sort: str
    role: str
    others: Sequence[Fellow]
    rank: str


@dataclass(frozen=True, slots=True)
class Household:
    """What the customer is, to what they belong, who belongs to them, what was `found`, and whether this reader may
    say more.
    """

    person: CustomerView
    sort: str
    groups: Sequence[Group]
    people: Sequence[Fellow]
    q: str
    found: Sequence[Record]
    may: bool


@dataclass(frozen=True, slots=True)
class _Seen:
    """All who are shown, as the reader may see them, and the last case of each."""

    people: dict[int, CustomerView]
    last: dict[int, tuple[str, Case]]


class NewGroupForm(forms.Form):
    """A household or firm that has no record yet."""

    sort = forms.ChoiceField(
        label=gettext_lazy("Household or firm"),
        choices=[one for one in Customer.Sort.choices if one[0]],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose whether it is a household or a firm.")},
    )
    name = forms.CharField(
        label=gettext_lazy("What it is called"),
        max_length=200,
        error_messages={"required": gettext_lazy("Write what it is called.")},
    )
    role = forms.CharField(
        label=pgettext_lazy("in a household or firm", "As what"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("Such as 代表者, 購買担当 or 母. May be empty."),
    )


class SortForm(forms.Form):
    """Whether the record is of a person, a household or a firm."""

    sort = forms.ChoiceField(
        label=gettext_lazy("The record is of"),
        choices=Customer.Sort.choices,
        widget=forms.RadioSelect,
        required=False,
    )


def household_of(case: Case, *, q: str = "", actor: Actor) -> Household:
    """All of it. Raises Refused for a search that finds nobody fit. Five queries at most, one of them to keep who was
    shown, however many are; one more where anything is kept from the reader. Those of a search come on top.
    """
    customer = case.customer
    groups, people = belongings_of(customer.pk)
    inside = people_in([row.group_id for row in groups])
    shown = {row.customer_id: row.customer for row in chain(people, *inside.values())}
    note_list(customers={*shown, *(row.group_id for row in groups)}, by=actor)
    every = [customer, *shown.values(), *(row.group for row in groups)]
    seen = _Seen(views_of(every, actor=actor), _last_cases(shown.keys() - {customer.pk}, actor=actor))
    may = may_join(actor, company=case.company_id)
    if q and not may:
        note_asked(q, actor=actor)
    return Household(
        person=seen.people[customer.pk],
        sort=str(customer.get_sort_display()),
        groups=[_group(row, inside.get(row.group_id, ()), seen) for row in groups],
        people=[_fellow(row, seen) for row in people],
        q=q,
        found=_fitting(customer, q, actor=actor) if q and may else (),
        may=may,
    )


def groups_in_words(customer: Customer, *, actor: Actor) -> tuple[list[str], int]:
    """To what a customer belongs, as it stands beside a case, and how many belong to them: a person belongs, to all
    else people do. One query, one more where anything is kept from the reader of a person who belongs somewhere.
    """
    if customer.sort:
        return [], count_in(customer.pk)
    groups = groups_of(customer.pk)
    scopes = scopes_for([row.group for row in groups], actor=actor)
    words = []
    for row in groups:
        name = show(row.group.name, "name", scopes[row.group_id]) or str(row.group.get_sort_display())
        said = _("%(name)s (%(role)s)") % {"name": name, "role": row.role} if row.role else name
        rank = row.group.rank
        words.append(_("%(account)s, rank %(rank)s") % {"account": said, "rank": rank} if rank else said)
    return words, 0


def asked_for(written: str) -> str:
    """What somebody looks for, as it is looked for."""
    return " ".join(written[:_MOST_TYPED].split())


def _fitting(customer: Customer, q: str, *, actor: Actor) -> list[Record]:
    wants_group = not customer.sort
    records = [one for one in found(q, beside=customer, actor=actor) if bool(one.person.sort) == wants_group]
    if not records:
        words = _("No household or firm has “%(words)s”.") if wants_group else _("No person has “%(words)s”.")
        raise Refused(words % {"words": q}, field="q")
    return records


def _group(row: Belonging, inside: Sequence[Belonging], seen: _Seen) -> Group:
    others = [_fellow(one, seen) for one in inside if one.customer_id != row.customer_id]
    return Group(
        row.pk, seen.people[row.group_id], str(row.group.get_sort_display()), row.role, others, row.group.rank
    )


def _fellow(row: Belonging, seen: _Seen) -> Fellow:
    return Fellow(row.pk, seen.people[row.customer_id], row.role, seen.last.get(row.customer_id))


def _last_cases(customers: Iterable[int], *, actor: Actor) -> dict[int, tuple[str, Case]]:
    """The newest case of each that the reader may read, with its number. One query."""
    rows: Any = visible(actor).filter(customer__in=list(customers)).select_related("company")
    newest = rows.order_by("customer_id", "-opened_at", "-pk").distinct("customer_id")
    return {case.customer_id: (case.spoken_number(case.company.prefix), case) for case in newest}
