"""Opening a help centre, and hearing whether it helped."""

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.companies.models import Company, EntryPoint
from madoguchi.helpcentre.events import ArticleJudged, HelpCentreChanged
from madoguchi.helpcentre.models import HelpCentre, Judgement
from madoguchi.infra.event_log import record
from madoguchi.infra.writing import set_changed
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, ActorKind, Permission
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.kernel.text import clean, one_line
from madoguchi.knowledge.models import ArticleVersion
from madoguchi.knowledge.policies import may_approve_article

_VISITOR = Actor(kind=ActorKind.CUSTOMER, name="")


@transaction.atomic
def set_up_help_centre(
    company: Company, *, is_open: bool, title: str, introduction: str, contact: EntryPoint | None, by: Actor
) -> HelpCentre:
    """Say whether a company's help centre is open, what stands at its head and which form it leads to.

    Only who approves the company's articles opens it. Raises NotAllowed, or Refused for what is no form of the company.
    """
    if not may_approve_article(by, company=company.pk, desk=None):
        raise NotAllowed(Permission.ARTICLES_APPROVE)
    if contact and (contact.company_id != company.pk or contact.kind != Channel.FORM or not contact.active):
        raise Refused(_("Choose a form of this company that is in use."), field="contact")
    centre, _new = HelpCentre.objects.select_for_update().get_or_create(company=company)
    said = {"title": one_line(title, most=80), "introduction": clean(introduction).strip()[:400]}
    changes = set_changed(centre, is_open=is_open, contact_id=contact.pk if contact else None, **said)
    if changes:
        record(HelpCentreChanged(company=company.pk, changes=changes), by=by)
    return centre


@transaction.atomic
def judge(version: ArticleVersion, *, helped: bool, visitor: str) -> None:
    """Keep whether an article helped. Whoever says the same again changes nothing; who says otherwise is believed."""
    row, new = Judgement.objects.get_or_create(
        company_id=version.company_id,
        version=version,
        visitor=visitor,
        defaults={"helped": helped, "at": clock.now()},
    )
    if not new and row.helped == helped:
        return
    row.helped, row.at = helped, clock.now()
    row.save(update_fields=["helped", "at"])
    fact = ArticleJudged(
        company=version.company_id,
        desk=version.article.desk_id,
        article=version.article_id,
        number=version.number,
        helped=helped,
    )
    record(fact, by=_VISITOR)
