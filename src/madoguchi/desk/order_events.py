"""What happened to orders, as the conversation tells it. Pure."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from madoguchi.commerce.documents.paper import yen
from madoguchi.commerce.models import Order
from madoguchi.infra.models import Event

ORDERS_TOLD = ("order.placed", "order.moved")


def order_words(event: Event, data: Mapping[str, Any]) -> str:
    """Who took or moved which order."""
    told = {"who": event.actor_name, "number": f"O-{data['number']}"}
    if event.kind == "order.placed":
        return _("%(who)s took the order %(number)s: %(total)s") % {**told, "total": yen(data["total"])}
    told["state"] = str(Order.State(data["after"]).label)
    return _("%(who)s set the order %(number)s to “%(state)s”") % told
