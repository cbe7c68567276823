"""Endpoints and their log, as those who look after them see them."""

from django.db.models import QuerySet

from madoguchi.kernel.actor import Actor, ActorKind, Permission
from madoguchi.kernel.errors import NotFound
from madoguchi.webhooks.models import Delivery, Endpoint


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


def deliveries_of(endpoint: Endpoint) -> QuerySet[Delivery]:
    """What was sent to an endpoint, the newest first."""
    return Delivery.objects.filter(endpoint=endpoint).order_by("-pk")


def delivery_of(pk: int, *, actor: Actor) -> Delivery:
    """A delivery to one of the actor's endpoints. Raises NotFound."""
    found = Delivery.objects.filter(pk=pk, endpoint__in=endpoints_of(actor)).first()
    if found is None:
        raise NotFound(f"there is no delivery {pk}")
    return found
