"""Who raises signals, settles what became of them, and says what is watched for. Pure."""

from collections.abc import Iterable
from dataclasses import replace

from madoguchi.cases import policies
from madoguchi.cases.models import Case
from madoguchi.kernel.actor import Actor, Permission, Role


def may_signal(actor: Actor, case: Case) -> bool:
    """Whoever works the case; a company reads signals and raises none among the desk's people (37号告示)."""
    return case.continued_in_id is None and policies.may_update(actor, case)


def may_settle(actor: Actor, *, company: int, desks: Iterable[int]) -> bool:
    """Whoever leads a desk of whose cases it is."""
    return any(actor.may(Permission.CASE_APPROVE, company=company, desk=desk) for desk in desks)


def may_settle_instruction(actor: Actor, case: Case) -> bool:
    """The operator's manager at the desk: whom the company has to ask (37号告示)."""
    return any(
        g.role == Role.MANAGER and g.covers(company=case.company_id, desk=case.desk_id) for g in actor.grants
    )


def as_manager(actor: Actor) -> Actor:
    """The same person where they are a manager of an operator or of the company, and nowhere else: between these two
    goes what the company asks for (37号告示). Who may have directed somebody does not read who wrote that down.
    """
    heads = (Role.MANAGER, Role.COMPANY_MANAGER)
    return replace(actor, grants=tuple(g for g in actor.grants if g.role in heads))


def manages(actor: Actor) -> bool:
    """Whether they are a manager of an operator anywhere."""
    return any(g.role == Role.MANAGER for g in actor.grants)


def may_watch(actor: Actor, *, company: int) -> bool:
    """Whoever sets up all desks of the company."""
    return actor.may(Permission.DESKS, company=company)
