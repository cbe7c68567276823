"""Rules of retention: written, looked at beforehand, switched on by a second person, carried out and stopped."""

from collections.abc import Callable

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from madoguchi.administration.forms.rights import RetentionForm
from madoguchi.administration.pages.frame import carried_out, show_form
from madoguchi.companies.queries import companies_with
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import NotFound
from madoguchi.kernel.text import whole_number
from madoguchi.people.access import StaffRequest, requires
from madoguchi.rights.actions import retaining
from madoguchi.rights.queries import retention_of, rules_of

_PLAIN: dict[str, Callable[..., object]] = {
    "off": retaining.switch_off,
    "run": retaining.start_run,
    "stop": retaining.stop_run,
}


@require_http_methods(["GET", "POST"])
@requires(Permission.RIGHTS)
def retention(request: StaffRequest) -> HttpResponse:
    """The rules of the companies, what each would let go today, how far it is, and a form for one."""
    companies = list(companies_with(request.actor, Permission.RIGHTS).order_by("name"))
    form = RetentionForm(request.POST or None, companies=companies)
    if carried_out(form, lambda company, **said: retaining.write_rule(company, **said, by=request.actor)):
        return redirect("administration:retention_new")
    rules = rules_of(request.actor)
    running = any(one.run and one.run.state == "running" for one in rules)
    return show_form(request, "retention", section="rights", form=form, rules=rules, running=running)


@require_POST
@requires(Permission.RIGHTS)
def retention_act(request: StaffRequest, pk: int, act: str) -> HttpResponse:
    """Switch a rule on or off, carry it out, or stop that."""
    rule, written = retention_of(pk, actor=request.actor), request.POST.get("months", "")
    if act not in ("on", *_PLAIN):
        raise NotFound(act)
    if act == "on":
        months = whole_number(written, most_digits=3) or 0
        retaining.switch_on(rule, months=months, by=request.actor)
    else:
        _PLAIN[act](rule, by=request.actor)
    return redirect("administration:retention_new")
