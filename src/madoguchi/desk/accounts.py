"""The account of a case's customer: its rank, and who is told at once of severe trouble there, a line each."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from madoguchi.cases.models import Case
from madoguchi.customers.account import Alerted, Part, accounts_of, alerted_of
from madoguchi.customers.models import Customer
from madoguchi.escalations.accounts import keep_account
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import NotFound, Refused


class AccountForm(forms.Form):
    """Rank, and people with their mail addresses by what they answer for."""

    rank = forms.ChoiceField(
        label=gettext_lazy("Rank of the account"),
        choices=Customer.Rank.choices,
        required=False,
        help_text=gettext_lazy("Service levels can be chosen by it."),
    )
    sales = forms.CharField(
        label=gettext_lazy("Sales in charge"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("A name and a mail address a line, such as 山本 健 yamamoto@maker.example"),
    )
    development = forms.CharField(
        label=gettext_lazy("Developers in charge"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "As above. Whoever works at this desk gets the bell, everybody else a message slip."
        ),
    )

    def __init__(self, data: Any = None, *, account: Customer) -> None:
        there = alerted_of(account)
        initial = {
            part.value: "\n".join(f"{one.name} {one.address}" for one in there if one.part == part)
            for part in Part
        }
        super().__init__(data, initial={"rank": account.rank, **initial})

    def alerted(self) -> Iterator[Alerted]:
        """Whom the lines name. A line without a space is an address alone."""
        for part in Part:
            for line in filter(None, map(str.strip, self.cleaned_data[part.value].splitlines())):
                name, _space, address = line.replace("\u3000", " ").rpartition(" ")
                yield Alerted(part, name.strip() or address, address)


def the_account(case: Case, pk: int) -> Customer:
    """An account of the customer of a case. Raises NotFound. One query."""
    found = next((one for one in accounts_of(case.customer_id) if one.pk == pk), None)
    if found is None:
        raise NotFound(pk)
    return found


def kept(form: AccountForm, case: Case, account: Customer, *, by: Actor) -> bool:
    """Whether it could be kept; why not stands in the form. A line that is wrong is named."""
    try:
        keep_account(case, account, rank=form.cleaned_data["rank"], alerted=list(form.alerted()), by=by)
    except Refused as error:
        form.add_error("rank" if error.field == "rank" else None, str(error))
    return not form.errors
