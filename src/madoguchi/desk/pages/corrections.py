"""Writing to those who were told what turned out wrong: whom, in which words, and then all of them at once."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from madoguchi.batches.actions import start_corrections
from madoguchi.batches.corrections import letter, owed, to_correct, usual_words
from madoguchi.delivery.bases import told_wrong
from madoguchi.desk.pages.articles import around
from madoguchi.desk.pages.parts import Context, DeskRequest, apart
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import Refused
from madoguchi.knowledge.models import Article
from madoguchi.knowledge.queries import article_by_id, shown_version
from madoguchi.look.toasts import say
from madoguchi.people.access import requires

# So many letters are gone over at once; the others come when these are sent.
MOST_AT_ONCE = 50


@require_safe
@requires(Permission.ARTICLES_READ)
def owing(request: DeskRequest) -> HttpResponse:
    """Of which articles corrections are still to be written, and by whom."""
    context: Context = {
        "rows": owed(request.actor),
        "answers": request.actor.may_anywhere(Permission.CASE_REPLY),
    }
    return apart(request, "desk/articles_owing.html", context | around(request, "owing"))


@require_http_methods(["GET", "POST"])
@requires(Permission.CASE_REPLY)
def correct(request: DeskRequest, pk: int) -> HttpResponse:
    """Go over the letters, change their words for all, leave some out; then have them sent."""
    found = article_by_id(request.actor, pk)
    if request.POST.get("do") != "send":
        return _review(request, found)
    try:
        batch = start_corrections(
            found, words=request.POST.get("words", ""), cases=_chosen(request), by=request.actor
        )
    except Refused as error:
        return _review(request, found, problem=str(error))
    count = batch.rows.count()
    words = ngettext("%(n)s letter is on its way.", "%(n)s letters are on their way.", count)
    say(request, text=words % {"n": count})
    return redirect("desk:batch", pk=batch.pk)


def _chosen(request: DeskRequest) -> set[int]:
    ticked = request.POST.getlist("case")
    return {int(one) for one in ticked if one.isascii() and one.isdecimal() and len(one) < 19}


def _review(request: DeskRequest, found: Article, *, problem: str = "") -> HttpResponse:
    new = shown_version(found)
    words = request.POST.get("words") or usual_words(new)
    every = to_correct(found, actor=request.actor)
    left_out = set(request.POST.getlist("shown")) - set(request.POST.getlist("case"))
    rows = [
        (
            one,
            one.message.case.spoken_number(one.message.case.company.prefix),
            letter(words, one, new, actor=request.actor),
            str(one.message.case_id) not in left_out,
        )
        for one in every[:MOST_AT_ONCE]
    ]
    context: Context = {
        "article": found,
        "words": words,
        "new": new,
        "rows": rows,
        "count": every.count(),
        "told": bool(rows) or told_wrong(found, actor=request.actor).exists(),
        "problem": problem,
    }
    status = 422 if problem else 200
    return apart(request, "desk/article_correct.html", context | around(request, ""), status=status)
