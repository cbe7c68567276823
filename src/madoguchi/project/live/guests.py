"""Who is connected without being signed in: the visitor of a chat."""

from madoguchi.companies.models import EntryPoint
from madoguchi.infra import scope
from madoguchi.kernel.errors import NotFound
from madoguchi.portal.chat.passes import open_pass
from madoguchi.portal.chat.talk import case_of, require_open


def case_behind(signed: str) -> int | None:
    """The case in which whoever holds this pass talks; None for no good pass, and before their first word."""
    try:
        visitor = open_pass(signed)
    except NotFound:
        return None
    with scope.everywhere(reason="a pass names its entry point, and only that one's company is looked at"):
        company = (
            EntryPoint.objects.filter(pk=visitor.entry_point).values_list("company_id", flat=True).first()
        )
    if company is None:
        return None
    with scope.acting_for([company]):
        try:
            require_open(visitor, company=company)
        except NotFound:
            return None
        case = case_of(visitor, company=company)
    return case.pk if case else None
