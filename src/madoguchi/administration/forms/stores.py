"""Forms of stores, and of what can be reserved there."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from madoguchi.administration.forms.calendars import CalendarForm, said_of_calendar
from madoguchi.administration.forms.parts import RowForm, choose_from
from madoguchi.companies.models import Company, EntryPoint
from madoguchi.kernel.hours import USUAL
from madoguchi.reservations.models import Resource, Store
from madoguchi.reservations.queries import calendar_of
from madoguchi.reservations.stores import BOUNDS, SaidOfStore


class StoreForm(CalendarForm):
    """A store and its hours, in the fields of every calendar."""

    version = None  # type: ignore[assignment]
    phone = forms.CharField(label=_("Phone number"), max_length=40, required=False)
    address = forms.CharField(label=_("Postal address"), max_length=200, required=False)
    email = forms.EmailField(
        label=_("Mail address"),
        required=False,
        help_text=_("Message slips for this store go there, without a supervisor’s consent to the address."),
    )
    entry_point: "forms.ModelChoiceField[EntryPoint]" = forms.ModelChoiceField(
        label=_("Number or address that leads to this store"),
        queryset=None,
        required=False,
        help_text=_("Who calls or writes there means this store."),
    )
    active = forms.BooleanField(label=_("It takes reservations"), required=False, initial=True)

    def __init__(self, data: Any = None, *, company: Company, store: Store | None) -> None:
        calendar = calendar_of(store) if store else USUAL
        said = said_of_calendar(store.name if store else "", calendar)
        names = ("phone", "address", "email", "entry_point", "active")
        super().__init__(data, initial=said | ({n: getattr(store, n) for n in names} if store else {}))
        choose_from(self.fields["entry_point"], EntryPoint.objects.filter(company=company))

    def said(self) -> SaidOfStore:
        """The store as the action takes it."""
        names = ("name", "phone", "address", "email", "entry_point", "active")
        return SaidOfStore(hours=self.written(), **{name: self.cleaned_data[name] for name in names})


class ResourceForm(RowForm):
    """What can be had, how many of it, and for how long."""

    class Meta:
        model = Resource
        fields = ("name", "kind", *BOUNDS, "check_in", "check_out", "active")
        help_texts = {
            "name": _("Such as fitting, table for four, twin room, repair visit."),
            "units": _("So many customers can have it at once."),
            "seats": _("For how many people one of it is."),
            "gap": _("For clearing up, or the way to the next customer."),
            "check_in": _("Of rooms alone."),
            "check_out": _("Of rooms alone."),
        }
        widgets = {
            name: forms.TimeInput(format="%H:%M", attrs={"type": "time"})
            for name in ("check_in", "check_out")
        }
