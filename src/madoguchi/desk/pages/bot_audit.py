"""Answers of bots that are drawn week by week, for a person to say whether they were right."""

from dataclasses import dataclass
from datetime import date

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from madoguchi.bot.actions import judge_answer
from madoguchi.bot.audits import sample_of, weeks
from madoguchi.bot.models import Turn, Verdict
from madoguchi.bot.policies import may_audit
from madoguchi.bot.queries import bots_at
from madoguchi.bot.sampling import SIZE, week_of
from madoguchi.cases.queries import visible
from madoguchi.companies.models import Desk
from madoguchi.companies.queries import desks_of
from madoguchi.desk.pages.articles import around
from madoguchi.desk.pages.parts import Context, DeskRequest, apart
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import Conflict, NotFound, Refused
from madoguchi.knowledge.reading import as_words
from madoguchi.look.toasts import say
from madoguchi.people.access import requires


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer as it is shown: its case where the reader may read it, what was said, and what stands in the form."""

    turn: Turn
    number: str
    words: str
    verdict: Verdict | None
    found: str
    reason: str
    problem: Refused | None


@require_safe
@requires(Permission.CASE_READ)
def audit(request: DeskRequest) -> HttpResponse:
    """The answers of one desk that are drawn from one week."""
    return _page(request)


@require_POST
@requires(Permission.CASE_READ)
def judge(request: DeskRequest, pk: int) -> HttpResponse:
    """Say whether one of them was right."""
    rows = Turn.objects.filter(desk__in=desks_of(request.actor), case__in=visible(request.actor), pk=pk)
    turn = rows.select_related("case", "desk").first()
    if turn is None:
        raise NotFound(pk)
    said = {name: request.POST.get(name, "") for name in ("found", "words", "seen")}
    try:
        judge_answer(turn, **said, by=request.actor)
    except (Refused, Conflict) as problem:
        return _page(request, turn=turn, problem=problem)
    say(request, text=_("Kept."))
    place = f"{reverse('desk:bot_audit')}?desk={turn.desk_id}&week={week_of(turn.at).isoformat()}"
    return redirect(f"{place}#answer-{pk}")


def _page(
    request: DeskRequest, *, turn: Turn | None = None, problem: Refused | Conflict | None = None
) -> HttpResponse:
    """The sample; after what was refused with what was typed, beside what stands there by now."""
    desks = [bot.desk for bot in bots_at(desks_of(request.actor))]
    desk = turn.desk if turn else _chosen(desks, request.GET.get("desk", ""))
    week = week_of(turn.at) if turn else _week(request.GET.get("week", ""))
    rows = _shown(request, desk, week, turn, problem) if desk else []
    context: Context = {
        "desks": desks,
        "desk": desk,
        "week": week,
        "weeks": weeks(),
        "rows": rows,
        "judged": sum(one.verdict is not None for one in rows),
        "founds": Verdict.Found.choices,
        "may": desk is not None and may_audit(request.actor, company=desk.company_id, desk=desk.pk),
        "size": SIZE,
        "conflict": problem if isinstance(problem, Conflict) else None,
    }
    status = 409 if isinstance(problem, Conflict) else 422 if problem else 200
    return apart(request, "desk/bot_audit.html", context | around(request, "audit"), status=status)


def _shown(
    request: DeskRequest, desk: Desk, week: date, refused: Turn | None, problem: Exception | None
) -> list[Shown]:
    sample = sample_of(desk, week)
    cases = {one.case_id for one in sample}
    readable = set(visible(request.actor).filter(pk__in=cases).values_list("pk", flat=True))
    shown = []
    for turn in sample:
        case, verdict = turn.case, getattr(turn, "verdict", None)
        typed = request.POST if refused and turn.pk == refused.pk else None
        kept = {"found": verdict.found, "words": verdict.words} if verdict else {}
        said = typed or kept
        number = case.spoken_number(case.company.prefix) if case.pk in readable else ""
        words = as_words(turn.version.body) if turn.version else ""
        wrong = problem if typed is not None and isinstance(problem, Refused) else None
        shown.append(Shown(turn, number, words, verdict, said.get("found", ""), said.get("words", ""), wrong))
    return shown


def _chosen(desks: list[Desk], asked: str) -> Desk | None:
    """The desk that is asked for; the first where none is. Raises NotFound for one that is not among them."""
    if not asked:
        return desks[0] if desks else None
    found = next((desk for desk in desks if str(desk.pk) == asked), None)
    if found is None:
        raise NotFound(asked)
    return found


def _week(asked: str) -> date:
    return next((one for one in weeks() if one.isoformat() == asked), weeks()[0])
