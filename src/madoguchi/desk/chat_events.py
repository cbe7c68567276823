"""What a case says of talks: how content the customer is, and what became of the recordings of calls."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from madoguchi.desk.call_events import CALLS_TOLD, call_words
from madoguchi.infra.event_log import words_of
from madoguchi.infra.models import Event

JUDGED, ANSWERED = "chat.judged", "survey.answered"
CHAT_TOLD = (JUDGED, ANSWERED, "chat.address_proven", *CALLS_TOLD)


def words_of_chat(event: Event, data: Mapping[str, Any]) -> str:
    """How content the customer is with a talk, in their own words if they gave any, or that an address is theirs."""
    if event.kind in CALLS_TOLD:
        return call_words(event, data)
    if event.kind == "chat.address_proven":
        return _of_address(added=data["added"])
    if event.kind == ANSWERED:
        return _of_survey(data)
    told = {"score": data["score"], "words": data.get("said", "")}
    if told["words"]:
        return _("The customer gives this talk %(score)s of 5: “%(words)s”") % told
    return _("The customer gives this talk %(score)s of 5") % told


def opinion_in_words(data: Mapping[str, Any]) -> str:
    """What a customer answered once their case was solved."""
    points = {
        "satisfied": _("satisfaction %(n)s of 5"),
        "easy": _("ease %(n)s of 7"),
        "recommends": _("recommendation %(n)s of 10"),
    }
    solved = _("solved") if data["solved"] else _("not solved")
    given = [words % {"n": data[name]} for name, words in points.items() if data[name] is not None]
    return _("、").join([solved, *given])


def _of_survey(data: Mapping[str, Any]) -> str:
    told = {"points": opinion_in_words(data), "words": data.get("said", "")}
    if told["words"]:
        return _("The customer says of this case: %(points)s: “%(words)s”") % told
    return _("The customer says of this case: %(points)s") % told


def _of_address(*, added: bool) -> str:
    if added:
        return _("The customer opened the link in our mail: the address is theirs")
    return _(
        "Somebody opened the link in our mail. The address was not added: it is another customer's, or this record has"
        " other addresses. If it is the same person, join the records or enter it."
    )


def with_words_beside(events: Sequence[Event]) -> Sequence[Event]:
    """These events, those that tell of a customer's judgement with its words. One query where there are any."""
    judged = [event for event in events if event.kind in (JUDGED, ANSWERED)]
    said = words_of(event.pk for event in judged) if judged else {}
    for event in judged:
        data = event.data if isinstance(event.data, dict) else json.loads(event.data)
        event.data = {**data, "said": said.get(event.pk, {}).get("words", ["", ""])[1]}
    return events
