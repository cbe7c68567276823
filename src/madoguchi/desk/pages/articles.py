"""Articles: the list, one to read, the editor, and what becomes of a version."""

from collections.abc import Callable
from typing import Any

from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.batches.corrections import count_owed
from madoguchi.companies.queries import desks_of
from madoguchi.delivery.bases import DAYS, answers_without_basis, count_of_answers, told_count, told_wrong
from madoguchi.desk.article_figures import by_use, uses_of
from madoguchi.desk.article_form import ArticleForm, begun
from madoguchi.desk.articles import (
    PER_PAGE,
    asked_in,
    folders_of,
    listed,
    marks_of,
    moment_in,
    operators_for,
    people_for,
    place_in,
    places_of,
    rights_of,
    said_of,
    state_names,
)
from madoguchi.desk.newcomers import LEADS
from madoguchi.desk.pages.article_files import ACCEPTED, shown_here
from madoguchi.desk.pages.parts import Context, DeskRequest, apart, private
from madoguchi.desk.scripting import figures_of
from madoguchi.exports.actions import export_articles
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import Conflict, NotFound, Refused
from madoguchi.kernel.text import whole_number
from madoguchi.knowledge import actions
from madoguchi.knowledge.actions import Said, Settings, Term
from madoguchi.knowledge.diff import compare
from madoguchi.knowledge.models import Article, ArticleVersion
from madoguchi.knowledge.queries import (
    approved_numbers,
    article_by_id,
    companies_of_articles,
    in_other_languages,
    is_linked,
    languages_without,
    may_be_original,
    newer_original,
    not_yet,
    shown_version,
    unread_by,
    version_digest,
    version_of,
    versions_of_article,
    waiting_for_approval,
)
from madoguchi.knowledge.queries.reading import FOR_OPERATORS
from madoguchi.knowledge.reading import as_page, as_words
from madoguchi.look.toasts import say
from madoguchi.people.access import requires

READ, WRITE, APPROVE = Permission.ARTICLES_READ, Permission.ARTICLES_WRITE, Permission.ARTICLES_APPROVE
_MOST_SHOWN = 50


@require_safe
@requires(READ)
def articles(request: DeskRequest) -> HttpResponse:
    """What the company knows, by topic."""
    asked = asked_in(request.GET.dict())
    page = Paginator(listed(asked, actor=request.actor), PER_PAGE).get_page(request.GET.get("page"))
    context: Context = {"asked": asked, "page": page, "rows": [(one, marks_of(one)) for one in page]}
    context |= {"states": state_names(), "audiences": Article.Audience.choices}
    context |= {"desks": desks_of(request.actor, permission=READ), **around(request, "articles")}
    context["policies"] = companies_of_articles(request.actor, APPROVE)
    context["brings"] = request.actor.may_anywhere(Permission.IMPORTS)
    return apart(request, "desk/articles.html", context)


@require_safe
@requires(Permission.CASE_READ)
def unfounded(request: DeskRequest) -> HttpResponse:
    """Answers of the last 30 days that rest on no article: what their writers know, and the company does not."""
    counted = count_of_answers(request.actor)
    page = Paginator(answers_without_basis(request.actor), PER_PAGE).get_page(request.GET.get("page"))
    rows = [(one, one.case.spoken_number(one.case.company.prefix)) for one in page]
    context: Context = {"page": page, "rows": rows, "counted": counted, "days": DAYS}
    return apart(request, "desk/articles_unfounded.html", context | around(request, "unfounded"))


@require_safe
@requires(Permission.CASE_READ)
def use(request: DeskRequest) -> HttpResponse:
    """How articles do: on which answers rest, and whether customers had to write again."""
    page = Paginator(by_use(request.actor), PER_PAGE).get_page(request.GET.get("page"))
    uses = uses_of([one.pk for one in page], actor=request.actor)
    context: Context = {"page": page, "rows": [(one, uses[one.pk]) for one in page], "days": DAYS}
    return apart(request, "desk/articles_use.html", context | around(request, "use"))


@require_safe
@requires(APPROVE)
def waiting(request: DeskRequest) -> HttpResponse:
    """The versions that wait for the reader's approval, whoever has waited longest first."""
    page = Paginator(waiting_for_approval(request.actor), PER_PAGE).get_page(request.GET.get("page"))
    rows = [(one, as_words(one.body)) for one in page]
    return apart(
        request, "desk/articles_waiting.html", {"page": page, "rows": rows, **around(request, "waiting")}
    )


