"""Which articles changed since somebody read them, and who has not read one yet."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from madoguchi.companies.models import Desk, Engagement
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, OperatingModel
from madoguchi.knowledge.models import Article, ArticleReading, ArticleVersion
from madoguchi.knowledge.queries.articles import articles_in_sight, in_force
from madoguchi.people.models import OperatorMember, User
from madoguchi.people.queries import staff_of_desks

# What has been in force for longer is known, or was looked up since.
NEWS = timedelta(days=30)
FOR_OPERATORS = (Article.Audience.OPERATOR, Article.Audience.BOTH)
MOST_NAMES = 200


@dataclass(frozen=True, slots=True)
class NotYet:
    """Who has not read a version: the names of people of the reader's own employer, and how many others."""

    names: list[str]
    others: int

    @property
    def count(self) -> int:
        """How many people."""
        return len(self.names) + self.others


def unread_by(actor: Actor) -> QuerySet[ArticleVersion]:
    """The versions for operators that came into force in the last 30 days and that the actor has not marked as read,
    the newest first. One query.
    """
    read = ArticleReading.objects.filter(
        article=OuterRef("article"), user=actor.id, number__gte=OuterRef("number")
    )
    rows = in_force().filter(article__in=articles_in_sight(actor), article__audience__in=FOR_OPERATORS)
    news = rows.filter(valid_from__gt=clock.now() - NEWS).exclude(Exists(read))
    return news.select_related("article__company").order_by("-valid_from", "-id")


def not_yet(version: ArticleVersion, *, actor: Actor) -> NotYet:
    """Who works where an article is for and has not marked this version as read. People of another employer are only
    counted: how they do their work is between them and theirs. Three queries.
    """
    article = version.article
    desks = Desk.objects.filter(company=article.company_id, active=True)
    here = desks.filter(pk=article.desk_id) if article.desk_id else desks
    read = ArticleReading.objects.filter(article=article, number__gte=version.number).values("user_id")
    missing = staff_of_desks(list(here.values_list("pk", flat=True))).exclude(pk__in=read)
    if article.restricted:
        at_home = Engagement.objects.filter(desk__in=here, model=OperatingModel.IN_HOUSE).values("operator")
        employed = Q(operator__in=article.operators) | Q(operator__in=at_home)
        missing = missing.filter(pk__in=OperatorMember.objects.filter(employed).values("user"))
    own = {grant.operator for grant in actor.grants if grant.company == article.company_id}
    of_company = article.company_id if None in own else None
    colleagues = OperatorMember.objects.filter(
        Q(operator__in=own - {None}) | Q(operator__own_of=of_company, operator__own_of__isnull=False)
    )
    mine = set(colleagues.values_list("user_id", flat=True))
    people: list[User] = list(missing[:MOST_NAMES])
    names = [one.name for one in people if one.pk in mine]
    return NotYet(names, len(people) - len(names))
