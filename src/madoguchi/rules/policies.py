"""Who may write rules. Pure: no query, no clock."""

from madoguchi.kernel.actor import Actor, Permission


def may_rule(actor: Actor, *, company: int, desk: int) -> bool:
    """Who leads a desk arranges what happens there by itself. A company that employs nobody there directs no work and
    holds no such permission (37号告示).
    """
    return actor.may(Permission.RULES, company=company, desk=desk)
