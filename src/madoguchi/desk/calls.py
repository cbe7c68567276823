"""The list of calls, as a reader may see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from madoguchi.cases.models import Message
from madoguchi.cases.queries import visible
from madoguchi.customers.queries import show
from madoguchi.desk.merging import number_of
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.identity import written_phone
from madoguchi.voice.models import Call
from madoguchi.voice.queries import calls_for
from madoguchi.voice.wording import length

AT_ONCE = 50
Ending = Call.Ending
KINDS: Mapping[str, tuple[str | Promise, tuple[Ending, ...]]] = {
    "": (_("All calls"), ()),
    "missed": (_("Nobody took them"), (Ending.ABANDONED, Ending.BROKEN, Ending.REJECTED)),
    "messages": (_("Messages left"), (Ending.MESSAGE,)),
    "call_backs": (_("Call-backs"), (Ending.CALL_BACK,)),
    "out": (_("Made by us"), ()),
    "short": (_("Hung up at once"), (Ending.SHORT,)),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One call: who called as the reader may see it (empty: withheld, or kept from them), and the case, where there is
    one that they may read.
    """

    call: Call
    caller: str
    lasted: str
    waited: str
    case: str


def lines_of(
    actor: Actor, *, kind: str, before: int | None, desk: int | None = None
) -> tuple[list[Line], int | None]:
    """The newest calls of a kind, of one desk where one is named, or those before one (by id), if there is such a
    one; and before which the next ones are. Three queries.
    """
    rows = calls_for(actor) if desk is None else calls_for(actor).filter(desk=desk)
    endings = KINDS.get(kind, KINDS[""])[1]
    if endings:
        rows = rows.filter(outcome__in=endings)
    if kind == "out":
        rows = rows.filter(direction=Call.Direction.OUTBOUND)
    began = (
        calls_for(actor).filter(pk=before).values_list("offered_at", flat=True).first() if before else None
    )
    if began:
        rows = rows.filter(Q(offered_at__lt=began) | Q(pk__lt=before), offered_at__lte=began)
    calls = list(rows[: AT_ONCE + 1])
    shown = calls[:AT_ONCE]
    cases = _cases(shown, actor)
    follow = shown[-1].pk if len(calls) > AT_ONCE else None
    return [_line(call, cases.get(call.message_id or 0, ""), actor) for call in shown], follow


def _cases(calls: Sequence[Call], actor: Actor) -> Mapping[int, str]:
    messages = [call.message_id for call in calls if call.message_id]
    if not messages:
        return {}
    rows = Message.objects.filter(pk__in=messages, case__in=visible(actor)).select_related("case__company")
    return {message.pk: number_of(message.case) for message in rows}


def _line(call: Call, case: str, actor: Actor) -> Line:
    caller = written_phone(call.caller) if call.caller else ""
    return Line(
        call,
        show(caller, "phone", actor.data_scope(company=call.company_id)),
        length(call.ended_at - call.offered_at) if call.ended_at else "",
        length(timedelta(seconds=call.wait_seconds)) if call.wait_seconds else "",
        case,
    )
