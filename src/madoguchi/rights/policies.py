"""Who sees to what customers demand of their data. Pure: no query, no clock."""

from madoguchi.kernel.actor import Actor, Permission


def may_see_to(actor: Actor, *, company: int) -> bool:
    """Whether the actor may: the company's manager or an administrator (it is the company's duty, not its vendor's),
    and nobody to whom anything of a customer is masked, for all of it stands in what is made.
    """
    unseen = actor.data_scope(company=company)
    return not (unseen.masked | unseen.hidden) and actor.may(Permission.RIGHTS, company=company)
