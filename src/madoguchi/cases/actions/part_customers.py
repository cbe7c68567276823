"""Customers who were joined are two again, with what came for each since."""

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.cases.models import Case, Contact, Merge, Message
from madoguchi.customers.actions import part_customers as part_records
from madoguchi.customers.models import Join
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.identity import IdentityKind, canonical

_CASES, _CONTACTS = "cases.Case.customer", "cases.Contact.customer"


@transaction.atomic
def part_customers(join: Join, *, by: Actor) -> None:
    """Make two records of them again. Cases that began since and in which nobody but the one who goes has written go
    along. Raises NotAllowed, or Refused while cases of both are one.
    """
    if join.undone_at is None:
        _require_no_mixed_case(join)
    came = _came_since(join)
    contacts = Contact.objects.filter(case__in=came).values_list("pk", flat=True)
    part_records(join, more={_CASES: came, _CONTACTS: list(contacts)}, by=by)


def _require_no_mixed_case(join: Join) -> None:
    went = set(join.moved[_CASES])
    merges = Merge.objects.filter(case__customer=join.into_id, at__gte=join.at, undone_at=None)
    for merge in merges.select_related("case__company", "into"):
        if (merge.case_id in went) != (merge.into_id in went):
            number = merge.case.spoken_number(merge.case.company.prefix)
            words = _("%(number)s went on in a case of the other person. Undo that merge first.")
            raise Refused(words % {"number": number})


def _came_since(join: Join) -> list[int]:
    """Cases that began after the join and in which only addresses wrote that go back."""
    theirs = {value for kind, value in join.moved["addresses"] if kind == IdentityKind.EMAIL}
    wrote: dict[int, set[str]] = {}
    began = Case.objects.filter(customer=join.into_id, opened_at__gte=join.at)
    said = Message.objects.filter(case__in=began, author=Message.Author.CUSTOMER)
    for case, address in said.values_list("case_id", "sender_address"):
        wrote.setdefault(case, set()).add(canonical(IdentityKind.EMAIL, address)[:254])
    return sorted(case for case, addresses in wrote.items() if addresses <= theirs)
