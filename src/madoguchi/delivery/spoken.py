"""What was said of articles on a call: kept with the call, as answers that are written keep what they rest on."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from madoguchi.cases.models import Case, Message
from madoguchi.cases.policies import may_note
from madoguchi.delivery.events import MessageRested, MessageRestsNot
from madoguchi.delivery.models import ArticleBasis, How
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused
from madoguchi.knowledge.queries import published_for


def may_rest(said: Message) -> bool:
    """Whether a message may rest on articles: one of ours, or a call."""
    return not said.inbound or said.channel == Channel.PHONE


@transaction.atomic
def say_on_call(case: Case, version: int, *, by: Actor) -> ArticleBasis:
    """Keep that the customer of a case was told by voice what a version says, with the newest call of the case, else
    with what was said there last. Said twice it is kept once.

    Raises NotAllowed; NotFound for a version that is not in force at the case's desk; Refused where nothing was ever
    said in the case.
    """
    if not may_note(by, case):
        raise NotAllowed(Permission.CASE_NOTE)
    found = published_for(case.desk, reader=by).filter(pk=version).first()
    if found is None:
        raise NotFound(version)
    return keep_said(case, version, by=by)


def keep_said(case: Case, version: int, *, by: Actor) -> ArticleBasis:
    """Keep it of a version that is known to be in force. Raises Refused."""
    rows = Message.objects.filter(case=case).order_by("-at", "-id")
    talk = rows.filter(channel=Channel.PHONE).first() or rows.first()
    if talk is None:
        raise Refused(_("Nothing was said in this case yet."))
    told = {"company_id": case.company_id, "how": How.SAID, "at": clock.now()}
    basis, new = ArticleBasis.objects.get_or_create(message=talk, version_id=version, defaults=told)
    if new:
        record(MessageRested(**case.where, message=talk.pk, versions=[version]), by=by)
    return basis


@transaction.atomic
def unsay(case: Case, version: int, *, by: Actor) -> bool:
    """Say that it was not told by voice after all; whether it was kept. Raises NotAllowed."""
    if not may_note(by, case):
        raise NotAllowed(Permission.CASE_NOTE)
    rows = said_in(case).filter(version=version)
    told = list(rows.values_list("message", flat=True))
    rows.delete()
    for message in told:
        record(MessageRestsNot(**case.where, message=message, versions=[version]), by=by)
    return bool(told)


def said_in(case: Case) -> QuerySet[ArticleBasis]:
    """What was told by voice in a case, the newest last. One query."""
    rows = ArticleBasis.objects.filter(message__case=case, how=How.SAID)
    return rows.select_related("version__article").order_by("at", "id")
