"""Who may sell, and who may say what is sold. Pure: no query, no clock."""

from madoguchi.kernel.actor import Actor, Permission


def may_take_orders(actor: Actor, *, company: int, desk: int | None) -> bool:
    """People who answer at the desk take orders there. A company reads them and directs nobody by them (37号告示)."""
    return actor.may(Permission.ORDER_TAKE, company=company, desk=desk)


def may_keep_shop(actor: Actor, *, company: int) -> bool:
    """The company says what it sells, at which price and on which terms."""
    return actor.may(Permission.SHOP, company=company)


def may_agree_to_refunds(actor: Actor, *, company: int, desk: int | None) -> bool:
    """Who leads the desk decides on money over the company's limit: two colleagues are not enough for it."""
    return actor.may(Permission.CASE_APPROVE, company=company, desk=desk)
