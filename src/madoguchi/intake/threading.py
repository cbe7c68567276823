"""Which case an arrival belongs to: the clues of its channel in their order, the first that holds."""

from madoguchi.infra.prepared import fetch_all
from madoguchi.kernel.case_number import read_case_number
from madoguchi.kernel.channel import Inbound

# One question for all clues. A number can be guessed, so it counts only for the case's own customer.
_FIND = """
    SELECT 'token', reply_token, id FROM cases_case
        WHERE company_id = %(company)s AND reply_token = ANY(%(token)s::text[])
    UNION ALL
    SELECT 'message_id', external_id, min(case_id) FROM cases_message
        WHERE company_id = %(company)s AND external_id = ANY(%(message_id)s::text[]) GROUP BY external_id
    UNION ALL
    SELECT 'case_number', prefix || '-' || number, cases_case.id FROM cases_case
        JOIN companies_company ON companies_company.id = company_id
        WHERE company_id = %(company)s AND number = ANY(%(numbers)s::bigint[]) AND customer_id = %(customer)s
"""


def case_of(inbound: Inbound, *, company: int, customer: int) -> int | None:
    """The id of the case an arrival continues; None when it begins a new one."""
    if not inbound.clues:
        return None
    found = _found(inbound, company, customer)
    known = ((clue.kind, clue.value) for clue in inbound.clues)
    return next((found[clue] for clue in known if clue in found), None)


def _found(inbound: Inbound, company: int, customer: int) -> dict[tuple[str, str], int]:
    wanted = {kind: [c.value for c in inbound.clues if c.kind == kind] for kind in ("token", "message_id")}
    numbers = [read_case_number(c.value) for c in inbound.clues if c.kind == "case_number"]
    values = wanted | {"company": company, "customer": customer, "numbers": [n.count for n in numbers if n]}
    return {(kind, value): case for kind, value, case in fetch_all(_FIND, values)}
