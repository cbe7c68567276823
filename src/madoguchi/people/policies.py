"""Who may look after whom. Pure: no query, no clock.

Nobody gives what they do not hold, and an account is looked after only by somebody who answers for every
place it leads to: whoever could set its password could act in all of them.
"""

from dataclasses import dataclass

from madoguchi.kernel.actor import PERMISSIONS, Actor, ActorKind, Permission, Role


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a person belongs: the operators and companies they are of, and whether they administer it all."""

    operators: frozenset[int] = frozenset()
    companies: frozenset[int] = frozenset()
    administrator: bool = False


def operators_managed(actor: Actor) -> frozenset[int]:
    """The operators whose people this actor looks after."""
    held = (g.operator for g in actor.grants if g.allows(Permission.PEOPLE))
    return frozenset(operator for operator in held if operator is not None)


def companies_managed(actor: Actor) -> frozenset[int]:
    """The companies whose own staff this actor looks after."""
    grants = (g for g in actor.grants if g.role == Role.COMPANY_MANAGER)
    return frozenset(g.company for g in grants if g.allows(Permission.PEOPLE))


def may_see(actor: Actor, person: Standing) -> bool:
    """Administrators see everybody, managers the people of their operator or company."""
    shared = person.operators & operators_managed(actor) or person.companies & companies_managed(actor)
    return actor.runs_installation or bool(shared)


def may_look_after_account(actor: Actor, person: Standing) -> bool:
    """Whether the actor may rename, lock out, or let the person sign in anew."""
    if actor.runs_installation:
        return True
    within = person.operators <= operators_managed(actor) and person.companies <= companies_managed(actor)
    return may_see(actor, person) and within and not person.administrator


def may_give(actor: Actor, role: Role, *, operator: int | None = None, company: int | None = None) -> bool:
    """Whether the actor may give or take this role: the place is in their hands, the role not above them."""
    if actor.runs_installation:
        return True
    if operator is not None:
        here = [g for g in actor.grants if operator in operators_managed(actor) and g.operator == operator]
    else:
        here = [g for g in actor.grants if company in companies_managed(actor) and g.company == company]
    held = frozenset[Permission]().union(*(PERMISSIONS[g.role] for g in here))
    return bool(here) and PERMISSIONS[role] <= held


def may_appoint_administrators(actor: Actor) -> bool:
    """Only administrators make administrators."""
    return actor.runs_installation


def may_make_token(actor: Actor, person: int) -> bool:
    """A program acts for somebody only by their own will; the machine's shell belongs to who runs it."""
    return actor.kind == ActorKind.SYSTEM or (actor.kind == ActorKind.PERSON and actor.id == person)
