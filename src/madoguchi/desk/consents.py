"""What the customer of a case has said about being turned to: as it is shown, and as it is typed."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from madoguchi.customers.actions import Said, write_consent
from madoguchi.customers.consenting import Stand, history_of, stands_of, words_in_force
from madoguchi.customers.models import Consent, ConsentWords, Customer, Purpose, Way
from madoguchi.kernel.actor import Actor


class ConsentForm(forms.Form):
    """One thing that a customer said."""

    given = forms.ChoiceField(
        label=_("What they said"),
        choices=[("yes", _("They consent")), ("no", _("They refuse, or withdraw their consent"))],
        widget=forms.RadioSelect,
    )
    purpose = forms.ChoiceField(label=_("What for"), choices=Purpose.choices)
    ways = forms.MultipleChoiceField(
        label=_("By which ways"), choices=Way.choices, widget=forms.CheckboxSelectMultiple
    )
    how = forms.ChoiceField(label=_("How they said it"), choices=Consent.How.choices)
    day = forms.DateField(
        label=_("On which day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Empty: today."),
    )
    note = forms.CharField(label=_("Remark"), required=False, max_length=300)


@dataclass(frozen=True, slots=True)
class Purposely:
    """One purpose: how it stands with each way, and the words to read to the customer."""

    called: str
    stands: list[Stand]
    words: ConsentWords | None


@dataclass(frozen=True, slots=True)
class Consents:
    """All that a customer has said, by purpose and in the order of time; whether their data is used at all."""

    purposes: list[Purposely]
    history: list[Consent]
    stopped: bool
    shows_notes: bool


def consents_of(customer: Customer, *, actor: Actor) -> Consents:
    """What a customer has said; remarks are kept from those from whom the memo is. Three queries."""
    unseen = actor.data_scope(company=customer.company_id)
    stands, words = stands_of(customer.pk), words_in_force(customer.company_id)
    purposes = [
        Purposely(str(one.label), [s for s in stands if s.purpose == one], words.get(one.value))
        for one in Purpose
    ]
    return Consents(
        purposes,
        history_of(customer.pk),
        stopped=customer.use_stopped_at is not None,
        shows_notes="memo" not in unseen.masked | unseen.hidden,
    )


def written(customer: Customer, said: dict[str, Any], *, by: Actor) -> list[Consent]:
    """Write down what was typed. Raises as `write_consent`."""
    ways = tuple(said.pop("ways"))
    return write_consent(customer, Said(**said | {"ways": ways, "given": said["given"] == "yes"}), by=by)