@require_safe
@requires(READ)
def article(request: DeskRequest, pk: int) -> HttpResponse:
    """One article as it reads, with its versions; `version` names another than the one in force."""
    return page_of(request, article_by_id(request.actor, pk))


@require_safe
@requires(READ)
def compared(request: DeskRequest, pk: int) -> HttpResponse:
    """What changed from one version to another, word by word."""
    found = article_by_id(request.actor, pk)
    after = version_of(found, _number(request.GET.get("to", ""), found.newest))
    before = version_of(found, _number(request.GET.get("from", ""), max(after.number - 1, 1)))
    context: Context = {"article": found, "before": before, "after": after, **_changes(before, after)}
    context["versions"] = versions_of_article(found)
    return apart(request, "desk/article_compared.html", context | around(request, ""))


@require_safe
@requires(Permission.CASE_READ)
def told(request: DeskRequest, pk: int) -> HttpResponse:
    """The cases whose customers were told what was wrong before the last correction of an article."""
    found = article_by_id(request.actor, pk)
    page = Paginator(told_wrong(found, actor=request.actor), PER_PAGE).get_page(request.GET.get("page"))
    rows = [(one, one.message.case.spoken_number(one.message.case.company.prefix)) for one in page]
    context: Context = {"article": found, "page": page, "rows": rows}
    context["answers"] = request.actor.may_anywhere(Permission.CASE_REPLY)
    return apart(request, "desk/article_told.html", context | around(request, ""))


@require_http_methods(["GET", "POST"])
@requires(WRITE)
def new(request: DeskRequest) -> HttpResponse:
    """Begin an article."""
    form = form_for(request)
    made = _kept(request, form, None)
    if made is not None:
        return saved(request, made)
    return edited(request, form, None)


@require_http_methods(["GET", "POST"])
@requires(WRITE)
def edit(request: DeskRequest, pk: int) -> HttpResponse:
    """Write on an article: what is in force stays until what is written is approved."""
    found = article_by_id(request.actor, pk)
    newest = version_of(found, found.newest)
    form = form_for(request, found, newest)
    if _kept(request, form, found) is not None:
        return saved(request, found)
    newer = newer_original(newest)
    says = version_of(found.original, newer) if newer and found.original else None
    return edited(request, form, found, original=found.original, says=says)


@require_POST
@requires(WRITE)
def preview(request: DeskRequest) -> HttpResponse:
    """The words of the editor as they will read: a part of its page."""
    body = request.POST.get("body", "")[: actions.LONGEST]
    html = as_page(body, shown_here(body))
    return private(request, render(request, "desk/article_preview.html", {"html": html}))


@require_POST
@requires(WRITE)
def submit(request: DeskRequest, pk: int) -> HttpResponse:
    """Ask the company to approve the newest version."""
    found = article_by_id(request.actor, pk)
    actions.ask_for_approval(found, by=request.actor)
    say(request, text=_("The company was asked to approve it."))
    return redirect("desk:article", pk=pk)


@require_POST
@requires(WRITE)
def take_back(request: DeskRequest, pk: int, number: int) -> HttpResponse:
    """Let a version of one's own that waits be a draft again."""
    actions.take_version_back(article_by_id(request.actor, pk), number, by=request.actor)
    say(request, text=_("It is a draft again."))
    return redirect("desk:article", pk=pk)


@require_POST
@requires(APPROVE)
def judge(request: DeskRequest, pk: int, number: int) -> HttpResponse:
    """Approve a version, once that is `sure`, from a moment on and until another if they are named, or give it back
    with a word.
    """
    found = article_by_id(request.actor, pk)
    try:
        if question := _question(request, found, number):
            return question
        _judged(request, found, number)
    except (Refused, Conflict) as error:
        return page_of(request, found, number=number, problem=error)
    return redirect("desk:article", pk=pk)


