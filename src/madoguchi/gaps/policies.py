"""Who may see and settle what no article says. Pure."""

from madoguchi.kernel.actor import Actor, Permission
from madoguchi.knowledge.policies import may_approve_article


def may_settle(actor: Actor, *, company: int) -> bool:
    """Whoever may write articles for all desks of the company: what customers ask is asked of the company."""
    return any(g.company == company and g.allows(Permission.ARTICLES_WRITE) for g in actor.grants)


def may_ask(actor: Actor, *, company: int, desk: int) -> bool:
    """Whoever writes notes at a desk may say that something is to be looked up nowhere."""
    return actor.may(Permission.CASE_NOTE, company=company, desk=desk)


def may_rehearse(actor: Actor, *, company: int) -> bool:
    """Whoever approves for the whole company: whether it could do without an operator is its own to know."""
    return may_approve_article(actor, company=company, desk=None)


def may_stop(actor: Actor, *, company: int, owner: int | None) -> bool:
    """Whoever began a search, and who leads at the company: that of the night is a leader's alone."""
    if not may_settle(actor, company=company):
        return False
    leads = (Permission.CASE_TAKE_OVER, Permission.ARTICLES_APPROVE)
    leading = any(g.company == company and any(map(g.allows, leads)) for g in actor.grants)
    return leading or (owner is not None and actor.id == owner)
