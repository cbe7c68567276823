"""Who may follow a case and be told of it. Pure: no query, no clock."""

from madoguchi.cases import policies
from madoguchi.cases.models import Case
from madoguchi.kernel.actor import Actor, ActorKind, Permission


def may_follow(actor: Actor, case: Case) -> bool:
    """The desk's people, who may also write its notes. A company that must not direct them leaves no trace among them
    (37号告示).
    """
    return actor.kind == ActorKind.PERSON and policies.may_note(actor, case)


def may_be_asked(actor: Actor, *, company: int, desk: int) -> bool:
    """Whoever writes notes at a desk is told of what that desk is asked of a case that they may not read."""
    return actor.kind == ActorKind.PERSON and actor.may(Permission.CASE_NOTE, company=company, desk=desk)
