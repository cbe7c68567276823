"""The form of a token."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from madoguchi.administration.forms.parts import grouped_desks, offer
from madoguchi.administration.wording import permission_name
from madoguchi.companies.models import Desk
from madoguchi.kernel.actor import Permission
from madoguchi.people.actions.tokens import MOST_DAYS


class TokenForm(forms.Form):
    """What a program may, where, and for how long."""

    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("What it is for, so that it is known later.")
    )
    permissions = forms.TypedMultipleChoiceField(
        label=_("What it may do"),
        coerce=Permission,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Give it no more than the program needs. Your contract masks what it masks for you."),
    )
    desks = forms.TypedMultipleChoiceField(
        label=_("At which desks"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Desks of one company. Without any it reaches all that you reach. Customers belong to the company and not"
            " to a desk: a program that may read or edit customers reaches those of the whole company, whatever is"
            " ticked here."
        ),
    )
    days = forms.IntegerField(
        label=_("Valid for how many days"),
        min_value=1,
        max_value=MOST_DAYS,
        initial=90,
        help_text=_("At most 366. Then it ends by itself."),
    )

    def __init__(
        self, data: Any = None, *, held: Sequence[Permission], desks: Iterable[Desk], **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        offer(self.fields["permissions"], [(each.value, permission_name(each)) for each in held])
        offer(self.fields["desks"], grouped_desks(desks))
