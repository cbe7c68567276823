"""Endpoints and what was sent to them, made up."""

from madoguchi.companies.models import Company
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.webhooks.actions import add_endpoint
from madoguchi.webhooks.models import Delivery, Endpoint


def make_webhook(company: Company, *, url: str = "https://shop.example/hook") -> tuple[Endpoint, Delivery]:
    """An endpoint of a company in scope, and one event that it took."""
    endpoint = add_endpoint(company.pk, url=url, by=system("factories"))
    now = clock.now()
    delivery = Delivery.objects.create(
        company=company,
        endpoint=endpoint,
        event_id=1,
        kind="case.opened",
        body="{}",
        state=Delivery.State.DELIVERED,
        tries=1,
        status=204,
        due_at=now,
        tried_at=now,
        made_at=now,
    )
    return endpoint, delivery
