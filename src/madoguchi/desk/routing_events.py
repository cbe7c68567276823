"""What the queue did with a case, in the words of its conversation."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from madoguchi.infra.models import Event
from madoguchi.routing.division import By


def by_the_queue(after: int | None, people: Mapping[int, str]) -> str:
    """It gave the case to somebody, or took it back from who went away before they began."""
    if after is None:
        return _("The case went back into the queue")
    return _("The queue gave the case to %(person)s") % {"person": people.get(after, _("somebody"))}


def by_division(event: Event, data: Mapping[str, Any], desks: Mapping[int, str]) -> str:
    """Which rule sent the case where, and why. Who is not at the desk of the rules is told that one did, and no more:
    how the desks of other operators stand is not theirs to know.
    """
    if event.desk_id not in desks:
        return _("It came to this desk by a rule of the company")
    said = {"rule": data["named"], "desk": desks.get(data["to_desk"], _("another desk"))}
    words = _("Sent to %(desk)s by the rule “%(rule)s”") % said
    if data["minutes"]:
        words = _("Nobody took it up within %(n)d min: sent on to %(desk)s by the rule “%(rule)s”") % (
            said | {"n": data["minutes"]}
        )
    return _("%(what)s (%(why)s)") % {"what": words, "why": _why(By(data["chosen_by"]), data)}


def _why(by: By, data: Mapping[str, Any]) -> str:
    reasons = {
        By.SHARE: _("share: it had had %(own)d of %(whole)d"),
        By.LOAD: _("load: %(own)d waited for %(whole)d people"),
        By.SKILL: _("skill: %(own)d of %(whole)d people know it"),
        By.PRICE: _("price: number %(own)d of %(whole)d"),
        By.ORDER: _("order: number %(own)d of %(whole)d"),
    }
    return reasons[by] % {"own": data["own"], "whole": data["whole"]}
