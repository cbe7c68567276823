"""Writing reply templates; every version is kept."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.companies.models import Company, Desk
from madoguchi.infra.event_log import record
from madoguchi.infra.writing import set_changed, unique
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.kernel.text import clean, one_line
from madoguchi.knowledge import policies
from madoguchi.knowledge.conditions import left_open
from madoguchi.knowledge.events import TemplateAdded, TemplateChanged
from madoguchi.knowledge.models import ReplyTemplate, TemplateVersion


@transaction.atomic
def add_template(
    company: Company, *, desk: Desk | None, name: str, body: str, owner: int | None = None, by: Actor
) -> ReplyTemplate:
    """Add a template for one desk, or (None) for all of the company's, with who looks after it.

    Raises NotAllowed, or Refused when the name is taken, something is empty, a condition is left open or the desk is
    another company's.
    """
    _require(by, company=company.pk, desk=desk)
    template = ReplyTemplate(
        company=company, desk=desk, name=_named(name), body=_written(body), owner_id=owner
    )
    with unique(_("The company has a template of this name already."), field="name"):
        template.save()
    _keep(template, by)
    fact = TemplateAdded(
        company=company.pk, desk=desk.pk if desk else None, template=template.pk, name=template.name
    )
    record(fact, by=by)
    return template


@transaction.atomic
def change_template(
    template: ReplyTemplate,
    *,
    desk: Desk | None,
    name: str,
    body: str,
    active: bool,
    owner: int | None = None,
    by: Actor,
) -> None:
    """Change a template, move it to another desk, give it into somebody else's care, or take it out of use. Another
    name or text is a new version; the one before stays.

    Raises NotAllowed unless the actor may write both where it is and where it goes; else as `add_template`.
    """
    # Somebody else may have written it meanwhile: what stands now is what is changed.
    template.refresh_from_db(from_queryset=ReplyTemplate.objects.select_for_update())
    _require(by, company=template.company_id, desk=template.desk)
    _require(by, company=template.company_id, desk=desk)
    _keep_as_it_was(template)
    with unique(_("The company has a template of this name already."), field="name"):
        changes = set_changed(
            template,
            desk_id=desk.pk if desk else None,
            name=_named(name),
            body=_written(body),
            active=active,
            owner_id=owner,
        )
    if {"name", "body"} & set(changes):
        template.version += 1
        _keep(template, by)
    if changes:
        template.save(update_fields=["updated_at", "version"])
        fact = TemplateChanged(
            company=template.company_id, desk=template.desk_id, template=template.pk, changes=changes
        )
        record(fact, by=by)


def restore_version(template: ReplyTemplate, number: int, *, by: Actor) -> None:
    """Let a template say again what it once said, as a new version. Raises as `change_template`."""
    then = template.versions.get(number=number)
    change_template(
        template,
        desk=template.desk,
        name=then.name,
        body=then.body,
        active=template.active,
        owner=template.owner_id,
        by=by,
    )


def _keep(template: ReplyTemplate, by: Actor | None, *, at: datetime | None = None) -> None:
    TemplateVersion.objects.create(
        company_id=template.company_id,
        template=template,
        number=template.version,
        name=template.name,
        body=template.body,
        user_id=by.id if by else None,
        at=at or clock.now(),
    )


def _keep_as_it_was(template: ReplyTemplate) -> None:
    """One that was written before versions were kept has a first one now."""
    if not template.versions.exists():
        _keep(template, None, at=template.updated_at)


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
    left = left_open(written)
    if left:
        words = _("This condition is not complete: %(what)s. Write {{if …}} … {{else}} … {{end}}.")
        raise Refused(words % {"what": " ".join(left)}, field="body")
    return written
