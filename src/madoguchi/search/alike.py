"""Customers whose record says the same as some words: however they are written, and nothing beside them.

A document of a customer has parts: the name and former names, the postal address and its folded form, a member number
and the digits it ends with. Each of them counts.
"""

from collections.abc import Iterable

from madoguchi.infra.prepared import fetch_all, fetch_one
from madoguchi.kernel.folding import SEPARATOR, fold
from madoguchi.search.keys import SEGMENT_BITS, codes_wanted

# Words that thousands of messages hold are looked for in the newest of those only: whoever bears a name of many is
# nobody's likely double.
_MOST_CANDIDATES = 5_000
_TOP = "SELECT coalesce(max(id), 0) FROM search_document"
_CALLED = """
    SELECT DISTINCT d.customer_id
    FROM (SELECT id FROM search_candidates(%s, 0, %s) AS id LIMIT %s) AS candidate
        JOIN search_document AS d ON d.id = candidate.id
    WHERE d.kind = 'customer' AND d.field IN ('name', 'kana', 'address', 'member') AND d.company_id = %s
        AND string_to_array(d.text, %s) && %s::text[]
    ORDER BY d.customer_id DESC LIMIT %s
"""


def customers_called(words: Iterable[str], *, company: int, most: int) -> list[int]:
    """Ids of customers of the company whose name, former name, reading, postal address or member number is one
    of these, the newest first.

    What was entered a moment ago may not be indexed yet. Two queries.
    """
    folded = sorted({form for word in words if (form := fold(word))})
    if not folded:
        return []
    row = fetch_one(_TOP, [])
    newest = row[0] >> SEGMENT_BITS if row else 0
    spellings = [f"{{{','.join(map(str, codes_wanted([form])))}}}" for form in folded]
    rows = fetch_all(_CALLED, [newest, spellings, _MOST_CANDIDATES, company, SEPARATOR, folded, most])
    return [customer for (customer,) in rows]
