"""Writing reply templates; every version is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from madoguchi.companies.models import Company, Desk
from madoguchi.infra.event_log import record
from madoguchi.infra.writing import set_changed, unique
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.kernel.text import clean, one_line
from madoguchi.knowledge import policies
from madoguchi.knowledge.conditions import left_open
from madoguchi.knowledge.events import (
    TemplateAdded,
    TemplateApproved,
    TemplateChanged,
    TemplateDropped,
    TemplateProposed,
    TemplateReturned,
)
from madoguchi.knowledge.models import ReplyTemplate, TemplateVersion
from madoguchi.knowledge.models import TemplateState as State
from madoguchi.knowledge.queries.articles import wants_four_eyes
from madoguchi.knowledge.queries.templates import template_digest


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateCare:
    """Who looks after a template, when it is to be looked at again, until which day it is offered, and to customers of
    which feelings first.
    """

    owner: int | None = None
    review_on: date | None = None
    ends_on: date | None = None
    feelings: Sequence[str] = ()


@transaction.atomic
def add_template(
    company: Company,
    *,
    desk: Desk | None,
    name: str,
    body: str,
    owner: int | None = None,
    care: TemplateCare | None = None,
    draft: bool = False,
    by: Actor,
) -> ReplyTemplate:
    """Add a template for one desk, or (None) for all of the company's, with who looks after it. It is offered at once
    where the writer approves for the company; else it waits for that, or stays a `draft`.

    Raises NotAllowed, or Refused when the name is taken, something is empty, a condition is left open or the desk is
    another company's.
    """
    _require(by, company=company.pk, desk=desk)
    kept = care or TemplateCare(owner=owner)
    template = ReplyTemplate(
        company=company,
        desk=desk,
        name=_named(name),
        body=_written(body),
        state=_state_of(by, company=company.pk, desk=desk, draft=draft),
        owner_id=kept.owner,
        review_on=kept.review_on,
        ends_on=kept.ends_on,
        feelings=list(kept.feelings),
    )
    with unique(_("The company has a template of this name already."), field="name"):
        template.save()
    _keep(template, by)
    fact = TemplateAdded(
        company=company.pk, desk=desk.pk if desk else None, template=template.pk, name=template.name
    )
    record(fact, by=by)
    _ask(template, template.version, template.state, by)
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
    care: TemplateCare | None = None,
    draft: bool = False,
    by: Actor,
) -> None:
    """Change a template, move it to another desk, give it into somebody else's care, or take it out of use. Another
    name or text is a new version; the one before stays. Of one that is offered it is a proposal until the company
    approves it, unless the writer does; one that comes back into use is approved anew in the same way.

    Raises NotAllowed unless the actor may write both where it is and where it goes, and Refused where who does not
    approve would have it offered elsewhere or for longer; else as `add_template`.
    """
    # Somebody else may have written it meanwhile: what stands now is what is changed.
    template.refresh_from_db(from_queryset=ReplyTemplate.objects.select_for_update())
    _require(by, company=template.company_id, desk=template.desk)
    _require(by, company=template.company_id, desk=desk)
    _keep_as_it_was(template)
    kept = care or TemplateCare(
        owner=owner, review_on=template.review_on, ends_on=template.ends_on, feelings=template.feelings
    )
    arranged = {"desk_id": desk.pk if desk else None, "active": active, **_columns(kept)}
    _require_approval(template, desk, kept, by)
    words = {"name": _named(name), "body": _written(body)}
    state = _state_of(by, company=template.company_id, desk=desk, draft=draft)
    comes_back = active and not template.active
    if template.state == State.APPROVED and state != State.APPROVED and not comes_back:
        _set(template, by, **arranged)
        _propose(template, words, state, by)
        return
    _say(template, by, state, **words, **arranged)


def _say(template: ReplyTemplate, by: Actor, state: str, **columns: Any) -> None:
    """What is written is what the template says: it was approved, or nothing of it is offered yet."""
    changes = _set(template, by, state=state, **columns)
    if {"name", "body"} & set(changes):
        template.version = _next(template)
        template.save(update_fields=["version"])
        _keep(template, by)
    elif "state" in changes:
        approver = by.id if state == State.APPROVED else None
        template.versions.filter(number=template.version).update(state=state, approved_by=approver)
    if changes and state != State.APPROVED:
        _ask(template, template.version, state, by)


def _propose(template: ReplyTemplate, words: Mapping[str, str], state: str, by: Actor) -> None:
    """Other words for a template that is offered: one proposal at a time, which goes on being written."""
    if words == {"name": template.name, "body": template.body}:
        return
    there = template.versions.filter(number__gt=template.version).order_by("-number").first()
    number = there.number if there else _next(template)
    told = {**words, "state": state, "user_id": by.id, "at": clock.now(), "comment": ""}
    if there and there.state == state and {"name": there.name, "body": there.body} == words:
        return
    told["company_id"] = template.company_id
    template.versions.update_or_create(number=number, defaults=told)
    _ask(template, number, state, by)


@transaction.atomic
def approve_template(template: ReplyTemplate, number: int, *, seen: str | None = None, by: Actor) -> None:
    """Have a template say what was proposed: it is offered from now on. `seen` is the `template_digest` of what the
    approver looked at.

    Raises NotAllowed for who does not approve for the company, Refused for one's own words where the company wants four
    eyes and where the name is taken, and Conflict for what does not wait any more, or says something else by now.
    """
    version = _waiting(template, number, by)
    if seen is not None and seen != template_digest(template, version):
        raise Conflict(_("It has changed since you looked at it. Look again."))
    if version.user_id == by.id and wants_four_eyes(template.company_id):
        raise Refused(_("Somebody else has to approve what you wrote yourself."))
    version.state, version.approved_by_id = State.APPROVED, by.id
    version.save(update_fields=["state", "approved_by"])
    with unique(_("The company has a template of this name already."), field="name"):
        _set(template, by, name=version.name, body=version.body, state=State.APPROVED, version=number)
    record(TemplateApproved(**_where(template), number=number), by=by)


@transaction.atomic
def return_template(template: ReplyTemplate, number: int, *, comment: str, by: Actor) -> None:
    """Give what was proposed back to its writer, with a comment. Raises NotAllowed, or Conflict for what does not wait
    any more.
    """
    version = _waiting(template, number, by)
    version.state, version.comment = State.DRAFT, one_line(comment, most=500)
    version.save(update_fields=["state", "comment"])
    if template.version == number:
        _set(template, by, state=State.DRAFT)
    record(TemplateReturned(**_where(template), number=number, comment=version.comment), by=by)


@transaction.atomic
def drop_proposal(template: ReplyTemplate, *, by: Actor) -> None:
    """Throw away what was proposed of a template that is offered; else it does nothing. What it was and whose is kept
    in the log. Raises NotAllowed.
    """
    template.refresh_from_db(from_queryset=ReplyTemplate.objects.select_for_update())
    _require(by, company=template.company_id, desk=template.desk)
    if template.state != State.APPROVED:
        return
    for version in template.versions.filter(number__gt=template.version).order_by("number"):
        fact = TemplateDropped(
            **_where(template),
            number=version.number,
            writer=version.user_id,
            name=version.name,
            body=version.body,
        )
        record(fact, by=by)
        version.delete()


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


def _waiting(template: ReplyTemplate, number: int, by: Actor) -> TemplateVersion:
    template.refresh_from_db(from_queryset=ReplyTemplate.objects.select_for_update())
    if not policies.may_approve_article(by, company=template.company_id, desk=template.desk_id):
        raise NotAllowed(Permission.ARTICLES_APPROVE)
    waiting = template.versions.filter(state=State.REVIEW, number__gte=template.version)
    found = waiting.filter(number=number).first()
    if found is None:
        raise Conflict(_("This does not wait for approval any more."))
    return found


def _state_of(by: Actor, *, company: int, desk: Desk | None, draft: bool) -> State:
    if draft:
        return State.DRAFT
    approves = policies.may_approve_article(by, company=company, desk=desk.pk if desk else None)
    return State.APPROVED if approves and not wants_four_eyes(company) else State.REVIEW


def _ask(template: ReplyTemplate, number: int, state: str, by: Actor) -> None:
    if state == State.REVIEW:
        record(TemplateProposed(**_where(template), number=number), by=by)


def _set(template: ReplyTemplate, by: Actor, **columns: Any) -> dict[str, list[Any]]:
    with unique(_("The company has a template of this name already."), field="name"):
        changes = set_changed(template, **columns)
    if changes:
        template.save(update_fields=["updated_at"])
        record(TemplateChanged(**_where(template), changes=changes), by=by)
    return changes


def _columns(care: TemplateCare) -> dict[str, Any]:
    days = {"review_on": care.review_on, "ends_on": care.ends_on}
    return {"owner_id": care.owner, "feelings": list(care.feelings), **days}


def _where(template: ReplyTemplate) -> dict[str, Any]:
    return {"company": template.company_id, "desk": template.desk_id, "template": template.pk}


def _next(template: ReplyTemplate) -> int:
    last = template.versions.aggregate(last=Max("number"))["last"]
    return 1 + max(last or 0, template.version)


def _keep(template: ReplyTemplate, by: Actor | None, *, at: datetime | None = None) -> None:
    approver = by.id if by and template.state == State.APPROVED else None
    TemplateVersion.objects.create(
        company_id=template.company_id,
        template=template,
        number=template.version,
        name=template.name,
        body=template.body,
        state=template.state,
        approved_by_id=approver,
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


def _require_approval(template: ReplyTemplate, desk: Desk | None, care: TemplateCare, by: Actor) -> None:
    """What is offered is so where, and as long as, the company said. Whoever writes it may have it end sooner."""
    moved = template.desk_id != (desk.pk if desk else None)
    later = [_is_later(template.ends_on, care.ends_on), _is_later(template.review_on, care.review_on)]
    places = {template.desk_id, desk.pk if desk else None}
    may = all(policies.may_approve_article(by, company=template.company_id, desk=one) for one in places)
    if template.state != State.APPROVED or may or not (moved or any(later)):
        return
    words = _("It is approved: only who approves moves it to another desk, or has it end or looked at later.")
    raise Refused(words, field="where" if moved else "ends_on" if later[0] else "review_on")


def _is_later(before: date | None, after: date | None) -> bool:
    return before is not None and (after is None or after > before)


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
