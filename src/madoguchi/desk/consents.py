"""What the customer of a case has said about being turned to: as it is shown, and as it is typed."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from madoguchi.cases.models import Case
from madoguchi.customers.actions import Said, write_consent
from madoguchi.customers.actions.consent import HOW
from madoguchi.customers.consenting import Stand, bounds_of, history_of, stands_of, words_in_force
from madoguchi.customers.models import Consent, ConsentWords, Customer, Purpose, Way
from madoguchi.kernel.actor import Actor
from madoguchi.routing.policies import may_see_people


class ConsentForm(forms.Form):
    """One thing that a customer said. Nothing of it is chosen beforehand: it is a declaration of theirs."""

    given = forms.ChoiceField(
        label=_("What they said"),
        choices=[("yes", _("They consent")), ("no", _("They refuse, or withdraw their consent"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose whether they consent or refuse.")},
    )
    purpose = forms.ChoiceField(
        label=_("What for"),
        choices=Purpose.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what for.")},
    )
    ways = forms.MultipleChoiceField(
        label=_("By which ways"),
        choices=Way.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one way.")},
    )
    how = forms.ChoiceField(
        label=_("How they said it"),
        choices=[(value, label) for value, label in Consent.How.choices if value in HOW],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how they said it.")},
    )
    day = forms.DateField(
        label=_("On which day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Empty: today. Of what was said on one day a refusal counts."),
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
    """All that a customer has said, by purpose and in the order of time; what bounds there are to turning to them, in
    words; whether remarks are shown, and who of the desk wrote it down.
    """

    purposes: list[Purposely]
    history: list[Consent]
    stopped: bool
    bounds: str
    shows_notes: bool
    names_people: bool


def consents_of(case: Case, *, actor: Actor) -> Consents:
    """What the customer of a case has said; remarks are kept from those from whom the memo is, and the names of who
    wrote it down from those who direct nobody at the desk. Four queries.
    """
    customer = case.customer
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
        bounds=bounds_of(customer.use_stopped_at is not None, ()),
        shows_notes="memo" not in unseen.masked | unseen.hidden,
        names_people=may_see_people(actor, company=case.company_id, desk=case.desk_id),
    )


def written(customer: Customer, said: dict[str, Any], *, by: Actor) -> list[Consent]:
    """Write down what was typed. Raises as `write_consent`."""
    ways = tuple(said.pop("ways"))
    return write_consent(customer, Said(**said | {"ways": ways, "given": said["given"] == "yes"}), by=by)
