"""A demand as it is typed: whose data by anything that tells the person, and what of it."""

from datetime import date

from django.utils.translation import gettext as _

from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused
from madoguchi.rights import policies
from madoguchi.rights.actions import Asked, ask
from madoguchi.rights.models import Request
from madoguchi.rights.queries import person_named


def demand(
    *, company: int, who: str, kind: str, asker: str, words: str = "", due_on: date | None = None, by: Actor
) -> Request:
    """Write a demand down. Raises NotAllowed, and Refused where nobody or more than one is meant, or as `ask` does."""
    if not policies.may_see_to(by, company=company):
        raise NotAllowed(Permission.RIGHTS)
    try:
        customer = person_named(who, company=company)
    except NotFound as error:
        said = _("Nobody of this company is called so, or several are. Give the number of a case of theirs.")
        raise Refused(said, field="who") from error
    return ask(customer, Asked(kind=kind, asker=asker, words=words, due_on=due_on), by=by)
