"""Templates for those who answer, and filling them in."""

import re
from collections.abc import Collection, Mapping
from datetime import date
from hashlib import sha256

from django.db.models import F, Q, QuerySet

from madoguchi.companies.models import Desk
from madoguchi.infra.prepared_query import PreparedQuery, Slot
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotFound
from madoguchi.knowledge.conditions import every_branch, names_in, settled
from madoguchi.knowledge.models import ReplyTemplate, TemplateState, TemplateVersion

VARIABLES = ("customer", "case", "agent", "desk", "greeting", "subject", "channel", "language")
_VARIABLE = re.compile(r"\{\{\s*([a-z_]+)\s*\}\}")


def templates_for_desk(desk: Desk) -> QuerySet[ReplyTemplate]:
    """The templates in use at a desk: its own and those of all the company's desks, by name."""
    return _in_use(desk.pk, desk.company_id, clock.today())


def templates_to_choose(desk: Desk, *, feelings: Collection[str] = (), most: int) -> list[ReplyTemplate]:
    """The same templates without their texts, which every opened case offers, those for customers who feel like this
    first. One query.
    """
    asked = {"desk": desk.pk, "company": desk.company_id, "today": clock.today()}
    found = _TO_CHOOSE.rows(asked, most=most)
    return sorted(found, key=lambda one: not set(one.feelings) & set(feelings)) if feelings else found


def _in_use(desk: int | Slot, company: int | Slot, today: date | Slot) -> QuerySet[ReplyTemplate]:
    here, goes_on = Q(desk=desk) | Q(desk=None), Q(ends_on=None) | Q(ends_on__gte=today)
    rows = ReplyTemplate.objects.filter(here, goes_on, company_id=company, active=True)
    return rows.filter(state=TemplateState.APPROVED)


_TO_CHOOSE = PreparedQuery(lambda: _in_use(Slot("desk"), Slot("company"), Slot("today")).defer("body"))


def templates_to_edit(actor: Actor) -> QuerySet[ReplyTemplate]:
    """The templates that the actor may see in the settings: those of their desks and the common ones there.

    Whoever edits the templates of one desk reads the common ones too, for they are offered beside each other.
    """
    wide, single = actor.companies_with(Permission.TEMPLATES), actor.desks_with(Permission.TEMPLATES)
    shared = Desk.objects.filter(pk__in=single).values("company_id")
    in_reach = Q(company_id__in=wide) | Q(desk_id__in=single) | Q(desk=None, company_id__in=shared)
    return ReplyTemplate.objects.select_related("company", "desk", "owner").filter(in_reach)


def template_to_edit(actor: Actor, template: int) -> ReplyTemplate:
    """One of those; raises NotFound for any other."""
    found = templates_to_edit(actor).filter(pk=template).first()
    if found is None:
        raise NotFound
    return found


def proposed_of(template: ReplyTemplate) -> TemplateVersion | None:
    """The words of a template that are not approved, if any: its own, or those proposed in their place. One query."""
    rows = template.versions.exclude(state=TemplateState.APPROVED).filter(number__gte=template.version)
    return rows.select_related("user").order_by("-number").first()


def template_digest(template: ReplyTemplate, version: TemplateVersion) -> str:
    """What an approver looks at, in short: other words, another place or other days have another one."""
    days = [str(template.review_on), str(template.ends_on)]
    said = [version.name, version.body, str(template.desk_id), *days]
    return sha256("\0".join(said).encode()).hexdigest()


def templates_to_approve(actor: Actor) -> QuerySet[TemplateVersion]:
    """The words of templates that wait for the actor's approval, the longest first."""
    wide, single = (
        actor.companies_with(Permission.ARTICLES_APPROVE),
        actor.desks_with(Permission.ARTICLES_APPROVE),
    )
    mine = Q(template__company__in=wide) | Q(template__desk__in=single)
    waiting = TemplateVersion.objects.filter(
        mine, state=TemplateState.REVIEW, number__gte=F("template__version")
    )
    return waiting.select_related("template").order_by("at", "id")


def versions_of(template: ReplyTemplate) -> QuerySet[TemplateVersion]:
    """How a template was, the latest first."""
    return template.versions.select_related("user").order_by("-number")


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with `{{name}}` replaced by its value, in one pass: a value is never read as a template.

    Conditions are settled first. A name without a value stays as it is written, so that whoever sends it sees what is
    missing.
    """
    return _VARIABLE.sub(lambda found: values.get(found[1], found[0]), settled(text, values))


def unknown_variables(text: str) -> list[str]:
    """Variables in a template that nothing will ever fill in, as they are written, each once."""
    found = [match[0] for match in _VARIABLE.finditer(every_branch(text)) if match[1] not in VARIABLES]
    asked = [f"{{{{if {name}}}}}" for name in names_in(text) if name not in VARIABLES]
    return list(dict.fromkeys([*found, *asked]))
