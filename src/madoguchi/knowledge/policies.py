"""Who may write templates. Pure: no query, no clock."""

from madoguchi.kernel.actor import Actor, Permission


def may_write_template(actor: Actor, *, company: int, desk: int | None) -> bool:
    """Supervisors write for their desks; what stands at all desks of a company (None) needs all of them."""
    return actor.may(Permission.TEMPLATES, company=company, desk=desk)
