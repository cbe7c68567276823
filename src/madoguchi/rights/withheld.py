"""What stands in the rows of a person and is not told to them: what is other people's (個人情報保護法33条2項1号),
and what opens or names something of ours.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final

from django.db import models

from madoguchi.infra.models import Event
from madoguchi.infra.secrets import SecretField

# Keys, and names by which something is found that nobody else may find. An id on the way (Message-ID) of ours has the
# reply token of its case in it, and what left for somebody may have the key to their own page.
NEVER: Final[Mapping[str, frozenset[str]]] = {
    "cases.Case": frozenset({"reply_token", "link_generation"}),
    "cases.Message": frozenset({"external_id"}),
    "delivery.Outgoing": frozenset({"text", "external_id", "in_reply_to", "references", "link_generation"}),
    "email.SentMail": frozenset({"external_id"}),
    "escalations.Slip": frozenset({"generation"}),
    "escalations.SlipLetter": frozenset({"id", "generation"}),
    "intake.Arrival": frozenset({"form"}),
    "intake.Awaited": frozenset({"value"}),
    "line.Friend": frozenset({"reply_token"}),
    "rights.Request": frozenset({"archive", "generation", "withheld"}),
}
# Names and addresses of those who were asked, of our people, and of who was written to without the person's knowledge;
# and answers of mail servers, which name whom the mail was for.
OF_OTHERS: Final[Mapping[str, frozenset[str]]] = {
    "cases.Draft": frozenset({"bcc"}),
    "cases.Message": frozenset({"bcc"}),
    "cases.PendingAnswer": frozenset({"bcc"}),
    "delivery.Outgoing": frozenset({"response"}),
    "email.SentMail": frozenset({"recipients"}),
    "escalations.Escalation": frozenset({"answered_as"}),
    "escalations.Slip": frozenset({"to_name", "to_address", "undelivered"}),
    "escalations.SlipLetter": frozenset({"response", "to_address"}),
    "following.Notification": frozenset({"who"}),
    "intake.SenderRule": frozenset({"added_by"}),
    "macros.MacroRun": frozenset({"draft"}),
}
# Rows of which not even that there are any is told: that one of us sought their employer's counsel, or is cared for,
# and that the police were told: to say so may hinder them (個人情報保護法16条4項, 施行令5条).
OURS_ALONE: Final = frozenset({"shield.Consultation", "shield.PoliceReport"})
_OF_CARE: Final = ("consultation.", "care.", "harassment.police")
# Columns that are the person's where the first of them begins with an address of theirs, or with none at all.
WHOSE: Final[Mapping[str, tuple[str, ...]]] = {
    "cases.Message": ("sender_address", "sender_name"),
    "intake.Arrival": ("summary",),
    "intake.Report": ("recipient", "words"),
}
# What stands beside the log is told where it is about the person: not where a mail for somebody else went, nor what one
# of us has set.
ABOUT_THEM: Final = frozenset({"customer.changed", "task.changed"})
# Within a column of JSON: who of us it was, to whom else it went, and keys of ours.
_WITHIN: Final = frozenset(
    {
        *("assignee", "assignee_id", "user", "user_id", "person", "owner_id"),
        *("bcc", "to_address", "to_name"),
        *("generation", "link_generation", "reply_token", "token"),
    }
)
# Columns in which each of two cases stands by a name, and the column that says which case that is.
_SIDES: Final[Mapping[str, Mapping[str, str]]] = {"cases.Merge": {"case": "case_id", "into": "into_id"}}


def rows_told(label: str, ids: list[Any]) -> list[Any]:
    """Of these rows of a table the ones that are told at all. One query, or none."""
    if label in OURS_ALONE:
        return []
    if label != "infra.EventWords":
        return ids
    return list(Event.objects.filter(pk__in=ids, kind__in=ABOUT_THEM).values_list("pk", flat=True))


def is_told(row: models.Model) -> bool:
    """Whether a row is told at all: what rang among us of counsel and of care is not."""
    return row._meta.label != "following.Notification" or not str(getattr(row, "kind", "")).startswith(
        _OF_CARE
    )


def sifted(row: models.Model, value: Any, *, cases: Collection[int]) -> Any:
    """What a column of JSON says to whose cases these are: without the side of a case that is somebody else's, and
    without what is of others or a key, however deep it lies. Anything else as it is.
    """
    sides = _SIDES.get(row._meta.label, {})
    if isinstance(value, dict) and sides:
        value = {k: v for k, v in value.items() if k not in sides or getattr(row, sides[k]) in cases}
    return _sifted(value)


def _sifted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sifted(one) for name, one in value.items() if name not in _WITHIN}
    return [_sifted(one) for one in value] if isinstance(value, list) else value


def told_columns(row: models.Model, addresses: Collection[str]) -> list["models.Field[object, object]"]:
    """The columns of a row that are told to who has these mail addresses, in lower case."""
    label = row._meta.label
    without = NEVER.get(label, frozenset()) | OF_OTHERS.get(label, frozenset())
    whose = WHOSE.get(label, ())
    if whose and not is_theirs(str(getattr(row, whose[0])), addresses):
        without |= frozenset(whose)
    if getattr(row, "author", "customer") != "customer":
        without |= frozenset({"sender_name", "sender_address"})
    return [c for c in row._meta.concrete_fields if c.name not in without and not _is_ours(c)]


def is_theirs(written: str, addresses: Collection[str]) -> bool:
    """Whether this begins with one of the addresses, or with none: who has called stands by a name alone."""
    first = written.partition(" ")[0].lower()
    return "@" not in first or first in addresses


def _is_ours(column: "models.Field[object, object]") -> bool:
    """Whether it is a secret, names one of us, or says whose company it is."""
    of_us = column.related_model is not None and column.related_model._meta.label == "people.User"  # type: ignore[union-attr]
    return of_us or isinstance(column, SecretField) or column.column == "company_id"
