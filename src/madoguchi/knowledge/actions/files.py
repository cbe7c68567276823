"""Pictures and files of articles: added while somebody writes, and of the article once its words name them."""

from dataclasses import replace
from datetime import timedelta

from django.db import transaction
from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from madoguchi.companies.models import Company
from madoguchi.infra import files
from madoguchi.infra.event_log import record
from madoguchi.infra.pictures import MOST_SIDE, NoPicture, TooManyDots, redrawn
from madoguchi.infra.writing import one_at_a_time
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.channel import File
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.kernel.pictures import MOST_DOTS, kind_of, size_of
from madoguchi.kernel.text import one_line
from madoguchi.knowledge import policies
from madoguchi.knowledge.enclosed import (
    FILES,
    MOST_FILE,
    MOST_OF_COMPANY,
    MOST_PICTURE,
    ending_of,
    is_picture,
    names_in,
    new_name,
    undescribed,
)
from madoguchi.knowledge.events import ArticleFileAdded
from madoguchi.knowledge.models import Article, ArticleFile
from madoguchi.knowledge.queries.articles import articles_in_sight

# Whoever writes on has saved by then.
UNSAVED = timedelta(days=1)


@transaction.atomic
def add_file(company: Company, file: File, *, by: Actor) -> ArticleFile:
    """Keep a picture or a file that somebody puts into an article. It is seen by nobody else until they save.

    Raises NotAllowed, or Refused for what is no picture and none of the files that are taken, or is too large.
    """
    if not policies.may_write_article(by, company=company.pk, desk=None):
        raise NotAllowed(Permission.ARTICLES_WRITE)
    ending, fit = _made_fit(file)
    require_room(company, len(fit.content))
    kept = keep(company, fit, name=new_name(ending), by=by)
    record(ArticleFileAdded(company=company.pk, name=kept.name, size=kept.size), by=by)
    return kept


def forget_unsaved(company: int) -> set[str]:
    """Let go what nobody has saved within a day; the hashes of the bytes, to which something else may lead."""
    rows = ArticleFile.objects.filter(company=company, article=None, at__lt=clock.now() - UNSAVED)
    hashes = set(rows.values_list("sha256", flat=True))
    rows.delete()
    return hashes


def keep(
    company: Company, file: File, *, name: str, by: Actor, article: Article | None = None
) -> ArticleFile:
    """The bytes in the store, and the row that names them."""
    width, height = (size_of(file.content) if is_picture(name) else None) or (None, None)
    return ArticleFile.objects.create(
        company=company,
        article=article,
        name=name,
        filename=one_line(file.filename, most=255) or name,
        sha256=files.put(file.content, company=company.pk),
        size=len(file.content),
        width=width,
        height=height,
        user_id=by.id,
        at=clock.now(),
    )


def take_up(article: Article, body: str, *, by: Actor) -> None:
    """Let what these words name belong to the article: what their writer added just now, and what stands in another
    article that they read. Raises Refused for what is not here, and for a picture of which nothing says what it shows.
    """
    if next(undescribed(body), ""):
        words = _(
            "Say in the brackets before each picture what it shows, as in ![the button at the back](files/…):"
            " it is read to those who do not see it."
        )
        raise Refused(words, field="body")
    wanted = names_in(body)
    here = set(article.files.filter(name__in=wanted).values_list("name", flat=True)) if wanted else set()
    for name in wanted:
        if name not in here:
            _take_up(article, name, by)


def _take_up(article: Article, name: str, by: Actor) -> None:
    own, read = Q(article=None, user=by.id or 0), Q(article__in=articles_in_sight(by))
    rows = ArticleFile.objects.select_for_update(of=("self",)).filter(
        own | read, company=article.company_id, name=name
    )
    # What another article took up while we waited is looked for once more: it is read there now.
    found = rows.first() or rows.first()
    if found is None:
        words = _("The picture or file “%s” is not here. Add it again, or take it out of the text.")
        raise Refused(words % f"files/{name}", field="body")
    if found.article_id is not None:
        found.pk = None
        found._state.adding = True
    found.article = article
    found.save()


def drawn(file: File) -> File:
    """A picture as it is kept: upright, no larger than a page shows, and without where and with what it was taken.
    Raises Refused for what cannot be drawn.
    """
    try:
        return replace(file, content=redrawn(file.content))
    except TooManyDots as error:
        words = _(
            "This picture has too many dots. Choose one of %(most)s dots at most, and one that moves of"
            " %(side)s by %(side)s at most."
        )
        raise Refused(words % {"most": f"{MOST_DOTS:,}", "side": MOST_SIDE}) from error
    except NoPicture as error:
        raise Refused(
            _("This picture is broken. Open it in a program for pictures, save it anew and add it again.")
        ) from error


def _made_fit(file: File) -> tuple[str, File]:
    """What its name ends with, and what is kept of it. Raises Refused."""
    ending = ending_of(file.filename, file.content)
    shown = is_picture(f".{ending}") or bool(kind_of(file.content))
    most = MOST_PICTURE if shown else MOST_FILE
    if (ending or shown) and len(file.content) > most:
        raise Refused(_("This is too large. Choose one of %s MB at most.") % (most // 1_000_000))
    if shown:
        file = drawn(file)
    if not ending:
        words = _("Choose a picture (PNG, JPEG, GIF, WebP) or a file of these kinds: %s.")
        raise Refused(words % ", ".join(FILES))
    return ending, file


def require_room(company: Company, size: int) -> None:
    """Hold room for so many bytes more until this transaction ends; the same bytes of several articles lie there once.
    Raises Refused.
    """
    one_at_a_time(f"article files {company.pk}")
    rows = ArticleFile.objects.filter(company=company).order_by().values("sha256", "size").distinct()
    if (rows.aggregate(sum=Sum("size"))["sum"] or 0) + size > MOST_OF_COMPANY:
        words = _(
            "The articles of the company hold %s MB of pictures and files, which is all there is room for."
            " Make the pictures smaller."
        )
        raise Refused(words % (MOST_OF_COMPANY // 1_000_000))
