"""Entry points, and what their forms ask."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from madoguchi.administration import queries
from madoguchi.administration.forms import (
    EntryPointChangeForm,
    EntryPointForm,
    FormShapeForm,
    NumberForm,
    QuestionFormSet,
    question_rows,
)
from madoguchi.administration.pages.frame import carried_out, page_of, show, show_form
from madoguchi.channels.phone import sounds
from madoguchi.channels.phone.models import TrunkRegistration
from madoguchi.channels.webform.actions import shape_form
from madoguchi.channels.webform.models import Form
from madoguchi.channels.webform.queries import FormShape, shape_of
from madoguchi.companies import actions
from madoguchi.companies.models import EntryPoint
from madoguchi.companies.queries import desk_to_set_up, entry_point_to_set_up
from madoguchi.fields.references import called
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import NotFound
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires
from madoguchi.scripts.numbers import script_of, scripts_for, set_script
from madoguchi.voice.announcements import newest_of
from madoguchi.voice.notices import set_notice
from madoguchi.voice.products import product_of, set_product
from madoguchi.voice.queries import NOTICE, notice_of


@require_safe
@requires(Permission.DESKS)
def entry_points(request: StaffRequest) -> HttpResponse:
    """All ways in."""
    rows = page_of(request, queries.entry_points(request.actor))
    return show(request, "entry_points", section="entry_points", page=rows, trunks=_trunks(request.actor))


def _trunks(by: Actor) -> list[TrunkRegistration]:
    """How registrations at carriers stand, for who looks after the installation."""
    return list(TrunkRegistration.objects.order_by("name")) if by.runs_installation else []


@require_http_methods(["GET", "POST"])
@requires(Permission.DESKS)
def entry_point_new(request: StaffRequest, desk: int) -> HttpResponse:
    """Add an entry point to a desk; a mail address leads on to its servers, a form to its questions."""
    found = desk_to_set_up(request.actor, desk)
    form = EntryPointForm(request.POST or None, initial={"kind": request.GET.get("kind", Channel.EMAIL)})
    if request.POST:
        added = carried_out(form, lambda **data: actions.add_entry_point(found, **data, by=request.actor))
        if added:
            say(request, text=_("%s was added.") % added.address)
            return redirect(_next_step(added), pk=added.pk)
    return show_form(request, "entry_point", section="entry_points", form=form, desk=found)


@require_http_methods(["GET", "POST"])
@requires(Permission.DESKS)
def entry_point(request: StaffRequest, pk: int) -> HttpResponse:
    """Change an entry point or take it out of use."""
    found = entry_point_to_set_up(request.actor, pk)
    form = _form_of(found, request.POST or None, by=request.actor)
    if request.POST and carried_out(form, lambda **data: _change(found, by=request.actor, **data)):
        say(request, text=_("Saved."))
        return redirect("administration:entry_point", pk=pk)
    context = {"form": form, "point": found, "desk": found.desk, "public_url": public_url(found)}
    return show_form(request, "entry_point", section="entry_points", **context)


@require_http_methods(["GET", "POST"])
@requires(Permission.DESKS)
def entry_point_form(request: StaffRequest, pk: int) -> HttpResponse:
    """The form builder: title, introduction, and the extra questions in their order."""
    found = entry_point_to_set_up(request.actor, pk)
    if found.kind != Channel.FORM:
        raise NotFound
    shape, row = shape_of(found.pk), Form.objects.filter(entry_point=found).first()
    form = FormShapeForm(request.POST or None, instance=row)
    questions = QuestionFormSet(request.POST or None, initial=question_rows(shape), prefix="q")
    if request.POST and questions.is_valid() and carried_out(form, _shaping(request, found, questions)):
        say(request, text=_("Saved. Have a look at the form as customers see it."))
        return redirect("administration:entry_point_form", pk=pk)
    context = {"form": form, "questions": questions, "point": found, "public_url": public_url(found)}
    return show_form(request, "entry_point_form", section="entry_points", **context)


NO_NOTICE = "-"
_NEXT_STEPS = {
    Channel.FORM: "entry_point_form",
    Channel.CHAT: "entry_point_chat",
    Channel.EMAIL: "mailbox",
    Channel.LINE: "line_account",
}


def public_url(point: EntryPoint) -> str:
    """Where customers find a form; empty for mail and phone."""
    if point.kind != Channel.FORM:
        return ""
    return settings.BASE_URL + reverse("portal:form", args=[point.address])


def _form_of(point: EntryPoint, given: QueryDict | None, *, by: Actor) -> EntryPointChangeForm:
    if point.kind != Channel.PHONE:
        return EntryPointChangeForm(given, instance=point)
    product = product_of(point)
    initial = {
        "product": called(product) if product else "",
        "notice": notice_of(point) or NO_NOTICE,
        "script": script_of(point) or "",
    }
    choices = {"notice": notices_for(point), "script": scripts_to_choose(point, by=by)}
    return NumberForm(given, instance=point, initial=initial, choices=choices)


def scripts_to_choose(point: EntryPoint, *, by: Actor) -> list[tuple[str, str]]:
    """By which talk scripts callers of a number may be spoken with, and the one that is chosen, in force or not."""
    there = [(str(one.article_id), one.title) for one in scripts_for(point, reader=by)]
    now = str(script_of(point) or "")
    kept = [(now, _("One that is not in force"))] if now and now not in dict(there) else []
    return [("", _("None")), *there, *kept]


def notices_for(point: EntryPoint) -> list[tuple[str, str]]:
    """What may say at a number that talks are recorded: what comes along, the company's own recordings, or nothing."""
    own = [(one.name, one.name) for one in newest_of(point.company_id) if one.name != NOTICE]
    now = notice_of(point)
    kept = [(now, now)] if now and now not in (NOTICE, *(name for name, _label in own)) else []
    return [
        (NOTICE, _("The notice that comes along")),
        *own,
        *kept,
        (NO_NOTICE, _("None: talks at this number are not recorded")),
    ]


@transaction.atomic
def _change(
    point: EntryPoint,
    *,
    product: str | None = None,
    notice: str | None = None,
    script: str | None = None,
    by: Actor,
    **data: Any,
) -> None:
    if product is not None:
        set_product(point, product, by=by)
    if script is not None:
        set_script(point, int(script) if script else None, by=by)
    if notice:
        set_notice(point, "" if notice == NO_NOTICE else notice, sounds=sounds.is_there, by=by)
    actions.change_entry_point(point, **data, by=by)


def _shaping(request: StaffRequest, point: EntryPoint, questions: QuestionFormSet):  # type: ignore[no-untyped-def, valid-type]
    def shape(**data: object) -> Form:
        asked = FormShape(**data, questions=questions.questions())  # type: ignore[arg-type, attr-defined]
        return shape_form(point, shape=asked, by=request.actor)

    return shape


def _next_step(point: EntryPoint) -> str:
    return f"administration:{_NEXT_STEPS.get(Channel(point.kind), 'entry_point')}"
