"""The audit log."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from madoguchi.administration import audit
from madoguchi.administration.forms import choose_from, date_input, offer
from madoguchi.administration.pages.frame import show
from madoguchi.companies.models import Company
from madoguchi.kernel.actor import Permission
from madoguchi.people.access import StaffRequest, requires


class FilterForm(forms.Form):
    """What to narrow the log to."""

    company: "forms.ModelChoiceField[Company]" = forms.ModelChoiceField(
        None, label=_("Company"), required=False, empty_label=_("All")
    )
    kind = forms.ChoiceField(label=_("What happened"), required=False)
    who = forms.CharField(label=_("Who"), required=False, max_length=100)
    since = forms.DateField(label=pgettext_lazy("date", "From"), required=False, widget=date_input())
    until = forms.DateField(label=pgettext_lazy("date", "Until"), required=False, widget=date_input())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_from(self.fields["company"], Company.objects.order_by("name"))
        offer(self.fields["kind"], [("", _("Everything")), *audit.kinds_in_words()])

    def wanted(self) -> audit.Filter:
        """The filter; what was typed wrongly does not narrow."""
        self.full_clean()
        given = self.cleaned_data
        company = given.get("company")
        return audit.Filter(
            company=company.pk if company else None,
            kind=given.get("kind", ""),
            who=given.get("who", ""),
            since=given.get("since"),
            until=given.get("until"),
        )


@require_safe
@requires(Permission.AUDIT)
def audit_log(request: StaffRequest) -> HttpResponse:
    """Events of the actor's companies and desks, newest first, fifty at a time."""
    form = FilterForm(request.GET)
    before = request.GET.get("before", "")
    found = audit.page(
        request.actor, form.wanted(), before=int(before) if before.isascii() and before.isdigit() else None
    )
    narrowed = any(request.GET.get(name) for name in form.fields)
    context: dict[str, Any] = {
        "form": form,
        "found": found,
        "sealed_at": audit.sealed_at(),
        "narrowed": narrowed,
    }
    return show(request, "audit", section="audit", **context)
