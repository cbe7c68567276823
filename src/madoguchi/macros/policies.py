"""Who may use and change macros. Pure: no query, no clock."""

from madoguchi.cases.models import Case
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.knowledge.policies import may_approve_article
from madoguchi.macros.models import Macro


def may_see(actor: Actor, macro: Macro) -> bool:
    """What is for a desk at which one works cases, and one's own."""
    if macro.desk_id is not None:
        return actor.may(Permission.CASE_UPDATE, company=macro.company_id, desk=macro.desk_id)
    works = any(g.company == macro.company_id and g.allows(Permission.MACROS) for g in actor.grants)
    return macro.owner_id == actor.id and works


def may_change(actor: Actor, macro: Macro) -> bool:
    """One's own is one's own to change; that of a desk belongs to who leads it and so arranges its people's work.

    A company that employs nobody there does not (37号告示): it holds neither permission.
    """
    if macro.desk_id is None:
        return may_see(actor, macro)
    return actor.may(Permission.RULES, company=macro.company_id, desk=macro.desk_id)


def may_approve(actor: Actor, macro: Macro) -> bool:
    """What is said is said in the company's name: whoever approves its articles approves words of macros, and changes
    nothing else of them.
    """
    return may_approve_article(actor, company=macro.company_id, desk=macro.desk_id)


def is_for(macro: Macro, case: Case) -> bool:
    """Whether the macro is for cases of this desk at all."""
    return macro.company_id == case.company_id and macro.desk_id in (None, case.desk_id)
