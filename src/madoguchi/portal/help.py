"""The help centre of a company or a desk: what customers read before they ask. For anybody, search engines too.

Nothing here rests on a cookie, so no CSRF token is asked: whoever judges an article is counted by where they come from.
"""

from typing import Any
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from madoguchi.bot.limits import Kind, touched
from madoguchi.bot.queries import limit_words
from madoguchi.helpcentre import queries
from madoguchi.helpcentre.actions import judge
from madoguchi.helpcentre.models import HelpCentre
from madoguchi.infra import limits, scope
from madoguchi.infra.limits import TooOften
from madoguchi.kernel.errors import NotFound
from madoguchi.kernel.pictures import may_be_shown
from madoguchi.knowledge.models import ArticleVersion
from madoguchi.knowledge.queries import consistent, shown_in
from madoguchi.knowledge.reading import as_page
from madoguchi.people.access import public
from madoguchi.portal.structured import article_data, breadcrumbs
from madoguchi.portal.uploads import ANY_TYPE
from madoguchi.portal.visitors import company_head, in_visitors_language, visitor_key
from madoguchi.shield.conduct import conduct_link

MOST_LETTERS = 200
MOST_JUDGEMENTS, MOST_SEARCHES, WINDOW, PER_PAGE = 60, 300, 600, 50
# What a page that is open asks for alone: what fits, or what may answer a form that is being filled in.
_PARTS = {"found": "help_found", "suggested": "help_suggested"}


@public("a help centre is for anybody, once the company has opened it")
@require_safe
@in_visitors_language
def centre(request: HttpRequest, company: str) -> HttpResponse:
    """All articles by topic, or those that fit what was typed; with `part` only these, for a page that is open."""
    found, part = queries.open_centre(company), _PARTS.get(request.GET.get("part", ""), "help")
    context = {**_head(found), "address": _absolute(found, "portal:help")}
    try:
        context |= _asked_for(request, found)
    except TooOften:
        context |= {"typed": _typed(request), "found": [], "too_often": True}
    return render(request, f"portal/{part}.html", context, status=429 if "too_often" in context else 200)


@public("a help centre is for anybody, once the company has opened it")
@require_safe
@in_visitors_language
def article(request: HttpRequest, company: str, pk: int) -> HttpResponse:
    """One article, what is near it, whether it helped, and where to ask."""
    found = queries.open_centre(company)
    context = {"judged": request.GET.get("judged", ""), **_head(found), **_article(found, pk)}
    return render(request, "portal/help_article.html", context)


@public("a help centre is for anybody, once the company has opened it")
@csrf_exempt
@require_POST
@in_visitors_language
def judged(request: HttpRequest, company: str, pk: int) -> HttpResponse:
    """Whether an article helped. Who says so too often is thanked and not counted."""
    found, visitor = queries.open_centre(company), visitor_key(request)
    said = request.POST.get("helped", "")
    if said not in ("yes", "no"):
        raise NotFound(said)
    with scope.acting_for([found.company_id]):
        version = queries.to_read(found, pk)
        try:
            limits.count(f"help:{visitor}", most=MOST_JUDGEMENTS, seconds=WINDOW)
            judge(version, helped=said == "yes", visitor=visitor)
        except TooOften:
            pass
    return redirect(f"{reverse('portal:help_article', args=[company, pk])}?judged={said}#judged")


@public("search engines read where the articles of an open help centre are")
@require_safe
def sitemap(request: HttpRequest, company: str) -> HttpResponse:
    """Where all articles are, as sitemaps.org wants it."""
    found = queries.open_centre(company)
    with scope.acting_for([found.company_id]):
        rows = queries.by_article(queries.everything(found))
    places = [
        (_absolute(found, "portal:help_article", one.article_id), one.valid_from, _alternates(found, said))
        for said in rows
        for one in said
    ]
    context = {"home": _absolute(found, "portal:help"), "places": places}
    return render(request, "portal/sitemap.xml", context, content_type="application/xml")


