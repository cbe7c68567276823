"""Articles in other languages: beginning a translation, and saying which article is the translation of which."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.desk.article_form import ArticleForm, begun
from madoguchi.desk.articles import people_for, places_of
from madoguchi.desk.pages.articles import edited, kept_by, page_of, saved
from madoguchi.desk.pages.parts import DeskRequest, private
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import NotFound, Refused
from madoguchi.kernel.text import whole_number
from madoguchi.knowledge import actions
from madoguchi.knowledge.actions import Said, Settings
from madoguchi.knowledge.models import Article, ArticleVersion
from madoguchi.knowledge.queries import (
    article_by_id,
    languages_without,
    may_be_original,
    shown_version,
    version_of,
)
from madoguchi.look.toasts import say
from madoguchi.people.access import requires

WRITE = Permission.ARTICLES_WRITE


@require_http_methods(["GET", "POST"])
@requires(WRITE)
def translate(request: DeskRequest, pk: int) -> HttpResponse:
    """Write an article in another language: the words of the original stand there to be written over."""
    original, left = _original(request, pk)
    version = shown_version(original) or version_of(original, original.newest)
    form = _form(request, version, left)

    def keep(said: Said, settings: Settings) -> Article:
        follows = form.cleaned_data["follows"]
        return actions.translate_article(original, said, settings, follows=follows, by=request.actor)

    made = kept_by(request, form, keep)
    return saved(request, made) if made else edited(request, form, None, original=original, says=version)


@require_safe
@requires(WRITE)
def originals(request: DeskRequest, pk: int) -> HttpResponse:
    """A part of the article's page: the articles with these words of which it could be the translation."""
    found, words = article_by_id(request.actor, pk), request.GET.get("words", "")[:100]
    rows = may_be_original(found, actor=request.actor, words=words)
    context = {"article": found, "originals": rows, "words": words}
    return private(request, render(request, "desk/article_originals.html", context))


@require_POST
@requires(WRITE)
def link(request: DeskRequest, pk: int) -> HttpResponse:
    """Say of which article this is the translation, or that it is none any more."""
    found, chosen = article_by_id(request.actor, pk), request.POST.get("original", "")
    try:
        if chosen == "none":
            actions.unlink_translation(found, by=request.actor)
            say(request, text=_("It stands by itself now."))
        else:
            original = article_by_id(request.actor, whole_number(chosen) or 0)
            actions.link_translation(found, original, by=request.actor)
            say(request, text=_("They are linked: one article in two languages."))
    except Refused as error:
        return page_of(request, found, problem=error)
    return redirect("desk:article", pk=pk)


@require_POST
@requires(WRITE)
def follow(request: DeskRequest, pk: int, number: int) -> HttpResponse:
    """Say that the newest words of a translation say what this version of the original says."""
    found = article_by_id(request.actor, pk)
    actions.follow_original(found, number, by=request.actor)
    say(request, text=_("It says what the original says now."))
    return redirect("desk:article", pk=pk)


def _original(request: DeskRequest, pk: int) -> tuple[Article, list[tuple[str, str]]]:
    """The original of an article, and the languages in which it is not there yet. Raises NotFound for none left."""
    found = article_by_id(request.actor, pk)
    original = article_by_id(request.actor, found.original_id) if found.original_id else found
    left = languages_without(original)
    if not left:
        raise NotFound(pk)
    return original, left


def _form(request: DeskRequest, version: ArticleVersion, left: list[tuple[str, str]]) -> ArticleForm:
    """The editor with the words of the original, in the first language that is left, looked after by whoever writes."""
    original, by = version.article, request.actor
    other = {"language": left[0][0], "owner": by.id, "follows": version.number}
    return ArticleForm(
        request.POST or None,
        places=places_of(by, company=original.company_id),
        people=people_for(by, original),
        languages=left,
        initial=begun(original, title=version.title, body=version.body) | other,
    )
