"""Signatures that nothing announces: the last lines of a message that its writer's earlier ones have as well."""

from dataclasses import replace

from madoguchi.infra.prepared import fetch_all
from madoguchi.kernel.channel import Inbound
from madoguchi.kernel.pieces import has_block, newly_written, signed

_ENOUGH = 2
# Of this address, in the customer's newest cases; so many rows by an index, whatever is there.
_EARLIER = """
    SELECT DISTINCT earlier.text
    FROM (
        SELECT id FROM cases_case WHERE company_id = %(company)s AND customer_id = %(customer)s
        ORDER BY opened_at DESC LIMIT 5
    ) AS matter CROSS JOIN LATERAL (
        SELECT author, sender_address, automatic, left(text, 20000) AS text FROM cases_message
        WHERE case_id = matter.id ORDER BY at DESC LIMIT 10
    ) AS earlier
    WHERE author = 'customer' AND automatic = '' AND lower(sender_address) = %(sender)s
"""


def signed_by_repetition(inbound: Inbound, *, company: int, customer: int) -> Inbound:
    """The message with its last lines as a signature, if at least two different earlier ones have them."""
    if not inbound.may_sign or inbound.automatic:
        return inbound
    values = {"company": company, "customer": customer, "sender": inbound.sender.address[:254].lower()}
    earlier = (text for (text,) in fetch_all(_EARLIER, values))
    if sum(has_block(text, inbound.may_sign) for text in earlier if text != inbound.text) < _ENOUGH:
        return inbound
    pieces = signed(inbound.pieces, inbound.may_sign)
    return replace(inbound, pieces=pieces, new_text=newly_written(pieces))
