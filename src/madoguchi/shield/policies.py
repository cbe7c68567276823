"""Who marks, calls, decides, agrees, and reads what an operator's people tell their employer. Pure.

The company sees that a case is in the shield and decides nothing there: its people would direct those of another
employer (37号告示). What it is asked for goes by questions to the company (`escalations`), and comes back to its
manager.
"""

from madoguchi.cases import policies
from madoguchi.cases.models import Case
from madoguchi.kernel.actor import Actor, OperatingModel, Permission, Role
from madoguchi.shield.models import Consultation

_SENIOR = (Role.SUPERVISOR, Role.MANAGER)


def may_work(actor: Actor, case: Case) -> bool:
    """Whoever works the case marks, calls a senior, warns, and asks that a talk be ended."""
    return case.continued_in_id is None and policies.may_update(actor, case)


def may_lead(actor: Actor, case: Case) -> bool:
    """Whoever leads the desk decides."""
    return actor.may(Permission.CASE_APPROVE, company=case.company_id, desk=case.desk_id)


def may_see_people(actor: Actor, case: Case) -> bool:
    """Whom it met, who was called and who is cared for is for the desk's people alone."""
    return policies.may_note(actor, case)


def operators_led(actor: Actor, *, company: int) -> frozenset[int]:
    """The operators for whose people at this company they answer: those they are a senior of."""
    return frozenset(
        g.operator for g in actor.grants if g.company == company and g.operator and g.role in _SENIOR
    )


def may_read_counsel(actor: Actor, one: Consultation) -> bool:
    """A consultation is read by who asked and by who answers it."""
    return actor.id == one.person_id or is_counsel(actor, one)


def is_counsel(actor: Actor, one: Consultation) -> bool:
    """Seniors of the same employer answer, and the managers of the firm that directs them, where it was asked, too."""
    if one.operator_id in operators_led(actor, company=one.company_id):
        return True
    home = one.case.continued_in or one.case
    return one.to_client and home.desk_id in desks_as_client(actor)


def desks_as_client(actor: Actor) -> frozenset[int]:
    """The desks whose temporary staff work for the firm that the actor answers for (派遣先責任者)."""
    return frozenset(
        g.desk
        for g in actor.grants
        if g.desk and g.role == Role.COMPANY_MANAGER and g.model == OperatingModel.TEMP_STAFF
    )


def is_temporary(actor: Actor, case: Case) -> bool:
    """Whether somebody works a case as temporary staff: of an agency, under the company's direction."""
    return any(
        g.operator
        and g.model == OperatingModel.TEMP_STAFF
        and g.covers(company=case.company_id, desk=case.desk_id)
        for g in actor.grants
    )


def operator_at(actor: Actor, case: Case) -> int | None:
    """The operator for whom somebody works a case."""
    covering = (g for g in actor.grants if g.covers(company=case.company_id, desk=case.desk_id))
    return next((g.operator for g in covering if g.operator), None)


def may_agree_terms(actor: Actor, *, company: int) -> bool:
    """Whoever sets up all desks of the company writes what it agrees on."""
    return actor.may(Permission.DESKS, company=company)


def may_approve_terms(actor: Actor, *, company: int) -> bool:
    """The company's own people approve in which words its customers are warned."""
    return actor.may(Permission.ARTICLES_APPROVE, company=company)


def sides_of(actor: Actor, *, company: int, operator: int) -> frozenset[str]:
    """For which sides of the duties they answer: `operator`; `company`, and as who directs temporary staff `client`."""
    here = [g for g in actor.grants if g.company == company]
    sides = {side for g in here if g.role == Role.COMPANY_MANAGER for side in ("company", "client")}
    sides |= {"operator" for g in here if g.role == Role.MANAGER and g.operator == operator}
    return frozenset(sides)
