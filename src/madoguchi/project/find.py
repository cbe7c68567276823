"""Finding cases across whatever is in scope, for the command line."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from madoguchi.cases.models import Case, Message
from madoguchi.customers.models import Identity
from madoguchi.kernel.case_number import read_case_number


def find_cases(query: str, *, desks: Sequence[int]) -> QuerySet[Case]:
    """Cases of these desks that a query names: by number, by address, or by words in subject, name or text."""
    cases = Case.objects.filter(desk_id__in=desks)
    number = read_case_number(query)
    if number:
        return cases.filter(company__prefix=number.prefix, number=number.count)
    for word in query.split():
        said = Message.objects.filter(text__icontains=word).values("case_id")
        known = Identity.objects.filter(value__icontains=word).values("customer_id")
        named = Q(customer__name__icontains=word) | Q(customer__kana__icontains=word)
        cases = cases.filter(Q(subject__icontains=word) | named | Q(pk__in=said) | Q(customer_id__in=known))
    return cases
