"""Who writes down and closes complaints. Pure."""

from madoguchi.cases import policies
from madoguchi.cases.models import Case
from madoguchi.kernel.actor import Actor


def may_work(actor: Actor, case: Case) -> bool:
    """Whoever works the case, where it goes on; the company reads it."""
    return case.continued_in_id is None and policies.may_update(actor, case)
