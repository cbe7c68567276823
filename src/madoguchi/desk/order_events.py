"""What happened to orders, as the conversation tells it. Pure."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from madoguchi.commerce.documents.paper import yen
from madoguchi.commerce.issuing import LETTERS
from madoguchi.commerce.models import Decision, Fit, Order, Parcel, Return, Trial
from madoguchi.desk.goods import arrival_words, in_places
from madoguchi.desk.papers import names_of_kinds
from madoguchi.infra.models import Event
from madoguchi.look.moments import full, whole_day

ORDERS_TOLD = (
    "stock.answered",
    "fit.answered",
    "remedy.tried",
    "order.placed",
    "order.moved",
    "order.paid",
    "order.pieces_changed",
    "order.unpaid",
    "order.decided",
    "order.resent",
    "solicitation.made",
    "solicitation.papers",
    "solicitation.withdrawn",
    "parcel.moved",
    "return.asked",
    "return.moved",
    "document.issued",
    "reservation.booked",
    "reservation.awaited",
    "reservation.changed",
    "reservation.cancelled",
    "reservation.restored",
)
_KINDS = {letters: kind for kind, letters in LETTERS.items()}


def _arrival(data: Mapping[str, Any]) -> str:
    """When it was said to arrive; empty where nobody knew, or nobody was asked yet."""
    days = [
        date.fromisoformat(data[name]) if data.get(name) else None for name in ("leaves_on", "arrives_on")
    ]
    words = arrival_words(days[0], days[1])
    if days[0] is None:
        return ""
    if not data.get("but_in"):
        return words
    return _("%(arrives)s (but in %(places)s)") % {"arrives": words, "places": _("、").join(data["but_in"])}


def order_words(event: Event, data: Mapping[str, Any]) -> str:
    """Who took or moved which order, and saw its money come."""
    if event.kind == "document.issued":
        name = names_of_kinds()[_KINDS[data["number"].partition("-")[0]]]
        return _("%(who)s gave the paper %(name)s %(number)s") % {
            "who": event.actor_name,
            "name": name,
            "number": data["number"],
        }
    if event.kind == "stock.answered":
        told = {"who": event.actor_name, "name": data["name"], "price": yen(data["price"])}
        told["stock"] = in_places(data["places"])
        words = _("%(who)s told the customer of %(name)s: %(price)s, %(stock)s") % told
        arrives = _arrival(data)
        return _("%(words)s; %(arrives)s") % {"words": words, "arrives": arrives} if arrives else words
    if event.kind == "fit.answered":
        verdict = str(Fit.Verdict(data["verdict"]).label)
        said = _("%(verdict)s (%(conditions)s)") % {"verdict": verdict, "conditions": data["conditions"]}
        told = {"who": event.actor_name, "names": data["names"], "source": data["source"]}
        told |= {"said": said if data["conditions"] else verdict, "day": data["sourced_on"]}
        return _("%(who)s told the customer of %(names)s: %(said)s; source: %(source)s, %(day)s") % told
    if event.kind == "remedy.tried":
        told = {"who": event.actor_name, "symptom": data["symptom"], "cause": data["cause"]}
        told["result"] = str(Trial.Result(data["result"]).label)
        return _("%(who)s walked through “%(symptom)s”: %(cause)s, %(result)s") % told
    if event.kind.startswith("return."):
        return _return_words(event, data)
    if event.kind.startswith("reservation."):
        return _reservation_words(event, data)
    if event.kind.startswith("solicitation."):
        return _solicitation_words(event, data)
    told = {"who": event.actor_name, "number": f"O-{data['number']}"}
    if event.kind == "order.placed":
        return _("%(who)s took the order %(number)s: %(total)s") % {**told, "total": yen(data["total"])}
    if event.kind == "order.paid":
        return _("%(who)s saw the money for the order %(number)s come") % told
    if event.kind == "order.pieces_changed":
        return _("%(who)s wrote down which pieces of the order %(number)s were sold") % told
    if event.kind == "order.unpaid":
        return _("%(who)s said that the money for the order %(number)s has not come after all") % told
    if event.kind == "order.decided":
        choice = str(Decision.Choice(data["choice"]).label)
        return _("%(who)s decided about the order %(number)s: %(choice)s") % {**told, "choice": choice}
    if event.kind == "order.resent":
        other = f"O-{data['resend_of_number']}"
        return _("%(who)s had the order %(other)s sent once more as %(number)s") % {**told, "other": other}
    if event.kind == "parcel.moved":
        state = str(Parcel.State(data["after"]).label)
        return _("A parcel of the order %(number)s: %(state)s") % {**told, "state": state}
    told["state"] = str(Order.State(data["after"]).label)
    return _("%(who)s set the order %(number)s to “%(state)s”") % told


def _solicitation_words(event: Event, data: Mapping[str, Any]) -> str:
    told = {"who": event.actor_name, "name": data["name"], "day": _day(data)}
    return {
        "solicitation.made": _(
            "%(who)s solicited %(name)s by phone and told what is owed; written terms by %(day)s"
        ),
        "solicitation.papers": _("%(who)s wrote down that the written terms of %(name)s came on %(day)s"),
        "solicitation.withdrawn": _("%(who)s wrote down that the customer withdrew from %(name)s on %(day)s"),
    }[event.kind] % told


def _day(data: Mapping[str, Any]) -> str:
    return whole_day(date.fromisoformat(data.get("papers_due") or data["on"]))


def _return_words(event: Event, data: Mapping[str, Any]) -> str:
    told = {"who": event.actor_name, "number": f"R-{data['number']}"}
    if event.kind == "return.asked":
        reason = str(Return.Reason(data["reason"]).label)
        return _("%(who)s took down the return %(number)s: %(reason)s") % {**told, "reason": reason}
    if data["after"] == Return.State.REFUNDED:
        return _("%(who)s gave %(total)s back for the return %(number)s") % {
            **told,
            "total": yen(data["total"]),
        }
    state = str(Return.State(data["after"]).label)
    return _("%(who)s set the return %(number)s to “%(state)s”") % {**told, "state": state}


def _reservation_words(event: Event, data: Mapping[str, Any]) -> str:
    told = {"who": event.actor_name, "number": f"V-{data['number']}"}
    if event.kind == "reservation.cancelled":
        return _("%(who)s cancelled the reservation %(number)s") % told
    told["when"] = full(datetime.fromisoformat(data.get("begins") or data["after"]))
    return {
        "reservation.booked": _("%(who)s reserved %(when)s (%(number)s)"),
        "reservation.awaited": _("%(who)s put the customer on the waiting list for %(when)s (%(number)s)"),
        "reservation.changed": _("%(who)s changed the reservation %(number)s: %(when)s"),
        "reservation.restored": _("%(who)s set the reservation %(number)s back: %(when)s"),
    }[event.kind] % told
