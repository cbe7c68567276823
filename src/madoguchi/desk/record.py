"""The record of a case's customer as it is changed on one page: names, numbers and addresses that this reader sees."""

import hashlib
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from madoguchi.cases.actions.sure import sure_of_addresses
from madoguchi.cases.models import Case
from madoguchi.customers.actions import change_customer, set_addresses, set_places
from madoguchi.customers.models import Customer
from madoguchi.customers.places import places_shown
from madoguchi.customers.queries import CustomerView, view_of
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Refused

# Under which field of the data scope each stands.
_KEPT_WITH = {
    "name": "name",
    "former_names": "name",
    "kana": "kana",
    "members": "member",
    "phones": "phone",
    "emails": "email",
    "address": "address",
    "places": "address",
}
_SEVERAL = ("members", "phones", "emails")


def _lines(label: Any, help_text: Any = "") -> forms.CharField:
    several = forms.Textarea(attrs={"rows": 2})
    return forms.CharField(label=label, required=False, max_length=6_000, widget=several, help_text=help_text)


class RecordForm(forms.Form):
    """What is known of a customer, without what is kept from whoever looks; several of a kind stand a line each.

    `as_read` says what stood there when the page was made, so that nobody undoes what somebody else wrote meanwhile.
    """

    name = forms.CharField(label=gettext_lazy("Name"), required=False, max_length=200)
    keep_name = forms.BooleanField(
        label=gettext_lazy("The name so far becomes a former name, if it is another one"), required=False
    )
    former_names = _lines(
        gettext_lazy("Former names"),
        gettext_lazy(
            "A name before a marriage, or of a firm before it took another. One a line; it is found by them."
        ),
    )
    kana = forms.CharField(label=gettext_lazy("Reading"), required=False, max_length=200)
    members = _lines(
        gettext_lazy("Member numbers"),
        gettext_lazy("One a line. Hyphens, blanks, width and case do not matter."),
    )
    phones = _lines(gettext_lazy("Phone numbers"), gettext_lazy("One a line, the main one first."))
    emails = _lines(gettext_lazy("Mail addresses"), gettext_lazy("One a line, the main one first."))
    address = forms.CharField(
        label=gettext_lazy("Postal address"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("With the postal code. 1丁目2番3号 and 1-2-3 are taken for the same."),
    )
    places = _lines(
        gettext_lazy("Other postal addresses"),
        gettext_lazy("One a line: where goods go, where they lived. Several customers may have the same."),
    )
    as_read = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, seen: CustomerView, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        kept = seen.masked | seen.hidden
        for name, scope in _KEPT_WITH.items():
            if scope in kept:
                del self.fields[name]
        if "name" not in self.fields:
            del self.fields["keep_name"]

    def clean_emails(self) -> str:
        """Refuses the first line that is no mail address."""
        for one in _in_lines(self.cleaned_data["emails"]):
            try:
                validate_email(one)
            except ValidationError:
                raise ValidationError(
                    _("“%(address)s” is no mail address.") % {"address": one[:100]}
                ) from None
        return str(self.cleaned_data["emails"])


def record_form(customer: Customer, data: Mapping[str, Any] | None = None, *, actor: Actor) -> RecordForm:
    """The form with what stands there, or what was typed into it."""
    seen = view_of(customer, actor=actor)
    said = _said(seen, _places(customer, actor))
    return RecordForm(data, seen=seen, initial=said | {"as_read": _mark_of(said)})


def _mark_of(said: Mapping[str, str]) -> str:
    """A hash over all that is changed here, as it is seen."""
    return hashlib.sha256(repr(sorted(said.items())).encode()).hexdigest()[:16]


def _places(customer: Customer, actor: Actor) -> list[str]:
    return [seen for _one, seen in places_shown(customer, actor=actor)]


@transaction.atomic
def keep_record(customer: Customer, form: RecordForm, *, case: Case, because: str = "", by: Actor) -> bool:
    """Keep what was typed where it is other than what stands there; whether anything was. Raises Refused where somebody
    else changed the record since the page was read, Unsure where less was checked in the case than addresses want, and
    as `change_customer` and `set_addresses`.
    """
    held = Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    said = _said(view_of(held, actor=by), _places(held, by))
    if form.cleaned_data["as_read"] != _mark_of(said):
        words = _(
            "Somebody else changed this record meanwhile. Look at it beside this page, and type it in once more."
        )
        raise Refused(words)
    typed = {name: form.cleaned_data[name] for name in _KEPT_WITH if name in form.fields}
    if (
        form.cleaned_data.get("keep_name")
        and said["name"]
        and typed["name"].strip() not in ("", said["name"])
    ):
        typed["former_names"] = f"{typed['former_names']}\n{said['name']}"
    new = {name: value for name, value in typed.items() if _in_lines(value) != _in_lines(said[name])}
    fields = {name: value for name, value in new.items() if name not in (*_SEVERAL, "places")}
    addresses = {name: _in_lines(new[name]) for name in _SEVERAL if name in new}
    with sure_of_addresses(held, new, case=case, because=because, by=by):
        if fields:
            change_customer(held, by=by, **fields)
        if addresses:
            set_addresses(held, by=by, **addresses)
        if "places" in new:
            set_places(held, written=_in_lines(new["places"]), by=by)
    return bool(new)


def _said(seen: CustomerView, places: list[str]) -> dict[str, str]:
    return {
        "name": seen.name,
        "former_names": "\n".join(seen.former_names),
        "kana": seen.kana,
        "members": "\n".join(seen.members),
        "phones": "\n".join(seen.phones),
        "emails": "\n".join(seen.emails),
        "address": seen.address,
        "places": "\n".join(places),
    }


def _in_lines(written: str) -> list[str]:
    return list(filter(None, (line.strip() for line in written.splitlines())))
