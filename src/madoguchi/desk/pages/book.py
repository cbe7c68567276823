"""Articles of a topic one after the other, with contents: to be read through, printed, or saved as PDF."""

from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from madoguchi.desk.pages.article_files import shown_here
from madoguchi.desk.pages.articles import around
from madoguchi.desk.pages.parts import Context, DeskRequest, apart
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.text import whole_number
from madoguchi.knowledge.models import Article, ArticleVersion
from madoguchi.knowledge.queries import articles_in_sight, in_force
from madoguchi.knowledge.reading import as_page
from madoguchi.people.access import requires

# So many fill a thick book, and a page that a browser still lays out.
MOST_CHAPTERS = 200


@require_safe
@requires(Permission.ARTICLES_READ)
def book(request: DeskRequest) -> HttpResponse:
    """The topics that have articles in force, or one of a company (`topic`, `company`, `language`) as a book."""
    topic, company = request.GET.get("topic"), whole_number(request.GET.get("company", "")) or 0
    rows = in_force().filter(article__in=articles_in_sight(request.actor))
    if topic is None:
        context: Context = {"topics": _topics(rows)}
        return apart(request, "desk/book_topics.html", context | around(request, "book"))
    language = request.GET.get("language", "") or Article.Language.JA
    chosen = rows.filter(article__folder=topic, company=company, article__language=language)
    chapters = list(chosen.select_related("article__company").order_by("title", "id")[: MOST_CHAPTERS + 1])
    told = [(one, as_page(one.body, shown_here(one.body))) for one in chapters[:MOST_CHAPTERS]]
    context = {"topic": topic, "chapters": told, "more": len(chapters) > MOST_CHAPTERS, "now": clock.now()}
    return apart(request, "desk/book.html", context | around(request, "book"))


def _topics(rows: QuerySet[ArticleVersion]) -> list[dict[str, object]]:
    """Each topic of each company and language, with how many articles it has. One query."""
    named = ("company", "company__name", "article__folder", "article__language")
    return list(rows.order_by().values(*named).annotate(chapters=Count("pk")).order_by(*named[1:]))
