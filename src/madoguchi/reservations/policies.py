"""Who makes reservations, and who says what can be had. Pure: no query, no clock."""

from madoguchi.kernel.actor import Actor, Permission


def may_reserve(actor: Actor, *, company: int, desk: int | None) -> bool:
    """People who take orders at the desk make reservations there. A company reads them and directs nobody by them
    (37号告示).
    """
    return actor.may(Permission.ORDER_TAKE, company=company, desk=desk)


def may_read_note(actor: Actor, *, company: int) -> bool:
    """Who may not read a remark whole does not write over it either: they would lose what they do not see."""
    kept = actor.data_scope(company=company)
    return "memo" not in kept.masked | kept.hidden


def may_keep_stores(actor: Actor, *, company: int) -> bool:
    """The company says which stores it has, and what can be had there when."""
    return actor.may(Permission.SHOP, company=company)