@public("a help centre is for anybody, once the company has opened it")
@require_safe
def logo(request: HttpRequest, company: str, digest: str) -> HttpResponse:
    """The picture at the head of a help centre. These bytes never change: another picture has another name."""
    found = queries.open_centre(company)
    with scope.acting_for([found.company_id]):
        kept = queries.logo_of(found)
    if kept is None or kept.digest != digest:
        raise NotFound(digest)
    content = bytes(kept.content)
    response = HttpResponse(content, content_type=may_be_shown(content) or ANY_TYPE)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'; frame-ancestors 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


def _typed(request: HttpRequest) -> str:
    return request.GET.get("q", "").strip()[:MOST_LETTERS]


def _asked_for(request: HttpRequest, centre: HelpCentre) -> dict[str, Any]:
    """What fits what was typed, or all of a topic, or the first of every topic. Raises TooOften."""
    typed, topic = _typed(request), request.GET.get("topic")
    if typed:
        limits.count(f"help-search:{visitor_key(request)}", most=MOST_SEARCHES, seconds=WINDOW)
    with scope.acting_for([centre.company_id]):
        rows = queries.readable(centre, get_language() or "")
        if typed:
            by_form = request.GET.get("part") == "suggested"
            # What we offer unasked contradicts nothing, as with the bot; who searches sees all that is published.
            found = queries.find(consistent(rows) if by_form else rows, typed)
            careful = by_form and _is_of_safety(centre, typed)
            # Whoever may be hurt is not kept from writing to us by how to clean it.
            speak = [one for one in found if not careful or _is_of_safety(centre, one.title)]
            return {"typed": typed, "found": speak, "careful": careful}
        if topic is None:
            return {"typed": "", "topics": queries.topics(rows)}
        page = Paginator(queries.of_topic(rows, topic), PER_PAGE).get_page(request.GET.get("page"))
        return {"typed": "", "topic": topic, "page": page, "articles": list(page)}


def _is_of_safety(centre: HelpCentre, words: str) -> bool:
    return bool(touched(words, [Kind.SAFETY], limit_words(centre.company_id)))


def _head(centre: HelpCentre) -> dict[str, Any]:
    contact = centre.contact if centre.contact and centre.contact.active else None
    home = reverse("portal:help", args=[centre.slug])
    with scope.acting_for([centre.company_id]):
        digest, policy = queries.logo_named(centre), conduct_link(centre.company)
    logo = reverse("portal:help_logo", args=[centre.slug, digest]) if digest else ""
    ask = urljoin(settings.BASE_URL, reverse("portal:form", args=[contact.address])) if contact else ""
    if contact and not centre.host_proven_at:
        ask = reverse("portal:form", args=[contact.address])
    said = {
        "centre": centre,
        "contact": contact,
        "contact_url": ask,
        "company_url": home,
        "company_logo": logo,
        "conduct_url": policy,
    }
    return said | company_head(centre.company, hue=centre.accent_hue)


def _article(centre: HelpCentre, pk: int) -> dict[str, Any]:
    with scope.acting_for([centre.company_id]):
        version = queries.to_read(centre, pk)
        near = queries.related(queries.readable(centre, version.article.language), version)
        others = queries.in_other_languages(centre, version)
        where = [centre.slug, version.article_id]
        shown = shown_in(version.body, lambda name: reverse("portal:help_file", args=[*where, name]))
    address = _absolute(centre, "portal:help_article", version.article_id)
    home = _absolute(centre, "portal:help")
    data = [article_data(version, address), breadcrumbs(centre, version, home)]
    text = as_page(version.body, shown)
    said = {"version": version, "near": near, "text": text, "address": address, "data": data}
    return said | {"others": others, "alternates": _alternates(centre, [version, *others])}


def _alternates(centre: HelpCentre, versions: list[ArticleVersion]) -> list[tuple[str, str]]:
    """Each language of an article with its address, this one among them as search engines want it; none where there is
    one alone.
    """
    if len(versions) == 1:
        return []
    return [
        (one.article.language, _absolute(centre, "portal:help_article", one.article_id)) for one in versions
    ]


def _absolute(centre: HelpCentre, name: str, *args: Any) -> str:
    """Where it stands for search engines: at the company's own address, once that is proven."""
    place = reverse(name, args=[centre.slug, *args])
    if not centre.host_proven_at:
        return urljoin(settings.BASE_URL, place)
    return f"{urlsplit(settings.BASE_URL).scheme}://{centre.host}{place}"
