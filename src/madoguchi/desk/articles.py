"""Articles as the console shows them: the list, what is said of each, where one may be put."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from madoguchi.companies.models import Company, Desk, OperatorCompany
from madoguchi.companies.queries import companies_with, desk_of_company, desks_of
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, OperatingModel, Permission
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.text import one_line, whole_number
from madoguchi.knowledge import policies
from madoguchi.knowledge.models import Article, ArticleVersion
from madoguchi.knowledge.queries import articles_in_sight, in_force, needs_another
from madoguchi.people.queries import staff_of_desks

State = ArticleVersion.State
PER_PAGE = 50
_MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list of articles is narrowed to, as it was typed."""

    words: str = ""
    state: str = ""
    audience: str = ""
    desk: str = ""

    @property
    def narrows(self) -> bool:
        """Whether anything was asked for, so that an empty list is nobody's fault but the question's."""
        return bool(self.words or self.state or self.audience or self.desk)


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing that is to be said of an article, and its tone: good, warn, bad or none."""

    words: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Rights:
    """What the reader may do with an article."""

    write: bool
    approve: bool
    life: bool
    another: bool


def state_names() -> dict[str, str]:
    """What a list can be narrowed to, in the reader's language."""
    return {
        "published": pgettext("articles", "In force"),
        "review": pgettext("articles", "Wait for approval"),
        "draft": pgettext("articles", "Drafts"),
        "planned": pgettext("articles", "Begin later"),
        "ended": pgettext("articles", "Have ended"),
        "due": pgettext("articles", "To be looked at again"),
        "overtaken": pgettext("articles", "Translations behind their original"),
        "retired": pgettext("articles", "Out of use"),
    }


def asked_in(query: Mapping[str, str]) -> Asked:
    """What the address asks for; what makes no sense asks for nothing."""
    state, audience = query.get("state", ""), query.get("audience", "")
    desk = query.get("desk", "")
    return Asked(
        words=one_line(query.get("words", ""), most=100),
        state=state if state in state_names() else "",
        audience=audience if audience in Article.Audience.values else "",
        desk=desk if whole_number(desk) is not None else "",
    )


def listed(asked: Asked, *, actor: Actor) -> QuerySet[Article]:
    """The articles that are asked for, by topic and title, each with the state of its newest version and the number of
    the one in force.
    """
    newest = ArticleVersion.objects.filter(article=OuterRef("pk"), number=OuterRef("newest"))
    now = in_force().filter(article=OuterRef("pk"))
    of_original = Q(article=OuterRef("original"), article__retired_at=None, state=State.APPROVED)
    approved = ArticleVersion.objects.filter(of_original).order_by("-number")
    rows = articles_in_sight(actor).annotate(
        newest_state=Subquery(newest.values("state")[:1]),
        begins=Subquery(newest.values("valid_from")[:1]),
        in_force=Subquery(now.values("number")[:1]),
        ends=Subquery(now.values("valid_until")[:1]),
        follows=Subquery(newest.values("follows")[:1]),
        original_says=Subquery(approved.values("number")[:1]),
    )
    for word in asked.words.split()[:_MOST_WORDS]:
        rows = rows.filter(Exists(newest.filter(Q(title__icontains=word) | Q(body__icontains=word))))
    if asked.audience:
        rows = rows.filter(audience=asked.audience)
    if asked.desk:
        rows = rows.filter(Q(desk=asked.desk) | Q(desk=None))
    return _in_state(rows, asked.state).order_by("company__name", "folder", "title", "id")


def _in_state(rows: QuerySet[Article], state: str) -> QuerySet[Article]:
    if state == "retired":
        return rows.exclude(retired_at=None)
    rows = rows.filter(retired_at=None)
    wanted = {
        "published": Q(in_force__isnull=False),
        "review": Q(newest_state=State.REVIEW),
        "draft": Q(newest_state=State.DRAFT),
        "planned": Q(newest_state=State.APPROVED, begins__gt=clock.now()),
        "ended": Q(newest_state=State.APPROVED, begins__lte=clock.now(), in_force=None),
        "due": Q(review_on__lte=timezone.localdate()),
        "overtaken": Q(original_says__gt=Coalesce("follows", 0)),
    }
    return rows.filter(wanted[state]) if state in wanted else rows


def marks_of(article: Any) -> list[Mark]:
    """What a row of the list says of how far its article is."""
    if article.retired_at is not None:
        return [Mark(pgettext("article", "Out of use"))]
    marks = [Mark(_("Some operators only"))] if article.restricted else []
    if article.in_force is not None:
        marks.append(Mark(_("Version %(n)s in force") % {"n": article.in_force}, "good"))
        if article.ends is not None and article.ends - clock.now() < timedelta(days=14):
            marks.append(Mark(_("Ends soon"), "warn"))
    if article.newest_state == State.REVIEW:
        marks.append(Mark(pgettext("article", "Waits for approval"), "warn"))
    elif article.newest_state == State.DRAFT:
        marks.append(Mark(pgettext("article", "Draft")))
    elif article.in_force is None:
        begins_later = article.begins is not None and article.begins > clock.now()
        marks.append(
            Mark(pgettext("article", "Begins later"))
            if begins_later
            else Mark(pgettext("article", "Has ended"), "warn")
        )
    if article.review_on and article.review_on <= timezone.localdate():
        marks.append(Mark(_("To be looked at again"), "warn"))
    if article.original_says is not None and article.original_says > (article.follows or 0):
        marks.append(Mark(_("The original has changed"), "warn"))
    return marks


