"""Who may do what in sharing work out. Pure.

Companies see how their work is shared, and direct nobody: their people hold none of these permissions (37号告示).
"""

from madoguchi.kernel.actor import Actor, Grant, Permission, Role


def answers(actor: Actor) -> bool:
    """Whether somebody answers customers anywhere, and so is present or not."""
    return actor.may_anywhere(Permission.CASE_REPLY)


def may_see_people(actor: Actor, *, company: int, desk: int) -> bool:
    """Who is here is for the people of the desk alone."""
    return actor.may(Permission.CASE_NOTE, company=company, desk=desk) and answers(actor)


def may_share(actor: Actor, *, company: int, desk: int) -> bool:
    """Who leads a desk says how its work is shared out."""
    return actor.may(Permission.CASE_TAKE_OVER, company=company, desk=desk)


def operators_managed(actor: Actor) -> frozenset[int]:
    """The operators of whose people, all of them, somebody says what they know: those they manage."""
    return frozenset(g.operator for g in _led(actor, Role.MANAGER) if g.operator is not None)


def desks_led(actor: Actor) -> frozenset[tuple[int, int]]:
    """The desks of whose people a supervisor says what they know: each with the supervisor's own employer."""
    led = _led(actor, Role.SUPERVISOR)
    return frozenset((g.operator, g.desk) for g in led if g.operator is not None and g.desk is not None)


def leads_anybody(actor: Actor) -> bool:
    """Whether there are people of whom somebody says what they know."""
    return bool(operators_managed(actor) or desks_led(actor))


def _led(actor: Actor, role: Role) -> list[Grant]:
    return [g for g in actor.grants if g.role == role and g.allows(Permission.CASE_TAKE_OVER)]
