"""What the log tells of a case, in the words in which its conversation says it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from madoguchi.bot.queries import AUTOMATIC
from madoguchi.cases.links import ROLE_NAMES
from madoguchi.cases.models import Message, Priority, Severity, Status
from madoguchi.customers.queries import show
from madoguchi.desk.bot_events import BOT_TOLD, words_of_bot
from madoguchi.desk.chat_events import CHAT_TOLD, words_of_chat
from madoguchi.desk.escalation_events import ESCALATIONS_TOLD, escalation_words
from madoguchi.desk.filled_events import filled_words
from madoguchi.desk.import_events import was_so_elsewhere, words_of_elsewhere
from madoguchi.desk.judged_events import felt, identified, unsure
from madoguchi.desk.order_events import ORDERS_TOLD, order_words
from madoguchi.desk.pending_events import PENDING_TOLD, pending_words
from madoguchi.desk.routing_events import by_division, by_the_queue
from madoguchi.desk.task_events import TASKS_TOLD, task_words
from madoguchi.desk.trust import machine_called
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import ActorKind, DataScope
from madoguchi.look import moments
from madoguchi.promises.queries import metric_name
from madoguchi.tasks.models import Task

# Other kinds show themselves: a message or note stands there, a delivery is told beside its message.
LINKED = ("case.linked", "case.unlinked", "case.told_apart")
TOLD = (
    *("case.assigned", "case.status", "case.changed", "case.link_ended", "case.handed_off"),
    *("case.continued", "case.took_in", "case.unmerged", "case.taken_over", "case.filled", "case.matter"),
    *("case.split", "case.split_off", "case.unsplit", "case.customer", *LINKED),
    *(*PENDING_TOLD, *TASKS_TOLD),
    *(*ORDERS_TOLD, *ESCALATIONS_TOLD),
    *(*BOT_TOLD, *CHAT_TOLD),
    "case.acted_unsure",
    *("message.received", "message.acknowledgement_held", "message.loop_recognised"),
    *("message.source_read", "clock.breached", "routing.divided"),
)
_WORDS = {
    **dict.fromkeys(PENDING_TOLD, pending_words),
    **dict.fromkeys(ORDERS_TOLD, order_words),
    **dict.fromkeys(ESCALATIONS_TOLD, escalation_words),
    **dict.fromkeys(BOT_TOLD, words_of_bot),
    **dict.fromkeys(CHAT_TOLD, words_of_chat),
    "case.acted_unsure": unsure,
}
_OTHER = {"case.continued": "into", "case.took_in": "other", "case.split": "into", "case.split_off": "other"}
_OTHER |= dict.fromkeys(LINKED, "other")


@dataclass(frozen=True, slots=True)
class Names:
    """What to call whom: the customer as the reader may see them, staff, desks and other cases by id."""

    customer: str
    desk: str
    people: Mapping[int, str]
    desks: Mapping[int, str]
    customer_id: int | None = None
    data_scope: DataScope = field(default_factory=DataScope)
    cases: Mapping[int, str] = field(default_factory=dict)
    tasks: Mapping[int, Task] = field(default_factory=dict)
    came_to: str = ""

    def on_their_side(self, message: Message) -> tuple[str, bool]:
        """Who speaks on the customer's side, and whether that is somebody else than the customer."""
        if message.contact.customer_id == self.customer_id:
            return self.customer, False
        name, address = message.sender_name, message.sender_address
        shown = show(name, "name", self.data_scope) if name else show(address, "email", self.data_scope)
        return shown, True

    def on_our_side(self, message: Message) -> str:
        """Who answered: somebody of the desk, or whom a system named from which the answer came."""
        if message.user:
            return message.user.name
        is_ours = message.author == Message.Author.SYSTEM and message.automatic != AUTOMATIC
        return self.desk if is_ours else message.sender_name or self.desk

    @staticmethod
    def called(name: str) -> str:
        """Somebody on the customer's side as one speaks of them."""
        return _("%(name)s-sama") % {"name": name} if name else _("Name unknown")


def _source_read(event: Event, data: Mapping[str, Any]) -> str:
    values = {"who": event.actor_name, "when": moments.full(datetime.fromisoformat(data["moved_at"]))}
    if data["sent"]:
        return _("%(who)s read the mail of %(when)s in the outbox, which holds the customer's link") % values
    return _("%(who)s opened the original of the message of %(when)s") % values


def case_told(event: Event) -> int | None:
    """The other case that an event tells of."""
    field = _OTHER.get(event.kind)
    return data_of(event)[field] if field else None


def data_of(event: Event) -> dict[str, Any]:
    """The fields of an event, which come as text where a prepared query has read them."""
    data: dict[str, Any] = event.data if isinstance(event.data, dict) else json.loads(event.data)
    return data


def as_called(words: str, event: Event) -> str:
    """Words about an event without the title of a person for what is none: a rule, the bot, the product itself."""
    if event.actor_kind == ActorKind.PERSON:
        return words
    return words.replace(f"{event.actor_name}さん", machine_called(event.actor_name))


