"""What macros put into answers, for who approves it: the words alone, without a way to change what a macro does."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from madoguchi.administration.acts import words_of_step
from madoguchi.administration.pages.frame import page_of, show
from madoguchi.companies.queries import desks_of
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import Conflict, NotFound, Refused
from madoguchi.knowledge.diff import compare
from madoguchi.look.toasts import say
from madoguchi.macros import approving
from madoguchi.macros.models import Macro, MacroState
from madoguchi.macros.queries import companies_asking, macro_to_approve, macros_to_approve
from madoguchi.macros.steps import TEXT, read_steps, words_of
from madoguchi.people.access import StaffRequest, requires

APPROVE = Permission.ARTICLES_APPROVE


@require_safe
@requires(APPROVE)
def macro_words(request: StaffRequest) -> HttpResponse:
    """The macros of which words wait, and those of which they are approved."""
    page = page_of(request, macros_to_approve(request.actor))
    rows = [(one, "\n".join(words_of((one.proposed or {}).get("acts", one.acts)))) for one in page]
    wanted = bool(companies_asking(request.actor))
    return show(request, "macro_words", section="macro_words", page=page, rows=rows, wanted=wanted)


@require_safe
@requires(APPROVE)
def words_of_macro(request: StaffRequest, pk: int) -> HttpResponse:
    """The words of one, beside what is offered now and what else the macro does."""
    found = macro_to_approve(pk, actor=request.actor)
    return show(request, "words_of_macro", section="macro_words", macro=found, **_said(found, request.actor))


@require_POST
@requires(APPROVE)
def macro_words_act(request: StaffRequest, pk: int, act: str) -> HttpResponse:
    """Approve the words, or give them back with a comment."""
    found, by, seen = macro_to_approve(pk, actor=request.actor), request.actor, request.POST.get("seen")
    if act not in ("approve", "return"):
        raise NotFound(act)
    try:
        if act == "approve":
            approving.approve_macro(found, seen=seen, by=by)
        else:
            approving.return_macro(found, comment=request.POST.get("comment", ""), seen=seen, by=by)
    except (Refused, Conflict) as error:
        say(request, text=str(error))
        return redirect("administration:words_of_macro", pk=pk)
    say(request, text=_("The words are approved.") if act == "approve" else _("The words were given back."))
    return redirect("administration:macro_words")


def _said(found: Macro, actor: Actor) -> dict[str, Any]:
    """What there is to approve, what it differs in from what is offered, and what the macro does besides."""
    proposed = found.proposed if found.proposed and found.proposed["waits"] else None
    shown, desks = proposed or {"name": found.name, "acts": found.acts}, desks_of(actor)
    said, now = "\n\n".join(words_of(shown["acts"])), "\n\n".join(words_of(found.acts))
    return {
        "name": shown["name"],
        "said": said,
        "changes": compare(now, said) if proposed else [],
        "others": [words_of_step(step, desks) for step in read_steps(shown["acts"]) if step.do != TEXT],
        "waits": bool(proposed) or found.state == MacroState.WAITS,
        "seen": approving.macro_digest(found),
    }
