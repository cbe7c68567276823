"""Files that go with a question: of the case, or added by whoever asks; fetched by whoever answers."""

from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from madoguchi.cases import policies as case_policies
from madoguchi.cases.models import Attachment, Case
from madoguchi.cases.queries import visible
from madoguchi.escalations.events import EscalationFileFetched
from madoguchi.escalations.models import Escalation, EscalationFile, Slip
from madoguchi.infra import clamd, files
from madoguchi.infra.event_log import record
from madoguchi.kernel.actor import Actor, system
from madoguchi.kernel.channel import File
from madoguchi.kernel.errors import NotFound, Refused
from madoguchi.kernel.text import one_line
from madoguchi.voice.models import Recording

MOST_FILES, MOST_OFFERED = 10, 100
_BY_LINK = system("slip")
_OPENED = Q(attachment=None) | Q(attachment__scan__in=(Attachment.Scan.NONE, Attachment.Scan.CLEAN))


def offered(case: Case, *, actor: Actor) -> list[Attachment]:
    """The files of a case's messages that may go with a question of the actor's, the newest first: what they and
    anybody else may open, and no recording of a call, nor what was written down of one. Two queries.
    """
    return list(_choosable(case, actor).order_by("-id")[:MOST_OFFERED])


def require_harmless(sent: Collection[File]) -> None:
    """Have added files looked through for harm, where this installation has a scanner; outside of any transaction, for
    it may take long. Raises Refused for one that is harmful, or of which nobody can say.
    """
    for file in sent if clamd.is_set_up() else ():
        told = {"name": one_line(file.filename, most=100)}
        try:
            harm = clamd.harm_in(file.content)
        except clamd.NotChecked:
            words = _(
                "%(name)s could not be checked for harm now. Ask without it, or try again in some minutes."
            )
            raise Refused(words % told, field="files") from None
        if harm:
            words = _("%(name)s is harmful (%(harm)s) and is not sent. Ask without it.")
            raise Refused(words % {**told, "harm": one_line(harm, most=100)}, field="files")


def enclose(one: Escalation, *, chosen: Sequence[int], sent: Sequence[File], by: Actor) -> int:
    """Put files with a question that is being asked; how many. Raises Refused for one that may not be sent, and beyond
    ten.
    """
    wanted = set(chosen)
    if len(wanted) + len(sent) > MOST_FILES:
        raise Refused(_("Choose %(n)d files at most.") % {"n": MOST_FILES}, field="files")
    found = list(_choosable(one.case, by).filter(pk__in=wanted).order_by("id")) if wanted else []
    if len(found) < len(wanted):
        raise Refused(_("One of these files cannot be sent any more. Choose anew."), field="files")
    for file in found:
        _keep(one, file.filename, file.content_type, file.size, file.sha256, attachment=file)
    for added in sent:
        digest = files.put(added.content, company=one.company_id)
        name = one_line(added.filename, most=255) or "file"
        _keep(one, name, added.content_type[:100], len(added.content), digest)
    return len(found) + len(sent)


def files_of(one: Escalation) -> list[EscalationFile]:
    """What goes with a question and may be opened at this moment. One query."""
    return list(_open_ones(one).order_by("id"))


def fetch(one: Escalation, pk: int, *, by: Actor) -> EscalationFile:
    """A file for somebody who reads the question, and that they have fetched it. Withdrawn, it is open to those alone
    who read the case. Raises NotFound.
    """
    if one.state == Escalation.State.WITHDRAWN and not case_policies.may_read(by, one.home):
        raise NotFound(pk)
    return _fetched(one, pk, None, by)


def fetch_by_slip(slip: Slip, pk: int) -> EscalationFile:
    """A file for whoever has opened the link of a slip, while that is open, and that they have fetched it. Raises
    NotFound.
    """
    if not slip.is_open or slip.escalation is None:
        raise NotFound(pk)
    return _fetched(slip.escalation, pk, slip.pk, _BY_LINK)


def _fetched(one: Escalation, pk: int, slip: int | None, by: Actor) -> EscalationFile:
    found = _open_ones(one).filter(pk=pk).first()
    if found is None:
        raise NotFound(pk)
    about = {**one.home.where, "escalation": one.pk}
    record(EscalationFileFetched(**about, file=found.pk, slip=slip), by=by)
    return found


def _open_ones(one: Escalation) -> QuerySet[EscalationFile]:
    return EscalationFile.objects.filter(_OPENED, escalation=one)


def _choosable(case: Case, actor: Actor) -> QuerySet[Attachment]:
    # Their ids first: asked for in one query, no index knows the files of either.
    cases = visible(actor).filter(Q(pk=case.pk) | Q(continued_in=case)).values_list("pk", flat=True)
    rows = Attachment.objects.filter(message__case__in=list(cases))
    recordings = Recording.objects.filter(company=case.company_id)
    recorded = recordings.values("sha256").union(recordings.exclude(transcript="").values("transcript"))
    opened = rows.filter(scan__in=(Attachment.Scan.NONE, Attachment.Scan.CLEAN))
    return opened.exclude(sha256__in=recorded).select_related("message")


def _keep(one: Escalation, name: str, kind: str, size: int, digest: str, **more: Any) -> None:
    EscalationFile.objects.create(
        company_id=one.company_id,
        escalation=one,
        filename=name,
        content_type=kind,
        size=size,
        sha256=digest,
        **more,
    )
