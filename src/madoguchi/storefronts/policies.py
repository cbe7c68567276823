"""Who may connect shops. Pure."""

from madoguchi.kernel.actor import Actor, Permission


def may_connect(actor: Actor, *, company: int) -> bool:
    """Whoever keeps a company's shop says which others tell of its orders."""
    return actor.may(Permission.SHOP, company=company)
