"""Who may say what a desk keeps towards its customers, and who may read it. Pure."""

from madoguchi.cases import policies as case_policies
from madoguchi.cases.models import Case
from madoguchi.kernel.actor import Actor, OperatingModel, Permission


def may_set_levels(actor: Actor, *, company: int, desk: int) -> bool:
    """Whether the actor sets up this desk, or leads it where the company answers itself.

    Service levels are what the company has agreed with who answers: nobody else sets the measure for their own work.
    """
    sets_up = actor.runs_installation or actor.may(Permission.DESKS, company=company, desk=desk)
    return sets_up or any(
        grant.model == OperatingModel.IN_HOUSE
        and grant.covers(company=company, desk=desk)
        and grant.allows(Permission.RULES)
        for grant in actor.grants
    )


def may_direct_by_acts(actor: Actor, *, company: int, desk: int) -> bool:
    """Whether a policy of this desk may hand cases to people, tell them and set tasks by this actor's word.

    That is to direct them, which a company does under its operating model alone (37号告示).
    """
    return actor.runs_installation or actor.may(Permission.CASE_ASSIGN, company=company, desk=desk)


def may_read_levels(actor: Actor, *, company: int, desk: int) -> bool:
    """Whether the actor works for this desk in any way: what is promised concerns all of them."""
    return actor.runs_installation or actor.may(Permission.LEVELS_READ, company=company, desk=desk)


def may_promise(actor: Actor, case: Case) -> bool:
    """Whether the actor works the case, where it goes on. A company reads what was promised, and directs nobody."""
    return case.continued_in_id is None and case_policies.may_update(actor, case)
