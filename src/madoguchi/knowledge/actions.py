"""Writing reply templates."""

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.companies.models import Company, Desk
from madoguchi.infra.event_log import record
from madoguchi.infra.writing import set_changed, unique
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.kernel.text import clean, one_line
from madoguchi.knowledge import policies
from madoguchi.knowledge.events import TemplateAdded, TemplateChanged
from madoguchi.knowledge.models import ReplyTemplate


@transaction.atomic
def add_template(company: Company, *, desk: Desk | None, name: str, body: str, by: Actor) -> ReplyTemplate:
    """Add a template for one desk, or (None) for all of the company's.

    Raises NotAllowed, or Refused when the name is taken, something is empty or the desk is another company's.
    """
    _require(by, company=company.pk, desk=desk)
    template = ReplyTemplate(company=company, desk=desk, name=_named(name), body=_written(body))
    with unique(_("The company has a template of this name already."), field="name"):
        template.save()
    fact = TemplateAdded(
        company=company.pk, desk=desk.pk if desk else None, template=template.pk, name=template.name
    )
    record(fact, by=by)
    return template


@transaction.atomic
def change_template(
    template: ReplyTemplate, *, desk: Desk | None, name: str, body: str, active: bool, by: Actor
) -> None:
    """Change a template, move it to another desk, or take it out of use.

    Raises NotAllowed unless the actor may write both where it is and where it goes; else as `add_template`.
    """
    _require(by, company=template.company_id, desk=template.desk)
    _require(by, company=template.company_id, desk=desk)
    with unique(_("The company has a template of this name already."), field="name"):
        changes = set_changed(
            template, desk_id=desk.pk if desk else None, name=_named(name), body=_written(body), active=active
        )
    if changes:
        template.save(update_fields=["updated_at"])
        fact = TemplateChanged(
            company=template.company_id, desk=template.desk_id, template=template.pk, changes=changes
        )
        record(fact, by=by)


def _require(by: Actor, *, company: int, desk: Desk | None) -> None:
    if desk is not None and desk.company_id != company:
        raise Refused(_("This desk belongs to another company."), field="desk")
    if not policies.may_write_template(by, company=company, desk=desk.pk if desk else None):
        raise NotAllowed(Permission.TEMPLATES)


def _named(name: str) -> str:
    named = one_line(name, most=100)
    if not named:
        raise Refused(_("A name is needed."), field="name")
    return named


def _written(body: str) -> str:
    written = clean(body).strip()
    if not written:
        raise Refused(_("Write something first."), field="body")
    return written
