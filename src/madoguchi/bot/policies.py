"""Who may do what with bots, as pure functions."""

from madoguchi.cases.models import Case
from madoguchi.kernel.actor import Actor, Permission


def may_set_bot(actor: Actor, *, company: int, desk: int | None) -> bool:
    """Whoever sets up the desk, or speaks for the company's words: a bot answers in its name."""
    return actor.may(Permission.DESKS, company=company, desk=desk)


def may_hand_back(actor: Actor, case: Case) -> bool:
    """Whoever may answer the case may leave the answering to the bot again."""
    return actor.may(Permission.CASE_REPLY, company=case.company_id, desk=case.desk_id)


def may_audit(actor: Actor, *, company: int, desk: int) -> bool:
    """Whoever leads the desk, or speaks for the company's articles, which are all that a bot says."""
    lead, speak = Permission.CASE_APPROVE, Permission.ARTICLES_APPROVE
    return any(actor.may(one, company=company, desk=desk) for one in (lead, speak))
