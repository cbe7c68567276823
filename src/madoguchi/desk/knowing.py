"""What is worth knowing about the customer of a case: as it is shown, and as it is typed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from madoguchi.cases.models import Case
from madoguchi.customers.actions import MOST_LETTERS, change_customer, write_note
from madoguchi.customers.models import Customer, CustomerNote, Way
from madoguchi.customers.notes import ended_notes_of, notes_of, shows_notes
from madoguchi.customers.policies import may_note
from madoguchi.kernel.actor import Actor

# What stands beside a case before "all of them".
FIRST = 4
WISHES = ("pace", "detail", "prefers")


@dataclass(frozen=True, slots=True)
class Knowing:
    """How a customer wishes to be spoken with, what is noted of them (`more`: how many are not shown here), what was
    taken away lately, and whether this reader may write.
    """

    wishes: Sequence[str] = ()
    notes: Sequence[CustomerNote] = ()
    more: int = 0
    ended: Sequence[CustomerNote] = ()
    may: bool = False


class NoteForm(forms.Form):
    """One thing to note. What it is about is not chosen beforehand."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Kind of note"),
        choices=CustomerNote.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what it is about.")},
    )
    text = forms.CharField(
        label=gettext_lazy("What is worth knowing"),
        max_length=MOST_LETTERS,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("What they said or did, as they may read it: they can have it disclosed."),
    )
    until = forms.DateField(
        label=gettext_lazy("Holds until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("Nobody is shown it after that day. Empty: for a year."),
    )
    sure = forms.BooleanField(label=gettext_lazy("It is needed: keep it all the same"), required=False)

    def __init__(self, data: Any = None, *, asks: bool = False) -> None:
        super().__init__(data)
        if not asks:
            self.fields["sure"].widget = forms.HiddenInput()


class WishesForm(forms.Form):
    """How they wish to be spoken with, and by which way they would rather be reached."""

    pace = forms.ChoiceField(
        label=gettext_lazy("How fast to speak"), choices=Customer.Pace.choices, required=False
    )
    detail = forms.ChoiceField(
        label=gettext_lazy("How much to explain"), choices=Customer.Detail.choices, required=False
    )
    prefers = forms.ChoiceField(
        label=gettext_lazy("Would rather be reached by"),
        choices=[("", gettext_lazy("No wish")), *Way.choices],
        required=False,
    )


def wishes_form_of(customer: Customer) -> WishesForm:
    """The form of their wishes as they stand."""
    return WishesForm(initial={name: getattr(customer, name) for name in WISHES})


def wishes_in_words(customer: Customer) -> list[str]:
    """What a customer wishes, in words; nothing where they wish for nothing."""
    words = [str(customer.get_pace_display()) if customer.pace else ""]
    words += [str(customer.get_detail_display()) if customer.detail else ""]
    if customer.prefers:
        words.append(_("Rather by %(way)s") % {"way": customer.get_prefers_display()})
    return [one for one in words if one]


def knowing_of(customer: Customer, *, actor: Actor, most: int | None = FIRST, ended: bool = False) -> Knowing:
    """What is worth knowing about a customer, `most` notes of it. One query, with what was taken away two; none where
    notes are kept from the reader.
    """
    wishes = wishes_in_words(customer)
    if not shows_notes(actor, company=customer.company_id):
        return Knowing(wishes)
    found = notes_of(customer.pk)
    return Knowing(
        wishes,
        found[:most],
        len(found[most:]) if most else 0,
        ended_notes_of(customer.pk) if ended else (),
        may_note(actor, company=customer.company_id),
    )


def write_typed(case: Case, said: dict[str, Any], *, by: Actor) -> CustomerNote:
    """Write down what was typed at a case. Raises as `write_note`."""
    return write_note(case.customer, case=case.pk, by=by, **said)


def keep_wishes(customer: Customer, said: dict[str, str], *, by: Actor) -> None:
    """Keep how they wish to be spoken with. Raises as `change_customer`."""
    change_customer(customer, by=by, **{name: said[name] for name in WISHES})
