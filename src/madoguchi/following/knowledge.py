"""Whom it concerns what becomes of knowledge: who looks after an article or a template, who wrote, and who approves."""

from collections.abc import Collection

from django.db.models import Q

from madoguchi.bot.events import BotStopped
from madoguchi.gaps.events import GapDrafted
from madoguchi.infra.facts import Fact
from madoguchi.kernel.actor import Permission, Role
from madoguchi.knowledge.events import (
    ArticleDue,
    ArticleFoundWrong,
    TemplateApproved,
    TemplateDue,
    TemplateProposed,
    TemplateReturned,
)
from madoguchi.knowledge.models import Article, ArticleVersion, ReplyTemplate, TemplateVersion
from madoguchi.macros.events import MacroApproved, MacroProposed, MacroReturned
from madoguchi.macros.models import Macro
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of, seniors_of_desk

_OF_TEMPLATES = (TemplateProposed, TemplateApproved, TemplateReturned, TemplateDue)
_OF_MACROS = (MacroProposed, MacroApproved, MacroReturned)
KNOWLEDGE = (ArticleFoundWrong, ArticleDue, GapDrafted, BotStopped, *_OF_TEMPLATES, *_OF_MACROS)
_HEADS = (Role.SUPERVISOR, Role.MANAGER)


def concerned_by(fact: Fact, company: int) -> set[int]:
    """Who looks after an article of which this tells or that a night began, or approves the company's where nobody
    does; of one that was found wrong also who approved what was wrong.
    """
    if isinstance(fact, _OF_TEMPLATES):
        return {one for one in _with_a_template(fact, company) if one}
    if isinstance(fact, MacroProposed):
        return approvers_of(company)
    if isinstance(fact, MacroApproved | MacroReturned):
        rows = Macro.objects.filter(pk=fact.macro, words_by__isnull=False)
        return set(rows.values_list("words_by", flat=True))
    if isinstance(fact, BotStopped):
        leads = seniors_of_desk(fact.desk, company=company) if fact.desk else []
        return {*approvers_of(company), *(one.pk for one in leads)}
    if not isinstance(fact, ArticleFoundWrong | ArticleDue | GapDrafted):
        return set()
    article = Article.objects.filter(pk=fact.article).first()
    if article is None:
        return set()
    people = {article.owner_id} if article.owner_id else approvers_of(company)
    if isinstance(fact, ArticleFoundWrong):
        people |= _approved(article, fact.numbers)
    return {one for one in people if one}


def _with_a_template(fact: Fact, company: int) -> set[int | None]:
    """Who approves hears of what waits, its writer what became of it, and who looks after it that it falls due."""
    if isinstance(fact, TemplateApproved | TemplateReturned):
        rows = TemplateVersion.objects.filter(template=fact.template, number=fact.number)
        return set(rows.values_list("user_id", flat=True))
    if isinstance(fact, TemplateDue):
        owner = ReplyTemplate.objects.filter(pk=fact.template, owner__isnull=False).values_list(
            "owner", flat=True
        )
        return set(owner) or {*approvers_of(company)}
    return {*approvers_of(company)}


def approvers_of(company: int) -> set[int]:
    """The people who approve a company's articles."""
    heads = Q(operator_memberships__role__in=_HEADS, operator_memberships__operator__own_of=company)
    found = User.objects.filter(Q(company_memberships__company=company) | heads, is_active=True).distinct()
    may = Permission.ARTICLES_APPROVE
    return {one.pk for one in found if actor_of(one).may(may, company=company)}


def _approved(article: Article, numbers: Collection[int]) -> set[int]:
    rows = ArticleVersion.objects.filter(article=article, number__in=numbers, approved_by__isnull=False)
    return set(rows.values_list("approved_by", flat=True))