def said_of(version: ArticleVersion, *, shown: int | None) -> Mark:
    """How far a version is, in words; `shown` is the number of the one in force."""
    if version.number == shown:
        return Mark(pgettext("article", "In force"), "good")
    if version.state != State.APPROVED:
        tone = "warn" if version.state == State.REVIEW else ""
        return Mark(str(State(version.state).label), tone)
    if version.wrong_at:
        return Mark(pgettext("article", "Found wrong"), "bad")
    if version.valid_from and version.valid_from > clock.now():
        return Mark(pgettext("article", "Begins later"))
    return Mark(pgettext("article", "No longer in force"))


def rights_of(actor: Actor, article: Article, newest: ArticleVersion) -> Rights:
    """What the reader may do with an article. One query for one's own words, and one that asks what was approved."""
    company, desk = article.company_id, article.desk_id
    write = policies.may_write_article(actor, company=company, desk=desk)
    approve = policies.may_approve_article(actor, company=company, desk=desk)
    life = approve or (write and not article.versions.filter(state=State.APPROVED).exists())
    return Rights(write, approve, life, approve and needs_another(newest, actor=actor))


def places_of(actor: Actor, *, company: int | None = None) -> list[tuple[str, list[tuple[str, str]]]]:
    """Where the actor may put an article, by company: for all of its desks, or for one. `company` is the only one."""
    groups: dict[Company, list[tuple[str, str]]] = {
        one: [(f"company:{one.pk}", _("All desks of %s") % one.name)]
        for one in companies_with(actor, Permission.ARTICLES_WRITE)
    }
    for desk in desks_of(actor, permission=Permission.ARTICLES_WRITE):
        own = groups.setdefault(
            desk.company, [(f"company:{desk.company_id}", _("All desks of %s") % desk.company.name)]
        )
        own.append((f"desk:{desk.pk}", desk.name))
    return [(one.name, rows) for one, rows in groups.items() if company in (None, one.pk)]


def place_in(chosen: str, *, actor: Actor) -> tuple[Company, Desk | None]:
    """The company, and the desk unless all are meant, that a form names. Raises Refused."""
    kind, _colon, written = chosen.partition(":")
    pk = whole_number(written) or 0
    for desk in desks_of(actor, permission=Permission.ARTICLES_WRITE):
        if kind == "desk" and desk.pk == pk:
            return desk.company, desk_of_company(pk, company=desk.company_id)
        if kind == "company" and desk.company_id == pk:
            return desk.company, None
    found = (
        companies_with(actor, Permission.ARTICLES_WRITE).filter(pk=pk).first() if kind == "company" else None
    )
    if found is None:
        raise Refused(_("Choose one of the list."), field="where")
    return found, None


def operators_for(article: Article) -> list[tuple[OperatorCompany, bool]]:
    """The vendors of a company, and those that were, with whether each was chosen to read an article. One query."""
    named = OperatorCompany.objects.filter(
        Q(engagements__company=article.company_id) | Q(pk__in=article.operators)
    )
    own = Q(own_of=article.company_id) | Q(
        engagements__company=article.company_id, engagements__model=OperatingModel.IN_HOUSE
    )
    rows = named.exclude(pk__in=OperatorCompany.objects.filter(own).values("pk")).distinct().order_by("name")
    return [(one, one.pk in article.operators) for one in rows]


def people_for(actor: Actor, article: Article | None = None) -> list[tuple[str, str]]:
    """Who can look after an article: the people of the actor's desks, the actor, and who does now."""
    desks = desks_of(actor, permission=Permission.ARTICLES_WRITE)
    people = {str(one.pk): one.name for one in staff_of_desks([desk.pk for desk in desks])}
    people.setdefault(str(actor.id), actor.name)
    if article is not None and article.owner:
        people.setdefault(str(article.owner_id), article.owner.name)
    return list(people.items())


def folders_of(actor: Actor) -> list[str]:
    """The topics under which articles stand already. One query."""
    named = articles_in_sight(actor).exclude(folder="").order_by("folder")
    return list(named.values_list("folder", flat=True).distinct()[:100])


def moment_in(written: str, *, field: str) -> datetime | None:
    """A moment as a browser writes it (2026-12-01T09:00), in the time of the desk. Raises Refused."""
    if not written:
        return None
    try:
        moment = timezone.make_aware(datetime.fromisoformat(written).replace(tzinfo=None))
    except ValueError:
        raise Refused(_("Write a moment like 2026-12-01 09:00."), field=field) from None
    if not clock.can_be_meant(moment):
        raise Refused(_("Write a moment like 2026-12-01 09:00."), field=field)
    return moment
