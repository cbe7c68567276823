"""Who may write templates and articles. Pure: no query, no clock."""

from collections.abc import Collection

from madoguchi.kernel.actor import Actor, ActorKind, Permission


def may_write_template(actor: Actor, *, company: int, desk: int | None) -> bool:
    """Supervisors write for their desks; what stands at all desks of a company (None) needs all of them."""
    return actor.may(Permission.TEMPLATES, company=company, desk=desk)


def may_write_article(actor: Actor, *, company: int, desk: int | None) -> bool:
    """Everybody who reads and works on cases proposes words, also for all desks: the company approves them."""
    if desk is None:
        own = any(g.company == company and g.allows(Permission.ARTICLES_WRITE) for g in actor.grants)
        return own or actor.kind == ActorKind.SYSTEM
    return actor.may(Permission.ARTICLES_WRITE, company=company, desk=desk)


def may_see_restricted(actor: Actor, *, company: int, operators: Collection[int]) -> bool:
    """The company's own people see all that is kept from others; besides them whoever works for one of these operators.
    The product itself sees everything.
    """
    if actor.kind == ActorKind.SYSTEM:
        return True
    readers = (g for g in actor.grants if g.company == company and g.allows(Permission.ARTICLES_READ))
    return any(g.of_the_company or g.operator in operators for g in readers)


def may_approve_article(actor: Actor, *, company: int, desk: int | None) -> bool:
    """Only the company's people, for what is said is said in its name."""
    return actor.may(Permission.ARTICLES_APPROVE, company=company, desk=desk)