@require_POST
@requires(APPROVE)
def readers(request: DeskRequest, pk: int) -> HttpResponse:
    """Say which operators read an article: all of them, or those chosen besides the company's own people."""
    found = article_by_id(request.actor, pk)
    chosen = {number for one in request.POST.getlist("operator") if (number := whole_number(one)) is not None}
    try:
        wanted = chosen if request.POST.get("readers") == "chosen" else None
        actions.restrict_article(found, wanted, by=request.actor)
    except Refused as error:
        return page_of(request, found, problem=error)
    say(request, text=_("Saved."))
    return redirect("desk:article", pk=pk)


@require_POST
@requires(APPROVE)
def term(request: DeskRequest, pk: int, number: int) -> HttpResponse:
    """Say from when until when an approved version is in force."""
    found = article_by_id(request.actor, pk)
    try:
        actions.set_term(found, number, _term(request), by=request.actor)
    except (Refused, Conflict) as error:
        return page_of(request, found, number=number, problem=error)
    say(request, text=_("Saved."))
    return redirect("desk:article", pk=pk)


@require_http_methods(["GET", "POST"])
@requires(APPROVE)
def wrong(request: DeskRequest, pk: int, number: int) -> HttpResponse:
    """Say that an article was wrong from a version on, once it was seen how many were told."""
    found = article_by_id(request.actor, pk)
    if request.method == "POST":
        actions.say_wrong(found, number, by=request.actor)
        say(request, text=_("It is in force nowhere any more. Those who were told it are to hear."))
        return redirect("desk:articles_owing")
    version = version_of(found, number)
    context: Context = {"article": found, "version": version, "told": told_count(found, number)}
    return apart(request, "desk/article_wrong.html", context | around(request, ""))


@require_POST
@requires(WRITE)
def again(request: DeskRequest, pk: int, number: int) -> HttpResponse:
    """Let an article say again what it once said, as a new version."""
    found = article_by_id(request.actor, pk)
    version = actions.version_again(found, number, by=request.actor)
    told = {"old": number, "new": version.number}
    say(request, text=_("Version %(new)s says what version %(old)s said. It is a draft.") % told)
    return redirect("desk:article", pk=pk)


@require_POST
@requires(WRITE)
def retire(request: DeskRequest, pk: int) -> HttpResponse:
    """Take an article out of use; the notice offers the way back."""
    found = article_by_id(request.actor, pk)
    actions.retire_article(found, by=request.actor)
    words = _("“%(title)s” is out of use.") % {"title": found.title}
    say(request, text=words, undo_url=reverse("desk:article_revive", args=[pk]))
    return redirect("desk:articles")


@require_POST
@requires(WRITE)
def revive(request: DeskRequest, pk: int) -> HttpResponse:
    """Bring an article back that was taken out of use."""
    found = article_by_id(request.actor, pk)
    actions.revive_article(found, by=request.actor)
    say(request, text=_("“%(title)s” is back.") % {"title": found.title})
    return redirect("desk:article", pk=pk)


@require_POST
@requires(APPROVE)
def along(request: DeskRequest, company: int) -> HttpResponse:
    """Have all articles of a company written into an archive; the next page follows that and hands it out."""
    found = companies_of_articles(request.actor, APPROVE).filter(pk=company).first()
    if found is None:
        raise NotFound(company)
    return redirect("desk:exported", pk=export_articles(found, by=request.actor).pk)


@require_POST
@requires(APPROVE)
def policy(request: DeskRequest, company: int) -> HttpResponse:
    """Say whether somebody else than the writer must approve, and whether words of macros are approved, too."""
    found = companies_of_articles(request.actor, APPROVE).filter(pk=company).first()
    if found is None:
        raise NotFound(company)
    wanted = {name: request.POST.get(name) == "1" for name in ("four_eyes", "macro_words")}
    actions.set_policy(found, **wanted, by=request.actor)
    say(request, text=_("Saved."))
    return redirect("desk:articles")


def around(request: DeskRequest, place: str) -> Context:
    """What stands in the rail beside every page of articles."""
    actor = request.actor
    approves = actor.may_anywhere(APPROVE)
    count = waiting_for_approval(actor).count() if approves else 0
    return {
        "place": place,
        "approves": approves,
        "waits": count,
        "owed": count_owed(actor),
        "writes": actor.may_anywhere(WRITE),
        "leads": actor.may_anywhere(LEADS),
        "rehearses": bool(actor.companies_with(APPROVE)),
    }