def words_for(event: Event, names: Names) -> str:
    """What an event is called in the conversation; empty for what need not be told there."""
    data = data_of(event)
    if was_so_elsewhere(event):
        return words_of_elsewhere(event, data, names.people)
    match event.kind:
        case "case.assigned":
            return _assigned(event, data.get("after"), names)
        case "case.status" if event.actor_kind == ActorKind.SYSTEM:
            return _("The status is now “%(status)s”") % {"status": Status(data["after"]).label}
        case "case.status":
            return _("%(who)s set the status to “%(status)s”") % {
                "who": event.actor_name,
                "status": Status(data["after"]).label,
            }
        case "message.received" if data.get("reopened"):
            return _("The customer wrote again: the case is open once more")
        case "case.changed":
            return _changed(event, data, names)
        case "case.filled" | "case.matter" | "case.customer":
            return filled_words(event, data)
        case "case.handed_off":
            return _("%(who)s left words for whoever comes next") % {"who": event.actor_name}
        case "case.continued":
            return _("Goes on in %(number)s") % {
                "number": names.cases.get(data["into"], _("a case of another desk"))
            }
        case "case.took_in":
            return _merged(event, data, names)
        case "case.unmerged":
            return _("%(who)s undid the merge") % {"who": event.actor_name}
        case "case.split" | "case.split_off":
            return _split(event, data, names)
        case "case.unsplit":
            return _("%(who)s undid the split") % {"who": event.actor_name}
        case "case.linked" | "case.unlinked" | "case.told_apart":
            return _linked(event, data, names)
        case "case.taken_over":
            return _("%(who)s took over the answer that %(person)s was writing") % {
                "who": event.actor_name,
                "person": names.people.get(data["before"], _("somebody")),
            }
        case kind if kind in _WORDS:
            return _WORDS[kind](event, data)
        case kind if kind in TASKS_TOLD:
            return task_words(event, data, names.tasks, names.people)
        case "case.link_ended":
            return _("%(who)s ended the link to the customer's own page") % {"who": event.actor_name}
        case "message.source_read":
            return _source_read(event, data)
        case "routing.divided":
            return by_division(event, data, names.desks)
        case "clock.breached":
            return _("A promised time ran out: %(what)s") % {"what": metric_name(data["metric"])}
        case "message.acknowledgement_held":
            return _not_acknowledged(data)
        case "message.loop_recognised":
            return _("No acknowledgement was sent: a machine seems to answer each of them")
    return ""


def _not_acknowledged(data: dict[str, Any]) -> str:
    if data.get("limit") == "desk":
        return _("No acknowledgement was sent: this desk has sent very many within the hour")
    return _("No acknowledgement was sent: this address has had several already")


def _assigned(event: Event, after: int | None, names: Names) -> str:
    who = event.actor_name
    if event.actor_kind == ActorKind.SYSTEM and who == "routing":
        return by_the_queue(after, names.people)
    if after is None:
        return _("%(who)s left the case to nobody in particular") % {"who": who}
    if after == event.actor_id:
        return _("%(who)s took the case") % {"who": who}
    return _("%(who)s made %(person)s responsible") % {
        "who": who,
        "person": names.people.get(after, _("somebody")),
    }


def _merged(event: Event, data: Mapping[str, Any], names: Names) -> str:
    number = names.cases.get(data["other"], _("a case of another desk"))
    if data.get("merge") is None:
        return _("%(number)s turned out to be the same matter and goes on here") % {"number": number}
    return _("%(who)s merged %(number)s into this case") % {"who": event.actor_name, "number": number}


def _split(event: Event, data: Mapping[str, Any], names: Names) -> str:
    told = {
        "who": event.actor_name,
        "count": data["messages"],
        "number": names.cases.get(case_told(event) or 0, _("a case of another desk")),
    }
    if event.kind == "case.split_off":
        return _("%(who)s split this case off from %(number)s (messages: %(count)s)") % told
    return _("%(who)s split off a new case %(number)s (messages: %(count)s)") % told


def _linked(event: Event, data: Mapping[str, Any], names: Names) -> str:
    other = names.cases.get(data["other"], _("a case of another desk"))
    told = {"who": event.actor_name, "number": other}
    if event.kind == "case.told_apart" and data["apart"]:
        return _("%(who)s said that %(number)s is another matter") % told
    if event.kind == "case.told_apart":
        return _("%(who)s had %(number)s suggested as a duplicate again") % told
    told["role"] = str(ROLE_NAMES[data["role"]])
    if event.kind == "case.linked":
        return _("%(who)s linked %(number)s: %(role)s") % told
    return _("%(who)s took away the link to %(number)s: %(role)s") % told


def _changed(event: Event, data: Mapping[str, Any], names: Names) -> str:
    who, after = event.actor_name, data.get("after")
    match data.get("field"):
        case "subject":
            return _("%(who)s changed the subject, which was “%(before)s”") % {
                "who": who,
                "before": data.get("before"),
            }
        case "priority":
            return _("%(who)s set the priority to “%(priority)s”") % {
                "who": who,
                "priority": Priority(int(after or 0)).label,
            }
        case "severity":
            return _("%(who)s set the severity to “%(severity)s”") % {
                "who": who,
                "severity": Severity(int(after or 0)).label,
            }
        case "feelings":
            return felt(who, data.get("before") or [], after or [])
        case "checked":
            return identified(who, after or [])
        case "tags":
            return _tagged(who, data.get("before") or [], after or [])
        case "desk" if event.actor_kind != ActorKind.SYSTEM or who != "routing":
            desk = names.desks.get(int(after or 0), _("another desk"))
            return _("%(who)s moved the case to %(desk)s") % {"who": who, "desk": desk}
    return ""


def _tagged(who: str, before: Sequence[str], after: Sequence[str]) -> str:
    added, removed = [t for t in after if t not in before], [t for t in before if t not in after]
    if added and not removed:
        return _("%(who)s added the tag %(tags)s") % {"who": who, "tags": "・".join(added)}
    if removed and not added:
        return _("%(who)s removed the tag %(tags)s") % {"who": who, "tags": "・".join(removed)}
    return _("%(who)s changed the tags") % {"who": who}
