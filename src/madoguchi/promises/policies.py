"""Who may say what a desk keeps towards its customers."""

from madoguchi.kernel.actor import Actor, Permission


def may_set_levels(actor: Actor, *, company: int, desk: int) -> bool:
    """Whether the actor sets up this desk: its service levels are what the company has agreed with who answers."""
    return actor.runs_installation or actor.may(Permission.DESKS, company=company, desk=desk)
