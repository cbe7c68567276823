"""Who may do what to customers' records."""

from madoguchi.kernel.actor import Actor, ActorKind, Permission

# What is compared and mixed when two records become one.
COMPARED = frozenset({"name", "kana", "address", "email", "phone", "member", "memo"})


def may_join(actor: Actor, *, company: int) -> bool:
    """Whether the actor may make one record of two, and two of one again: who edits customers and sees them whole, and
    the product itself, when a connected shop says who belongs together.
    """
    if actor.kind is ActorKind.SYSTEM:
        return actor.may(Permission.CUSTOMER_EDIT, company=company)
    unseen = actor.data_scope(company=company)
    desk = next((grant.desk for grant in actor.grants if grant.company == company), None)
    whole = not COMPARED & (unseen.masked | unseen.hidden)
    return whole and actor.may(Permission.CUSTOMER_EDIT, company=company, desk=desk)


def may_verify(actor: Actor, *, company: int, kind: str) -> bool:
    """Whether the actor may say how sure an address of this kind is: who edits customers, and sees such addresses."""
    unseen = actor.data_scope(company=company)
    desk = next((grant.desk for grant in actor.grants if grant.company == company), None)
    sees = kind not in unseen.masked | unseen.hidden
    return sees and actor.may(Permission.CUSTOMER_EDIT, company=company, desk=desk)


def may_note(actor: Actor, *, company: int) -> bool:
    """Whether the actor may note what is worth knowing of customers: who edits them, and sees their memos."""
    unseen = actor.data_scope(company=company)
    desk = next((grant.desk for grant in actor.grants if grant.company == company), None)
    sees = "memo" not in unseen.masked | unseen.hidden
    return sees and actor.may(Permission.CUSTOMER_EDIT, company=company, desk=desk)
