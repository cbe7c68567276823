"""What happened in the shield, as the conversation tells it. Pure."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from madoguchi.infra.models import Event
from madoguchi.look.moments import measured
from madoguchi.shield.models import Appeal, Mark, PoliceReport, Sort, Stop

_SORTS = dict(Sort.choices)


def shield_words(event: Event, data: Mapping[str, Any], told: Mapping[str, str]) -> str:
    """What somebody suspects, found, asked for and agreed to; empty for what is of people alone."""
    match event.kind:
        case "harassment.suggested":
            return _("Something was noticed: %(sort)s. A person decides.") % {"sort": _SORTS[data["sort"]]}
        case "harassment.marked":
            return _("%(who)s suspects harassment: %(sort)s") % {**told, "sort": _SORTS[data["sort"]]}
        case "harassment.decided" if data["state"] == Mark.State.CONFIRMED:
            return _("%(who)s found that it is harassment. The matter goes on.") % told
        case "harassment.decided":
            return _("%(who)s found that it is none") % told
        case "harassment.warned":
            return _("The customer was warned")
        case "harassment.evidence":
            return _("%(who)s fetched the evidence") % told
        case "help.called":
            return _("%(who)s called a senior") % told
        case "help.came":
            return _("%(who)s came after %(time)s") % {**told, "time": measured(data["seconds"])}
    return _stop_words(event, data, told)


def _stop_words(event: Event, data: Mapping[str, Any], told: Mapping[str, str]) -> str:
    ways = dict(Stop.Onward.choices)
    match event.kind:
        case "stop.asked":
            return _("%(who)s asks that the talk be ended; the matter goes on: %(way)s") % {
                **told,
                "way": ways[data["onward"]],
            }
        case "stop.decided" if data["state"] == Stop.State.AGREED:
            return _("%(who)s agreed: the talk is ended, the matter goes on: %(way)s") % {
                **told,
                "way": ways[data["onward"]],
            }
        case "stop.decided":
            return _("%(who)s did not agree: the talk goes on") % told
        case "stop.lifted":
            return _("%(who)s lets the customer talk with us by this way again") % told
        case "appeal.made":
            return _("The customer objects to what was found")
        case "appeal.decided":
            return _("%(who)s decided on the appeal: %(state)s") % {
                **told,
                "state": dict(Appeal.State.choices)[data["state"]],
            }
        case "appeal.answered":
            return _("The answer to the appeal was sent to the customer")
        case "harassment.police":
            return _("%(who)s wrote down that the police were told: %(way)s") % {
                **told,
                "way": dict(PoliceReport.Way.choices)[data["way"]],
            }
        case "appeal.overdue":
            return _("The appeal was not decided in time")
    return ""
