"""Who may see and settle what no article says. Pure."""

from madoguchi.kernel.actor import Actor, Permission


def may_settle(actor: Actor, *, company: int) -> bool:
    """Whoever may write articles for all desks of the company: what customers ask is asked of the company."""
    return any(g.company == company and g.allows(Permission.ARTICLES_WRITE) for g in actor.grants)
