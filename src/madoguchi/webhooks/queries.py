"""Endpoints and their log, as those who look after them see them."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from madoguchi.companies.models import Company
from madoguchi.kernel.actor import Actor, ActorKind, Permission
from madoguchi.kernel.errors import NotFound
from madoguchi.webhooks.models import (
    BY_HAND,
    GONE,
    NO_TRUST,
    NOWHERE,
    PAUSES,
    TOO_LONG,
    Delivery,
    Endpoint,
)


def endpoints_of(actor: Actor) -> QuerySet[Endpoint]:
    """The endpoints that the actor looks after, by company and address."""
    found = (
        Endpoint.objects.filter(removed_at=None).select_related("company").order_by("company", "url", "pk")
    )
    if actor.kind == ActorKind.SYSTEM:
        return found
    return found.filter(company__in=actor.companies_with(Permission.WEBHOOKS))


def endpoint_of(pk: int, *, actor: Actor) -> Endpoint:
    """One of them. Raises NotFound."""
    found = endpoints_of(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound(f"there is no endpoint {pk}")
    return found


def companies_to_tell(actor: Actor) -> list[Company]:
    """The companies whose endpoints the actor looks after, by name."""
    rows = Company.objects.filter(pk__in=actor.companies_with(Permission.WEBHOOKS))
    return list(rows.order_by("name", "pk"))


def why_off(endpoint: Endpoint) -> str:
    """Why an endpoint is told nothing, in words; empty while it is on."""
    known = {
        BY_HAND: _("Switched off by hand."),
        GONE: _("It answered that it is gone (410)."),
        TOO_LONG: _("It has taken nothing for five days."),
    }
    return known.get(endpoint.off_why, endpoint.off_why)


def said(status: int | None, response: str) -> str:
    """What the other side said, or in words why it said nothing; of that nothing else is shown, whatever is kept."""
    if status is not None:
        return response
    known = {
        NOWHERE: _(
            "Nothing can be sent to this server: its name is not known, or it leads where no webhook goes, such as a"
            " private network."
        ),
        NO_TRUST: _("The certificate of the server does not hold."),
    }
    nothing = _("No server answered within ten seconds, or its answer could not be used.")
    return known.get(response, nothing)


def is_left(delivery: Delivery) -> bool:
    """Whether a delivery ended before its last try, for its endpoint was switched off or removed."""
    return delivery.state == Delivery.State.FAILED and delivery.tries <= len(PAUSES)


def deliveries_of(endpoint: Endpoint) -> QuerySet[Delivery]:
    """What was sent to an endpoint, the newest first."""
    return Delivery.objects.filter(endpoint=endpoint).order_by("-pk")


def delivery_of(pk: int, *, actor: Actor) -> Delivery:
    """A delivery to one of the actor's endpoints. Raises NotFound."""
    found = Delivery.objects.filter(pk=pk, endpoint__in=endpoints_of(actor)).first()
    if found is None:
        raise NotFound(f"there is no delivery {pk}")
    return found
