"""Templates for those who answer, and filling them in."""

import re
from collections.abc import Mapping

from django.db.models import Q, QuerySet

from madoguchi.companies.models import Desk
from madoguchi.infra.prepared_query import PreparedQuery, Slot
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotFound
from madoguchi.knowledge.conditions import every_branch, names_in, settled
from madoguchi.knowledge.models import ReplyTemplate, TemplateVersion

VARIABLES = ("customer", "case", "agent", "desk", "subject", "channel", "language")
_VARIABLE = re.compile(r"\{\{\s*([a-z_]+)\s*\}\}")


def templates_for_desk(desk: Desk) -> QuerySet[ReplyTemplate]:
    """The templates in use at a desk: its own and those of all the company's desks, by name."""
    return _in_use(desk.pk, desk.company_id)


def templates_to_choose(desk: Desk, *, most: int) -> list[ReplyTemplate]:
    """The same templates without their texts, which every opened case offers. One query."""
    return _TO_CHOOSE.rows({"desk": desk.pk, "company": desk.company_id}, most=most)


def _in_use(desk: int | Slot, company: int | Slot) -> QuerySet[ReplyTemplate]:
    here = Q(desk=desk) | Q(desk=None)
    return ReplyTemplate.objects.filter(here, company_id=company, active=True)


_TO_CHOOSE = PreparedQuery(lambda: _in_use(Slot("desk"), Slot("company")).defer("body"))


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
