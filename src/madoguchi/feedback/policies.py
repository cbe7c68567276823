"""Who tells whom what changed, and who may praise. Pure."""

from madoguchi.cases import policies
from madoguchi.cases.models import Case
from madoguchi.feedback.models import Briefing
from madoguchi.kernel.actor import Actor, Permission


def led_by(actor: Actor, *, company: int, desk: int) -> set[int]:
    """The operators whose people somebody leads at a desk: their own employer's alone (37号告示)."""
    grants = (g for g in actor.grants if g.covers(company=company, desk=desk))
    return {g.operator for g in grants if g.operator and g.allows(Permission.CASE_ASSIGN)}


def may_lead(actor: Actor, briefing: Briefing) -> bool:
    """Whether somebody may withdraw a briefing and see who has not read it: whoever leads those whom it is for."""
    return briefing.operator_id in led_by(actor, company=briefing.company_id, desk=briefing.desk_id)


def is_for(actor: Actor, briefing: Briefing) -> bool:
    """Whether a briefing is for somebody: they work at its desk for its operator."""
    return any(
        grant.covers(company=briefing.company_id, desk=briefing.desk_id)
        and grant.operator == briefing.operator_id
        and grant.allows(Permission.CASE_REPLY)
        for grant in actor.grants
    )


def may_praise(actor: Actor, case: Case) -> bool:
    """Praise is among those who work at the case's desk, as notes are."""
    return policies.may_note(actor, case)