def page_of(
    request: DeskRequest, found: Article, *, number: int | None = None, problem: Exception | None = None
) -> HttpResponse:
    """An article as it reads, with what could not be done, and why (`problem`)."""
    versions = list(versions_of_article(found)[:_MOST_SHOWN])
    shown = shown_version(found)
    in_force = shown.number if shown else None
    wanted = number or _number(request.GET.get("version", ""), in_force or found.newest)
    version = next((one for one in versions if one.number == wanted), None) or version_of(found, wanted)
    context = {
        "article": found,
        "version": version,
        "shown": in_force,
        "mark": said_of(version, shown=in_force),
        "versions": [(one, said_of(one, shown=in_force)) for one in versions],
        "html": as_page(version.body, shown_here(version.body)),
        "rights": rights_of(request.actor, found, version),
        "approved": approved_numbers(found, before=version.number),
        "problem": problem,
        "typed": request.POST,
        "figures": figures_of(found, version, actor=request.actor)
        if found.kind == Article.Kind.SCRIPT
        else (),
        **_readers(request, found, shown),
        **_languages(request, found, version),
        "operators": operators_for(found) if found.audience == Article.Audience.OPERATOR else (),
        **around(request, ""),
    }
    status = 409 if isinstance(problem, Conflict) else 422 if problem else 200
    return apart(request, "desk/article.html", context, status=status)


def _readers(request: DeskRequest, found: Article, shown: ArticleVersion | None) -> Context:
    """Whether the reader has still to read what is in force, and, for who looks after it, who else has."""
    if shown is None or found.audience not in FOR_OPERATORS:
        return {}
    actor = request.actor
    leads = any(g.company == found.company_id and g.allows(Permission.TEMPLATES) for g in actor.grants)
    context: Context = {"unread": unread_by(actor).filter(pk=shown.pk).exists()}
    return context | ({"not_yet": not_yet(shown, actor=actor)} if leads or found.owner_id == actor.id else {})


def _languages(request: DeskRequest, found: Article, version: ArticleVersion) -> Context:
    """The article in other languages, in which it could be begun, and with which others it could be linked."""
    others = list(in_other_languages(found, actor=request.actor))
    context: Context = {
        "others": others,
        "newer": newer_original(version),
        "missing": languages_without(found),
    }
    alone = found.retired_at is None and not is_linked(found)
    return context | {"may_be_original": may_be_original(found, actor=request.actor) if alone else ()}


def form_for(
    request: DeskRequest,
    found: Article | None = None,
    newest: ArticleVersion | None = None,
    *,
    kind: str = Article.Kind.ARTICLE,
) -> ArticleForm:
    """The form of an article with its newest words, or of a new one of this kind."""
    said = {"title": newest.title, "body": newest.body} if newest else {"owner": request.actor.id}
    return ArticleForm(
        request.POST or None,
        places=places_of(request.actor, company=found.company_id if found else None),
        people=people_for(request.actor, found),
        initial=begun(found, **said),
        kind=found.kind if found else kind,
    )


def edited(
    request: DeskRequest,
    form: ArticleForm,
    found: Article | None,
    *,
    original: Article | None = None,
    says: ArticleVersion | None = None,
    script: bool = False,
) -> HttpResponse:
    """The editor: of an article, a script, a new one, or a translation of what a version of its original `says`."""
    body = str(form["body"].value() or "")
    context: Context = {"form": form, "article": found, "html": as_page(body, shown_here(body))}
    context |= {"folders": folders_of(request.actor), "accept": ACCEPTED, **around(request, "")}
    context |= {"original": original, "says": says}
    context["script"] = script or (found is not None and found.kind == Article.Kind.SCRIPT)
    if says is not None:
        context["said_html"] = as_page(says.body, shown_here(says.body))
    refused = form.is_bound and not form.is_valid()
    return apart(request, "desk/article_edit.html", context, status=422 if refused else 200)


