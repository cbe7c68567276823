"""How the conversation tells what was filled in. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from madoguchi.fields.models import Field
from madoguchi.fields.values import REFERENCES
from madoguchi.infra.models import Event
from madoguchi.look.moments import whole_day


def filled_words(event: Event, data: Mapping[str, Any]) -> str:
    """What an event is called by which a value, the kind of matter or the customer changed."""
    if event.kind == "case.customer":
        return _("%(who)s gave the case to another customer’s record") % {"who": event.actor_name}
    if event.kind == "case.matter":
        told = {"label": _("Kind of matter"), "before": data["before_name"], "after": data["after_name"]}
    else:
        told = {"label": data["label"], "before": data["before"], "after": data["after"]}
    told["who"] = event.actor_name
    if data.get("of") == Field.Kind.DATE:
        told |= {
            side: whole_day(date.fromisoformat(told[side])) for side in ("before", "after") if told[side]
        }
    if data.get("holds") or data.get("of") in REFERENCES:
        return _("%(who)s changed “%(label)s”") % told
    if told["after"] in (None, ""):
        return _("%(who)s emptied “%(label)s”, which was “%(before)s”") % told
    if told["before"] in (None, ""):
        return _("%(who)s set “%(label)s” to “%(after)s”") % told
    return _("%(who)s changed “%(label)s” from “%(before)s” to “%(after)s”") % told
