"""The audit log."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from io import SEEK_END, StringIO
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from madoguchi.administration import audit
from madoguchi.administration.forms import choose_from, date_input, offer
from madoguchi.administration.history import HEADS, Line, history, write_csv, write_json_lines
from madoguchi.administration.pages.frame import show
from madoguchi.cases.actions import note_audit_download, note_look, note_look_at_customer
from madoguchi.cases.queries import case_by_number
from madoguchi.companies.models import Company
from madoguchi.customers.queries import customer_by_id
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.case_number import read_case_number
from madoguchi.kernel.errors import Refused
from madoguchi.people.access import StaffRequest, requires

MOST = 50_000


class FilterForm(forms.Form):
    """What to narrow the log to."""

    company: "forms.ModelChoiceField[Company]" = forms.ModelChoiceField(
        None, label=_("Company"), required=False, empty_label=_("All")
    )
    kind = forms.ChoiceField(label=_("What happened"), required=False)
    who = forms.CharField(label=_("Who"), required=False, max_length=100)
    since = forms.DateField(label=pgettext_lazy("date", "From"), required=False, widget=date_input())
    until = forms.DateField(label=pgettext_lazy("date", "Until"), required=False, widget=date_input())

    def __init__(self, *args: Any, reader: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_from(self.fields["company"], Company.objects.order_by("name"))
        offer(self.fields["kind"], [("", _("Everything")), *audit.kinds_in_words(reader)])

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
    form = FilterForm(request.GET, reader=request.actor)
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


@require_safe
@requires(Permission.AUDIT)
def audit_download(request: StaffRequest) -> HttpResponse:
    """All that the filter finds, or all that happened to a case or a customer, as a table or as JSON Lines.

    Like a look, it leaves its trace although it is asked for by a link: what was asked for changes nothing by it.
    """
    wanted = _of_one(request, FilterForm(request.GET, reader=request.actor).wanted())
    rows = _no_more_than_fit(audit.events_wanted(request.actor, wanted))
    form, counts = "jsonl" if request.GET.get("as") == "jsonl" else "csv", audit.counted(rows)
    about = request.GET["case"] if wanted.case else ""
    file = _file(history(rows, reader=request.actor), form, about=about)
    said, customer = _said(request, wanted), wanted.customer
    note_audit_download(counts, form=form, wanted=said, customer=customer, by=request.actor)
    return file


def _no_more_than_fit(rows: QuerySet[Event]) -> QuerySet[Event]:
    """The same events. Raises Refused where they are too many for one file."""
    if rows.order_by()[: MOST + 1].count() > MOST:
        raise Refused(
            gettext("These are more than 50,000 events. Narrow them down by dates and take them in parts.")
        )
    return rows


def _file(lines: Iterator[Line], form: str, *, about: str) -> HttpResponse:
    """Lines as a file, called by its case and the day; tables begin with the mark by which spreadsheets know UTF-8."""
    as_table = form == "csv"
    text = StringIO("\ufeff" if as_table else "", newline="")
    text.seek(0, SEEK_END)
    if as_table:
        write_csv(lines, text, heads=HEADS)
    else:
        write_json_lines(lines, text)
    kind = "text/csv" if as_table else "application/jsonl"
    response = HttpResponse(text.getvalue(), content_type=f"{kind}; charset=utf-8")
    number, today = read_case_number(about), clock.now().astimezone(clock.TOKYO)
    name = "-".join(["history", *([f"{number.prefix}-{number.count}"] if number else []), f"{today:%Y%m%d}"])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response


def _said(request: StaffRequest, wanted: audit.Filter) -> dict[str, str]:
    """What was asked for, as the log keeps it; a case by its number. Whose events they are, each event says itself."""
    said = {
        n: str(value) for n, value in asdict(wanted).items() if value and n not in ("company", "customer")
    }
    return said | ({"case": request.GET["case"]} if wanted.case else {})


def _of_one(request: StaffRequest, wanted: audit.Filter) -> audit.Filter:
    """The filter for one case or customer where the address names one; who sees them is kept. Raises NotFound."""
    number, customer = request.GET.get("case", ""), request.GET.get("customer", "")
    if number:
        case = case_by_number(number, actor=request.actor)
        note_look(case, by=request.actor)
        return replace(wanted, case=case.pk)
    if customer.isascii() and customer.isdigit():
        found = customer_by_id(int(customer), actor=request.actor)
        note_look_at_customer(found.pk, by=request.actor)
        return replace(wanted, customer=found.pk)
    return wanted
