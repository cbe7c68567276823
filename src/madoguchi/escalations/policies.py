"""Who may ask whom, who answers, and who settles what came of it. Pure: no query, no clock.

The company and an operator's people speak to one another by way of the operator's manager (37号告示): only that one
asks the company, and the company asks nobody but that one. Where a company answers itself, and where the law puts
temporary staff under it, its people may be asked by anybody.
"""

from madoguchi.cases import policies
from madoguchi.cases.models import Case
from madoguchi.escalations.models import Escalation
from madoguchi.kernel.actor import Actor, OperatingModel, Permission, Role
from madoguchi.kernel.errors import NotAllowed

To = Escalation.To
_OF_COMPANY = (Role.COMPANY_STAFF, Role.COMPANY_MANAGER)
_UNDER_ONE_ROOF = (OperatingModel.IN_HOUSE, OperatingModel.TEMP_STAFF)


def may_work(actor: Actor, case: Case) -> bool:
    """Whoever works the case asks, settles what came of it, and writes message slips, where the case goes on."""
    return case.continued_in_id is None and policies.may_update(actor, case)


def may_vouch(actor: Actor, case: Case) -> bool:
    """Who approves answers at the case's desk says to which new addresses its words may go."""
    return actor.may(Permission.CASE_APPROVE, company=case.company_id, desk=case.desk_id)


def may_ask(actor: Actor, case: Case, *, to: str) -> bool:
    """Whether they may ask those something of this case."""
    if case.continued_in_id is not None or not policies.may_read(actor, case):
        return False
    if to == To.COMPANY:
        return may_work(actor, case) and _speaks_with_company(actor, case)
    return may_work(actor, case) or (to == To.MANAGERS and is_of_company(actor, case.company_id))


def may_ask_anybody(actor: Actor, case: Case) -> bool:
    """Whether there is anybody whom they may ask."""
    return may_ask(actor, case, to=To.PERSON) or may_ask(actor, case, to=To.MANAGERS)


def may_answer(actor: Actor, one: Escalation) -> bool:
    """Whether they are asked. Who is outside answers by the slip alone, and who asks everybody means the others."""
    case = one.home
    match one.to:
        case To.PERSON:
            return actor.id == one.person_id and policies.may_note(actor, case)
        case To.DESK:
            return actor.may(Permission.CASE_NOTE, company=one.company_id, desk=one.desk_id)
        case To.TEAM:
            return actor.id != one.asked_by_id and may_work(actor, case)
        case To.SENIORS:
            return actor.may(Permission.CASE_APPROVE, company=one.company_id, desk=case.desk_id)
        case To.MANAGERS:
            return is_manager(actor, case)
        case To.COMPANY:
            return is_of_company(actor, one.company_id)
    return False


def may_take(actor: Actor, one: Escalation) -> bool:
    """Whether they are one of several who are asked, and nobody has taken it up yet."""
    return one.to not in (To.PERSON, To.OUTSIDE) and one.taken_by_id is None and may_answer(actor, one)


def may_give_back(actor: Actor, one: Escalation) -> bool:
    """Who took it gives it back to all, and so does who settles it, for one who is away."""
    return one.taken_by_id is not None and (one.taken_by_id == actor.id or may_settle(actor, one))


def may_read(actor: Actor, one: Escalation) -> bool:
    """Whoever reads the case, and whoever is asked, though they may not read that."""
    return policies.may_read(actor, one.home) or may_answer(actor, one)


def may_settle(actor: Actor, one: Escalation) -> bool:
    """Who works the case withdraws and closes its questions; so does whoever of the company asked one, of that."""
    case = one.home
    own = one.asked_by_id == actor.id and may_ask(actor, case, to=one.to)
    return own or may_work(actor, case)


def may_pass_on(actor: Actor, one: Escalation, *, to: str) -> bool:
    """Who is asked, or settles it, may have others asked whom they might ask themselves."""
    return (may_answer(actor, one) or may_settle(actor, one)) and may_ask(actor, one.home, to=to)


def is_manager(actor: Actor, case: Case) -> bool:
    """Whether they are the manager (管理責任者) of an operator at the case's desk."""
    return any(
        g.role == Role.MANAGER
        and g.covers(company=case.company_id, desk=case.desk_id)
        and g.allows(Permission.CASE_NOTE)
        for g in actor.grants
    )


def is_of_company(actor: Actor, company: int) -> bool:
    """Whether they are of the company itself, and act with more than one's own account."""
    return any(
        g.company == company and g.role in _OF_COMPANY and g.allows(Permission.CASE_READ)
        for g in actor.grants
    )


def _speaks_with_company(actor: Actor, case: Case) -> bool:
    here = [g for g in actor.grants if g.covers(company=case.company_id, desk=case.desk_id)]
    roof = any(g.model in _UNDER_ONE_ROOF and g.allows(Permission.CASE_UPDATE) for g in here)
    return roof or is_manager(actor, case)


def require_work(actor: Actor, case: Case) -> None:
    """Raises NotAllowed for who does not work the case."""
    if not may_work(actor, case):
        raise NotAllowed(Permission.CASE_UPDATE)
