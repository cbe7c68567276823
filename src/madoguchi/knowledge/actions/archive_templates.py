"""Reply templates in an archive of what a company knows: there as articles of a kind of their own, here by name."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time

from django.utils.translation import gettext as _

from madoguchi.companies.models import Company, Desk
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.text import blot_card_numbers, clean, one_line
from madoguchi.knowledge.archive import TEMPLATE, KeptArticle, KeptVersion
from madoguchi.knowledge.conditions import left_open
from madoguchi.knowledge.events import TemplateAdded
from madoguchi.knowledge.models import ReplyTemplate, TemplateState, TemplateVersion

LONGEST_NAME = 100
_FEELING = re.compile(r"[a-z]{1,10}")


def kept_templates(company: Company) -> Iterator[KeptArticle]:
    """All templates of a company with all their versions. Two queries."""
    versions: dict[int, list[TemplateVersion]] = {}
    rows = TemplateVersion.objects.filter(company=company).select_related("user", "approved_by")
    for one in rows.order_by("template", "number"):
        versions.setdefault(one.template_id, []).append(one)
    for row in ReplyTemplate.objects.filter(company=company).select_related("desk").order_by("pk"):
        yield KeptArticle(
            key=f"{company.slug}-template-{row.pk}",
            kind=TEMPLATE,
            versions=tuple(_kept(row, one) for one in versions.get(row.pk) or [_only(row)]),
            audience="operator",
            desk=row.desk.name if row.desk else "",
            review_on=row.review_on,
            retired_at=None if row.active else row.updated_at,
            feelings=" ".join(row.feelings),
        )


def templates_named(company: Company, articles: Sequence[KeptArticle]) -> dict[str, ReplyTemplate]:
    """The templates that the company has of these names. One query where there are any."""
    names = {name_of(one) for one in articles if one.kind == TEMPLATE}
    rows = ReplyTemplate.objects.filter(company=company, name__in=names) if names else ()
    return {row.name: row for row in rows}


def name_of(kept: KeptArticle) -> str:
    """What the template is called, as it would be kept here."""
    return one_line(blot_card_numbers(kept.versions[-1].title), most=LONGEST_NAME)


def why_not(kept: KeptArticle, desks: Mapping[str, Desk], there: ReplyTemplate | None) -> str:
    """Why a template does not come in; empty where it does, or is here."""
    if kept.desk and kept.desk not in desks:
        return _("There is no desk called “%s” here.") % kept.desk
    if not all(map(_FEELING.fullmatch, kept.feelings.split())):
        return _("“%s” are no feelings as templates have them.") % kept.feelings
    for version in kept.versions:
        if version.state not in TemplateState.values:
            return _("Version %(n)s is in no state that is known here.") % {"n": version.number}
        if not version.title.strip() or not _body(version) or left_open(_body(version)):
            return _("Version %(n)s has no words, or too many.") % {"n": version.number}
    if there is not None and there.body != _body(_said(kept)):
        return _("A template of this name says something else here.")
    return ""


def write_template(
    company: Company, kept: KeptArticle, desk: Desk | None, *, drafts: bool, by: Actor
) -> None:
    """A template that is not here, with its versions; with `drafts` nothing of it is approved."""
    said = _said(kept)
    approved = said.state == TemplateState.APPROVED and not drafts
    until = said.valid_until.astimezone(clock.TOKYO).date() if said.valid_until else None
    template = ReplyTemplate.objects.create(
        company=company,
        desk=desk,
        name=name_of(kept),
        body=_body(said),
        active=kept.retired_at is None,
        version=said.number,
        state=TemplateState.APPROVED if approved else TemplateState.DRAFT,
        review_on=kept.review_on,
        ends_on=until,
        feelings=kept.feelings.split(),
    )
    TemplateVersion.objects.bulk_create(
        _version(template, one, drafts=drafts, by=by) for one in kept.versions
    )
    where = {"company": company.pk, "desk": template.desk_id}
    record(TemplateAdded(**where, template=template.pk, name=template.name), by=by)


def _said(kept: KeptArticle) -> KeptVersion:
    """The version that a template says: the newest that is approved, else the newest."""
    approved = [one for one in kept.versions if one.state == TemplateState.APPROVED]
    return (approved or kept.versions)[-1]


def _body(version: KeptVersion) -> str:
    return blot_card_numbers(clean(version.body)).strip()


def _version(template: ReplyTemplate, kept: KeptVersion, *, drafts: bool, by: Actor) -> TemplateVersion:
    approved = kept.state == TemplateState.APPROVED and not drafts
    return TemplateVersion(
        company_id=template.company_id,
        template=template,
        number=kept.number,
        name=one_line(blot_card_numbers(kept.title), most=LONGEST_NAME),
        body=_body(kept),
        state=TemplateState.APPROVED if approved else TemplateState.DRAFT,
        user_id=None if approved else by.id,
        at=kept.at,
        comment=one_line(kept.comment, most=500),
        approved_by_id=by.id if approved else None,
    )


def _kept(template: ReplyTemplate, version: TemplateVersion) -> KeptVersion:
    ends = template.ends_on if version.number == template.version else None
    return KeptVersion(
        number=version.number,
        state=version.state,
        title=version.name,
        body=version.body,
        at=version.at,
        writer=version.user.name if version.user else "",
        approver=version.approved_by.name if version.approved_by else "",
        valid_from=version.at if version.state == TemplateState.APPROVED else None,
        valid_until=_end_of(ends) if ends else None,
        comment=version.comment,
    )


def _only(template: ReplyTemplate) -> TemplateVersion:
    """One that was written before versions were kept is its own first."""
    said = {"name": template.name, "body": template.body, "state": template.state, "at": template.updated_at}
    return TemplateVersion(template=template, number=template.version, **said)


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time(23, 59), clock.TOKYO)
