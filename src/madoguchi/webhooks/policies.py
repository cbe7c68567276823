"""Who may say where a company's events go. Pure."""

from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed


def require_webhooks(actor: Actor, *, company: int) -> None:
    """Whoever sets up the company's own systems. Raises NotAllowed for others."""
    if not actor.may(Permission.WEBHOOKS, company=company):
        raise NotAllowed(Permission.WEBHOOKS)
