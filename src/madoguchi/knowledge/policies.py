"""Who may write templates and articles. Pure: no query, no clock."""

from madoguchi.kernel.actor import Actor, Permission


def may_write_template(actor: Actor, *, company: int, desk: int | None) -> bool:
    """Supervisors write for their desks; what stands at all desks of a company (None) needs all of them."""
    return actor.may(Permission.TEMPLATES, company=company, desk=desk)


def may_write_article(actor: Actor, *, company: int, desk: int | None) -> bool:
    """Everybody who reads and works on cases proposes words, also for all desks: the company approves them."""
    if desk is None:
        return any(g.company == company and g.allows(Permission.ARTICLES_WRITE) for g in actor.grants)
    return actor.may(Permission.ARTICLES_WRITE, company=company, desk=desk)


def may_approve_article(actor: Actor, *, company: int, desk: int | None) -> bool:
    """Only the company's people, for what is said is said in its name."""
    return actor.may(Permission.ARTICLES_APPROVE, company=company, desk=desk)
