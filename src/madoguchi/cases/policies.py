"""Who may do what with a case. Pure: no query, no clock."""

from collections.abc import Sequence

from madoguchi.cases.models import Case, HandOff
from madoguchi.companies.models import Desk
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed


def may_read(actor: Actor, case: Case) -> bool:
    """Staff of the desk, and the whole company that owns the case."""
    return _may(actor, Permission.CASE_READ, case)


def may_reply(actor: Actor, case: Case) -> bool:
    """Only people seated at the desk answer its customers, and only where the case goes on."""
    return case.continued_in_id is None and _may(actor, Permission.CASE_REPLY, case)


def may_note(actor: Actor, case: Case) -> bool:
    """Notes are among the desk's people: a company's staff speak to the operator's manager instead (37号告示)."""
    return _may(actor, Permission.CASE_NOTE, case)


def require_colleague(case: Case, *, by: Actor) -> None:
    """Who works at the case beside whom is for the desk's people alone (37号告示). Raises NotAllowed for others."""
    if not may_note(by, case):
        raise NotAllowed(Permission.CASE_NOTE)


def may_update(actor: Actor, case: Case) -> bool:
    """Status, priority, tags and subject belong to who works the case."""
    return _may(actor, Permission.CASE_UPDATE, case)


def may_assign(actor: Actor, case: Case, *, to: int | None) -> bool:
    """Agents take a case or give up their own, done already or not; supervisors assign to anybody of the desk."""
    if _may(actor, Permission.CASE_ASSIGN, case):
        return True
    takes = to == actor.id and case.assignee_id in (None, actor.id)
    gives_up = to is None and case.assignee_id in (None, actor.id)
    return (takes or gives_up) and may_update(actor, case)


def asks_for_words(case: Case, occasion: HandOff.Occasion) -> bool:
    """Whether the desk wants words left for whoever comes next. Of a case that nobody has answered there is
    nothing to tell.
    """
    wanted = case.desk.hand_off
    if case.first_replied_at is None or wanted == Desk.HandOff.NEVER:
        return False
    return occasion != HandOff.Occasion.CLOSING or wanted == Desk.HandOff.CLOSING


def may_take_over(actor: Actor, case: Case) -> bool:
    """Whoever leads the desk may take an answer out of a colleague's hands, to write it on."""
    return _may(actor, Permission.CASE_TAKE_OVER, case) and may_reply(actor, case)


def may_approve(actor: Actor, case: Case, *, writer: int) -> bool:
    """Seniors of the desk let a colleague's answer leave; nobody their own."""
    return actor.id != writer and _may(actor, Permission.CASE_APPROVE, case)


def may_settle(actor: Actor, case: Case, *, writer: int) -> bool:
    """Who wrote an answer that has not left, or whoever leads the desk, decides when it leaves, or that it does not."""
    return may_note(actor, case) and (actor.id == writer or _may(actor, Permission.CASE_TAKE_OVER, case))


def may_see_looks(actor: Actor, case: Case) -> bool:
    """Whoever leads the desk, or answers for the company, sees who was shown the case."""
    return _may(actor, Permission.ACCESS, case)


def where_answers_wait(actor: Actor, desks: Sequence[Desk]) -> dict[str, list[int]]:
    """The desks whose waiting answers this reader sees (`worked`), and those where they approve them."""
    wanted = {"worked": Permission.CASE_NOTE, "approved": Permission.CASE_APPROVE}
    return {
        name: [desk.pk for desk in desks if actor.may(permission, company=desk.company_id, desk=desk.pk)]
        for name, permission in wanted.items()
    }


def _may(actor: Actor, permission: Permission, case: Case) -> bool:
    return actor.may(permission, company=case.company_id, desk=case.desk_id)
