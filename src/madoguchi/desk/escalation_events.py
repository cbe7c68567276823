"""What happened to questions, message slips, signals and complaints, as the conversation tells it. Pure."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from madoguchi.desk.shield_events import shield_words
from madoguchi.escalations.models import Escalation
from madoguchi.infra.models import Event

ESCALATIONS_TOLD = (
    *("escalation.asked", "escalation.passed_on", "escalation.taken", "escalation.answered"),
    "escalation.file_fetched",
    "account.alerted",
    "escalation.asked_again",
    *("escalation.closed", "escalation.withdrawn", "escalation.overdue"),
    *("slip.made", "slip.read", "slip.done", "slip.failed", "slip.reopened", "slip.sent_again"),
    *("slip.withdrawn", "slip.overdue"),
    *("signal.raised", "grave.found", "grave.dismissed", "incident.raised"),
    *("instruction.noticed", "instruction.settled"),
    *("harassment.suggested", "harassment.marked", "harassment.decided", "harassment.warned"),
    *("harassment.police", "appeal.answered"),
    *("harassment.evidence", "help.called", "help.came", "stop.asked", "stop.decided", "stop.lifted"),
    *("appeal.made", "appeal.decided", "appeal.overdue"),
    *("complaint.made", "complaint.changed", "complaint.closed", "complaint.reopened", "complaint.overdue"),
)


def escalation_words(event: Event, data: Mapping[str, Any]) -> str:
    """Who asked whom, and what came of it; empty for a slip that brings a question, of which that tells."""
    told = {"who": event.actor_name, "whom": _whom(data.get("to", ""))}
    match event.kind:
        case "account.alerted":
            n = len(data["people"]) + data["slips"]
            words = ngettext(
                "Of severe trouble at an account %(n)s person who answers for it was told",
                "Of severe trouble at an account %(n)s people who answer for it were told",
                n,
            ) % {"n": n}
            return f"{words}{_(' (%(n)s could not be)') % {'n': data['missed']}}" if data["missed"] else words
        case "escalation.asked" if data.get("files"):
            return _("%(who)s asked, with %(n)s files: %(whom)s") % {**told, "n": data["files"]}
        case "escalation.file_fetched" if event.actor_kind != "person":
            return _("A file of the question was fetched by the link of the slip")
        case "escalation.file_fetched":
            return _("%(who)s fetched a file of the question") % told
        case "escalation.asked":
            return _("%(who)s asked: %(whom)s") % told
        case "escalation.passed_on":
            return _("%(who)s passed the question on: %(whom)s") % told
        case "escalation.taken" if data["person"] is None:
            return _("%(who)s gave the question back to all who are asked") % told
        case "escalation.taken":
            return _("%(who)s took the question up") % told
        case "escalation.answered" if event.actor_kind != "person":
            return _("The question was answered from outside")
        case "escalation.answered":
            return _("%(who)s answered the question") % told
        case "escalation.asked_again":
            return _("%(who)s asked once more: %(whom)s") % told
        case "escalation.closed" if data["article"]:
            return _("%(who)s closed the question: the answer stands in an article") % told
        case "escalation.closed":
            return _("%(who)s closed the question without an article") % told
        case "escalation.withdrawn":
            return _("%(who)s withdrew the question") % told
        case "escalation.overdue":
            return _("The question was not answered in time")
    return _slip_words(event, data, told)


def _slip_words(event: Event, data: Mapping[str, Any], told: Mapping[str, str]) -> str:
    match event.kind:
        case "slip.made" if data["escalation"] is None:
            return _("%(who)s wrote a message slip") % told
        case "slip.read":
            return _("The message slip was read")
        case "slip.done" if event.actor_kind != "person":
            return _("Whoever has the message slip says that it is done")
        case "slip.done":
            return _("%(who)s heard that the message slip is done") % told
        case "slip.failed":
            return _("The message slip could not be sent")
        case "slip.reopened":
            return _("%(who)s said that the message slip is not done") % told
        case "slip.sent_again":
            return _("%(who)s sent the message slip again") % told
        case "slip.withdrawn":
            return _("%(who)s withdrew the message slip") % told
        case "slip.overdue":
            return _("The time of the message slip has run out")
    return _trouble_words(event, data, told)


def _trouble_words(event: Event, data: Mapping[str, Any], told: Mapping[str, str]) -> str:
    match event.kind:
        case "signal.raised":
            return _("%(who)s raised a signal") % told
        case "incident.raised":
            return _("Signals of the same thing pile up: %(count)s within a day") % {"count": data["count"]}
        case "grave.found":
            return _("Grave words were found: %(sorts)s") % {"sorts": "・".join(data["sorts"])}
        case "instruction.noticed":
            return _("A direct instruction of the company may stand here; its manager is told")
        case "instruction.settled":
            return _("%(who)s settled what may have been a direct instruction") % told
        case "grave.dismissed":
            return _("%(who)s said that the words found are not grave") % told
        case "complaint.made":
            return _("%(who)s wrote down a complaint") % told
        case "complaint.changed":
            return _("%(who)s changed the complaint") % told
        case "complaint.closed":
            return _("%(who)s closed the complaint") % told
        case "complaint.reopened":
            return _("%(who)s opened the complaint again") % told
        case "complaint.overdue":
            return _("The time of the complaint has run out")
    return shield_words(event, data, told)


def _whom(to: str) -> str:
    return str(dict(Escalation.To.choices).get(to, ""))
