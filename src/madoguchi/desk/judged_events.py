"""What people judged of who speaks with us, as the conversation tells it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from madoguchi.cases.feelings import Feeling
from madoguchi.cases.identity import Act, Checked, Level, Reason, level_of
from madoguchi.infra.models import Event


def identified(who: str, after: Sequence[str]) -> str:
    """Who checked the identity, how far and by what."""
    if not after:
        return _("%(who)s took the check of identity back") % {"who": who}
    names = dict(Checked.choices)
    items = "・".join(str(names.get(one, one)) for one in after)
    return _("%(who)s checked the identity: %(level)s (%(items)s)") % {
        "who": who,
        "level": level_of(after).label,
        "items": items,
    }


def felt(who: str, before: Sequence[str], after: Sequence[str]) -> str:
    """Who judged how the customer feels, or took that away."""
    names = dict(Feeling.choices)
    added, removed = [f for f in after if f not in before], [f for f in before if f not in after]
    told = {"who": who, "feeling": "・".join(str(names.get(one, one)) for one in added or removed)}
    if added:
        return _("%(who)s judged how the customer feels: %(feeling)s") % told
    return _("%(who)s took away: %(feeling)s") % told


def unsure(event: Event, data: Mapping[str, Any]) -> str:
    """Who went on with what although less was checked than the company wants, and why."""
    told = {
        "who": event.actor_name,
        "act": _label(Act.choices, data["act"]),
        "reason": _label(Reason.choices, data["reason"]),
    }
    words = _(
        "%(who)s went on with less identity checked than wanted (%(level)s of %(needed)s): %(act)s. %(reason)s"
    )
    levels = {"level": Level(data["level"]).label, "needed": Level(data["needed"]).label}
    return words % (told | levels)


def _label(choices: Iterable[tuple[str, Any]], value: str) -> str:
    return str(dict(choices).get(value, value))
