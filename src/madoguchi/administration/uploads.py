"""What became of an upload, in words."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

_KINDS = {
    "case": pgettext_lazy("import", "Cases"),
    "customer": gettext_lazy("Customers"),
    "order": pgettext_lazy("import", "Orders"),
    "mail": gettext_lazy("Mails"),
    "article": gettext_lazy("Articles"),
    "product": gettext_lazy("Products"),
    "pair": gettext_lazy("What works together"),
    "parcel": pgettext_lazy("import", "Parcels"),
    "unreadable": pgettext_lazy("import", "Cannot be read"),
    "thrown away": gettext_lazy("Deleted there"),
}
_WOULD = {
    "created": gettext_lazy("Would be new"),
    "updated": gettext_lazy("Would be added to"),
    "skipped": gettext_lazy("Here already, or not wanted"),
    "failed": gettext_lazy("Cannot come in"),
}
_DID = {
    "created": pgettext_lazy("import", "New"),
    "updated": gettext_lazy("Added to"),
    "skipped": gettext_lazy("Was here already, or not wanted"),
    "failed": gettext_lazy("Could not come in"),
}


class Count(NamedTuple):
    """How many of a kind became what."""

    kind: str
    outcome: str
    name: str
    number: int

    @property
    def label(self) -> str:
        """What was counted; of what cannot be read there is no more to be said."""
        return self.kind if self.kind == str(_KINDS["unreadable"]) else f"{self.kind}: {self.name}"


def counted(found: Mapping[str, Any], *, came: bool) -> list[Count]:
    """How many of each kind would become what, or did."""
    words = _DID if came else _WOULD
    return [
        Count(str(_KINDS[kind]), outcome, str(words[outcome]), number)
        for kind, each in found.get("counts", {}).items()
        for outcome, number in each.items()
    ]


def outcome_name(outcome: str) -> str:
    """What became of one record."""
    return str(_DID.get(outcome, outcome))


def sampled(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The first records, with the kind in words and the moment as one."""
    return [
        {
            **one,
            "kind": _KINDS.get(one["kind"], _("Other")),
            "at": parse_datetime(one["at"]) if one["at"] else None,
        }
        for one in found.get("samples", ())
    ]
