"""Opening a help centre, what it looks like and where it stands, and hearing whether it helped."""

import hashlib
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from madoguchi.companies.models import Company, Desk, EntryPoint
from madoguchi.helpcentre.events import ArticleJudged, HelpCentreChanged, HelpCentreHostProven
from madoguchi.helpcentre.hosts import Ask, record_of, texts_at, tidied_host
from madoguchi.helpcentre.models import HelpCentre, Judgement, Logo
from madoguchi.helpcentre.queries import forms_of
from madoguchi.infra.event_log import record
from madoguchi.infra.pictures import NoPicture, redrawn
from madoguchi.infra.writing import set_changed
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, ActorKind, Permission
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.kernel.pictures import kind_of
from madoguchi.kernel.text import clean, one_line
from madoguchi.knowledge.models import ArticleVersion
from madoguchi.knowledge.policies import may_approve_article

LOGO_KINDS = ("image/png", "image/jpeg", "image/webp")
MOST_UPLOADED, MOST_LOGO = 5_000_000, 200_000
_VISITOR = Actor(kind=ActorKind.CUSTOMER, name="")


@transaction.atomic
def set_up_help_centre(
    company: Company,
    *,
    is_open: bool,
    title: str,
    introduction: str,
    contact: EntryPoint | None,
    host: str = "",
    accent_hue: int | None = None,
    desk: Desk | None = None,
    by: Actor,
) -> HelpCentre:
    """Say whether the help centre of a company, or of a desk of it, is open, what stands at its head, which form it
    leads to, and under which address of the company's own it is to stand, once that is proven.

    Only who approves the articles there opens it. Raises NotAllowed, or Refused for what is no form of the company, or
    of the desk, or no host name.
    """
    _require_approver(company, desk, by)
    if contact and not forms_of(company, desk).filter(pk=contact.pk).exists():
        raise Refused(_("Choose a form of this company that is in use."), field="contact")
    centre, _new = HelpCentre.objects.select_for_update().get_or_create(company=company, desk=desk)
    said: dict[str, Any] = {
        "title": one_line(title, most=80),
        "introduction": clean(introduction).strip()[:400],
    }
    said |= {"host": tidied_host(host), "accent_hue": accent_hue}
    if said["host"] != centre.host and centre.host_proven_at:
        centre.host_proven_at = None
        centre.save(update_fields=["host_proven_at"])
    changes = set_changed(centre, is_open=is_open, contact_id=contact.pk if contact else None, **said)
    if changes:
        record(HelpCentreChanged(**_where(company, desk), changes=changes), by=by)
    return centre


def prove_host(company: Company, *, desk: Desk | None = None, by: Actor, ask: Ask = texts_at) -> None:
    """Look into the DNS for the record that proves the address of the help centre's own; from then on it stands there.
    Raises NotAllowed, or Refused where there is no such record, and for an address that is another's already.
    """
    _require_approver(company, desk, by)
    centre = HelpCentre.objects.filter(company=company, desk=desk).exclude(host="").first()
    if centre is None:
        raise Refused(_("Write the address first, and save it."), field="host")
    name, text = record_of(company, centre.host)
    if text not in ask(name):  # may take seconds: nothing is held meanwhile
        words = _(
            "The DNS does not have the record yet: %(name)s, TXT, %(text)s. Add it, wait, and check again."
        )
        raise Refused(words % {"name": name, "text": text}, field="host")
    try:
        with transaction.atomic():
            unproven = HelpCentre.objects.filter(pk=centre.pk, host=centre.host, host_proven_at=None)
            if unproven.update(host_proven_at=clock.now()):
                record(HelpCentreHostProven(**_where(company, desk), host=centre.host), by=by)
    except IntegrityError as error:
        words = _(
            "Another help centre stands under this address already. Whoever runs this installation helps."
        )
        raise Refused(words, field="host") from error


@transaction.atomic
def set_logo(company: Company, content: bytes, *, desk: Desk | None = None, by: Actor) -> None:
    """Put a picture at the head of the help centre, or with no bytes take it away. It is drawn anew, so that nothing is
    in it but what is seen. Raises NotAllowed, or Refused for what is no PNG, JPEG or WebP, is broken or too large.
    """
    _require_approver(company, desk, by)
    kept = _made_fit(content) if content else b""
    HelpCentre.objects.get_or_create(company=company, desk=desk)
    HelpCentre.objects.select_for_update().get(company=company, desk=desk)
    before = Logo.objects.filter(company=company, desk=desk).values_list("digest", flat=True).first() or ""
    digest = hashlib.sha256(kept).hexdigest()[:32] if kept else ""
    if digest == before:
        return
    if kept:
        told = {"content": kept, "digest": digest, "at": clock.now()}
        Logo.objects.update_or_create(company=company, desk=desk, defaults=told)
    else:
        Logo.objects.filter(company=company, desk=desk).delete()
    record(HelpCentreChanged(**_where(company, desk), changes={"logo": [before, digest]}), by=by)


def _require_approver(company: Company, desk: Desk | None, by: Actor) -> None:
    """Raises NotAllowed for who does not approve the articles there, and for a desk of another company."""
    of_another = desk is not None and desk.company_id != company.pk
    if of_another or not may_approve_article(by, company=company.pk, desk=desk.pk if desk else None):
        raise NotAllowed(Permission.ARTICLES_APPROVE)


def _where(company: Company, desk: Desk | None) -> dict[str, Any]:
    return {"company": company.pk, "desk": desk.pk if desk else None}


def _made_fit(content: bytes) -> bytes:
    if kind_of(content) not in LOGO_KINDS:
        raise Refused(_("Choose a PNG, JPEG or WebP picture."), field="file")
    try:
        drawn = redrawn(content) if len(content) <= MOST_UPLOADED else b""
    except NoPicture as error:
        words = _(
            "This picture is broken or too large. Save it anew in a program for pictures, and add it again."
        )
        raise Refused(words, field="file") from error
    if not drawn or len(drawn) > MOST_LOGO:
        words = _("The picture has more than %(most)s KB. Make it smaller: it is shown 40 dots high.")
        raise Refused(words % {"most": MOST_LOGO // 1000}, field="file")
    return drawn


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