def _kept(request: DeskRequest, form: ArticleForm, found: Article | None) -> Article | None:
    """What was typed of an article, kept; None as `kept_by` says."""
    by = request.actor

    def keep(said: Said, settings: Settings) -> Article:
        if found is None:
            return actions.add_article(
                place_in(form.cleaned_data["where"], actor=by)[0], said, settings, by=by
            )
        with transaction.atomic():
            actions.write_article(found, said, seen=form.cleaned_data["revision"], by=by)
            actions.arrange_article(found, settings, by=by)
            if follows := form.cleaned_data["follows"]:
                actions.follow_original(found, follows, by=by)
        return found

    try:
        return kept_by(request, form, keep)
    except Conflict as error:
        # What was typed stays, and is kept as the newest version when it is sent once more.
        data = request.POST.copy()
        data["revision"] = str(found.revision if found else "")
        form.data = data
        form.add_error(None, str(error))
        return None


def kept_by(
    request: DeskRequest, form: ArticleForm, keep: Callable[[Said, Settings], Article]
) -> Article | None:
    """What was typed, kept by `keep`; None where nothing was sent or it cannot be taken, which the form then says.
    Raises what `keep` raises but Refused.
    """
    if not form.is_valid():
        return None
    typed = form.cleaned_data
    try:
        _company, desk = place_in(typed["where"], actor=request.actor)
        settings = Settings(
            desk=desk,
            audience=typed.get("audience", Article.Audience.OPERATOR),
            language=typed["language"],
            folder=typed["folder"],
            owner=int(typed["owner"]) if typed["owner"] else None,
            review_on=typed["review_on"],
        )
        return keep(Said(typed["title"], typed["body"]), settings)
    except Refused as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return None


def saved(request: DeskRequest, found: Article) -> HttpResponse:
    """Saved, and asked for approval if that was pressed."""
    if request.POST.get("do") == "submit":
        try:
            actions.ask_for_approval(found, by=request.actor)
            say(request, text=_("The company was asked to approve it."))
        except Conflict:
            say(request, text=_("Nothing has changed, so there is nothing to approve."))
    else:
        say(request, text=_("Saved."))
    return redirect(f"{reverse('desk:article', args=[found.pk])}?version={found.newest}")


def _question(request: DeskRequest, found: Article, number: int) -> HttpResponse | None:
    """Asked before a version is published: which one, what changes by it, and from when. None where there is nothing
    to ask, or the action says why it cannot be. Raises Refused.
    """
    if request.POST.get("do") == "return" or request.POST.get("sure") == "1":
        return None
    version, shown, term = version_of(found, number), shown_version(found), _term(request)
    backwards = term.until is not None and term.until <= (term.since or clock.now())
    if version.state != ArticleVersion.State.REVIEW or backwards:
        return None
    context: Context = {"article": found, "version": version, "shown": shown, "term": term}
    context["seen"] = version_digest(found, version)
    context |= {"typed": request.POST, **_changes(shown, version)}
    if request.POST.get("corrects") == "1":
        newest, *_older = approved_numbers(found, before=number) or [number]
        since = whole_number(request.POST.get("wrong_since", ""), most_digits=8) or newest
        context["told"] = told_count(found, since, before=number)
    return apart(request, "desk/article_approve.html", context | around(request, ""))


def _changes(before: ArticleVersion | None, after: ArticleVersion) -> Context:
    """What differs in title and text, as it reads; where signs alone changed, as they stand."""
    title, body = (before.title, before.body) if before else ("", "")
    changed = compare(as_words(body), as_words(after.body))
    if body != after.body and all(one.kind == "same" for one in changed):
        changed = compare(body, after.body)
    return {"title": compare(title, after.title), "body": changed}


def _judged(request: DeskRequest, found: Article, number: int) -> None:
    said, by = request.POST, request.actor
    words, corrects = said.get("comment", ""), said.get("corrects") == "1"
    if said.get("do") == "return":
        actions.return_version(found, number, comment=words, by=by)
        say(request, text=_("It went back to its writer."))
        return
    since = whole_number(said.get("wrong_since", ""), most_digits=8)
    asked: dict[str, Any] = {"term": _term(request), "corrects": corrects, "wrong_since": since}
    actions.approve_version(found, number, comment=words, seen=said.get("seen"), **asked, by=by)
    say(request, text=_("Approved."))


def _term(request: DeskRequest) -> Term:
    return Term(
        since=moment_in(request.POST.get("since", ""), field="since"),
        until=moment_in(request.POST.get("until", ""), field="until"),
    )


def _number(written: str, otherwise: int) -> int:
    number = whole_number(written, most_digits=8)
    return otherwise if number is None else number
