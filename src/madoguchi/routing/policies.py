"""Who may do what in sharing work out. Pure.

Companies see how their work is shared, and direct nobody: their people hold none of these permissions (37号告示).
"""

from madoguchi.kernel.actor import Actor, Permission, Role

_LEADS = frozenset({Role.SUPERVISOR, Role.MANAGER})


def answers(actor: Actor) -> bool:
    """Whether somebody answers customers anywhere, and so is present or not."""
    return actor.may_anywhere(Permission.CASE_REPLY)


def may_see_people(actor: Actor, *, company: int, desk: int) -> bool:
    """Who is here is for the people of the desk alone."""
    return actor.may(Permission.CASE_NOTE, company=company, desk=desk) and answers(actor)


def may_share(actor: Actor, *, company: int, desk: int) -> bool:
    """Who leads a desk says how its work is shared out."""
    return actor.may(Permission.CASE_TAKE_OVER, company=company, desk=desk)


def operators_led(actor: Actor) -> frozenset[int]:
    """The operators of whose people somebody says what they know: their own employer's."""
    led = {g.operator for g in actor.grants if g.role in _LEADS and g.allows(Permission.CASE_TAKE_OVER)}
    return frozenset(one for one in led if one is not None)
